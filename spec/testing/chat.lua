--- The room of the first example of docs/testing.md.

local party = require "partylua"

local DIGEST_SECONDS = 60

local Chat = { options = { hibernate = true } }

function Chat:onBeforeConnect(request)
  if request.headers:get "token" == "bad" then return party.Response("no", { status = 401 }) end
  return request
end

function Chat:getConnectionTags(_, ctx)
  return ctx.request.query.role and { ctx.request.query.role } or {}
end

function Chat:onConnect(conn)
  local log = self.room.storage:get "log" or {}
  conn:send(party.json.encode { type = "history", n = #log })
end

function Chat:onMessage(text, conn)
  if text == "boom" then error "boom" end
  local log = self.room.storage:get "log" or {}
  log[#log + 1] = text
  self.room.storage:put("log", log)
  if not self.room.storage:getAlarm() then
    self.room.storage:setAlarm(party.now() + DIGEST_SECONDS * 1000)
  end
  local message = party.json.encode { type = "chat", from = conn.id, text = text }
  self.room:broadcast(message, { conn.id })
end

function Chat:onRequest()
  return party.Response(tostring(#(self.room.storage:get "log" or {})))
end

function Chat:onAlarm()
  local log = self.room.storage:get "log" or {}
  for mod in self.room:getConnections "mod" do
    mod:send(party.json.encode { type = "digest", n = #log })
  end
end

return Chat
