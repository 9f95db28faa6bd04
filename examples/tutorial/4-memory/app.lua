-- app.lua
local json = require("partylua").json

local MESSAGES_MAX = 20

local Room = {}

function Room:getConnectionTags(_, ctx)
  return { ctx.request.query.role == "host" and "host" or "guest" }
end

function Room:onConnect(conn, ctx)
  conn:setState { name = ctx.request.query.name or "Somebody" }
  for _, message in ipairs(self.room.storage:get "messages" or {}) do
    conn:send(json.encode(message))
  end
  self:tell_hosts(conn.state.name .. " came")
end

function Room:onMessage(data, sender)
  local message = { from = sender.state.name, text = json.decode(data).text }
  self:remember(message)
  self.room:broadcast(json.encode(message))
end

function Room:onClose(conn)
  self:tell_hosts(conn.state.name .. " left")
end

function Room:remember(message)
  local messages = self.room.storage:get "messages" or {}
  table.insert(messages, message)
  if #messages > MESSAGES_MAX then table.remove(messages, 1) end
  self.room.storage:put("messages", messages)
end

function Room:tell_hosts(text)
  for host in self.room:getConnections "host" do
    host:send(json.encode { from = "room", text = text })
  end
end

return Room
