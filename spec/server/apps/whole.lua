-- app.lua: the whole Party API in one room
local party = require "partylua"
local json, Response = party.json, party.Response

---@class Chat : party.Server
local Chat = {}

Chat.options = { hibernate = true }

-- Before a room: self is the class ------------------------------------------

function Chat:onBeforeConnect(req, lobby, ctx)
  local user = party.jwt.verify(req.query.token, lobby.env.JWT_SECRET)
  if not user then return Response("Unauthorized", { status = 401 }) end
  req.headers:set("x-user", user.sub)
  return req
end

function Chat:onBeforeRequest(req, lobby, ctx)
  if req.headers:get "x-api-key" ~= lobby.env.API_KEY then
    return Response("Forbidden", { status = 403 })
  end
  return req
end

function Chat:onFetch(req, lobby, ctx)
  if req.path == "/stats" then
    return lobby.parties.main:get("lobby"):fetch("/count")
  end
end -- nil: the server answers 404

function Chat:onSocket(socket, lobby, ctx)
  socket:send("you asked for " .. socket.request.path)
  socket:close(1000, "bye")
end

function Chat:onCron(cron, lobby, ctx)
  party.log.info("cron", { name = cron.name, at = cron.scheduledTime })
  ctx:waitUntil(function()
    lobby.parties.main:get("lobby"):fetch("/prune", { method = "POST", body = "{}" })
  end)
end

-- In a room: self is this room's server --------------------------------------

function Chat:onStart()
  self.log = self.room.storage:get "log" or json.array {}
end

function Chat:getConnectionTags(conn, ctx)
  return { ctx.request.cf.country or "unknown" }
end

function Chat:onConnect(conn, ctx)
  conn:setState { name = ctx.request.headers:get "x-user" }
  conn:send(json.encode { type = "history", log = self.log })
  self.room:broadcast(json.encode { type = "join", id = conn.id }, { conn.id })
end

function Chat:onMessage(message, sender, isBinary)
  if isBinary then return self.room:broadcast(party.binary(message), { sender.id }) end
  local text = json.decode(message).text
  self.log[#self.log + 1] = { from = sender.state.name, text = text }
  self.room.storage:put("log", self.log)
  self.room:broadcast(json.encode { type = "chat", from = sender.state.name, text = text })
  if not self.room.storage:getAlarm() then
    self.room.storage:setAlarm(party.now() + 60000)
  end
  if text:sub(1, 5) == "/ask " then self:answer(sender, text:sub(6)) end
end

function Chat:onClose(conn, code, reason)
  self.room:broadcast(json.encode { type = "leave", id = conn.id })
end

function Chat:onError(conn, err)
  party.log.warn("connection failed", { id = conn.id, err = tostring(err) })
end

function Chat:onAlarm() -- room.id and room.context.parties raise an error here, as in PartyKit
  self.log = json.array {}
  self.room.storage:put("log", self.log)
  for british in self.room:getConnections "GB" do british:send "Pip-pip!" end
end

function Chat:onRequest(req)
  if req.method == "POST" then
    local body = req:json()
    self.room.storage:transaction(function(txn)
      txn:put { topic = body.topic, edited = party.now() }
    end)
    return Response.json { ok = true }
  end
  local n = 0
  for _ in self.room:getConnections() do n = n + 1 end
  return Response.json({ room = self.room.id, people = n }, { status = 200 })
end

-- AI and Vectorize -------------------------------------------------------------

function Chat:answer(conn, question)
  local ai, docs = self.room.context.ai, self.room.context.vectorize.docs
  local embedding = ai:run("@cf/baai/bge-small-en-v1.5", { text = { question } })
  local hits = docs:query(embedding.data[1], {
    topK = 3,
    namespace = self.room.id,
    returnMetadata = "all",
    filter = { language = "en", draft = { ["$ne"] = true } },
  })
  local sources = {}
  for i, match in ipairs(hits.matches) do sources[i] = match.metadata.text end
  local answer = ai:run("@cf/meta/llama-3.1-8b-instruct", {
    stream = true,
    messages = {
      { role = "system", content = "Answer from: " .. table.concat(sources, "\n") },
      { role = "user", content = question },
    },
  })
  for chunk in answer do conn:send(json.encode { type = "token", text = chunk.response }) end
end

return Chat
