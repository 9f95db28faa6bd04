-- app.lua
local party = require "partylua"

local json, Response = party.json, party.Response

local MESSAGES_MAX = 20
local NAME_BYTES_MAX, TEXT_BYTES_MAX = 40, 500

local Room = {}

function Room:onBeforeConnect(request, lobby)
  if #lobby.id > 40 or lobby.id:find "[^%w_-]" then
    return Response("a room's name is 1 to 40 letters, digits, _ or -", { status = 404 })
  end
  local name = request.query.name or "Somebody"
  if name == "" or #name > NAME_BYTES_MAX then
    return Response("a name has 1 to 40 bytes", { status = 400 })
  end
end

function Room:onStart()
  party.every(10, function() self:report() end)
end

function Room:getConnectionTags(_, ctx)
  return { ctx.request.query.role == "host" and "host" or "guest" }
end

function Room:onConnect(conn, ctx)
  conn:setState { name = ctx.request.query.name or "Somebody" }
  for _, message in ipairs(self.room.storage:get "messages" or {}) do
    conn:send(json.encode(message))
  end
  self:tell_hosts(conn.state.name .. " came")
  party.spawn(self.report, self)
end

-- The text in what somebody has sent; nil if it is anything else.
local function read_text(data)
  local sent = json.tryDecode(data)
  local text = type(sent) == "table" and sent.text
  local is_right = type(text) == "string" and text ~= "" and #text <= TEXT_BYTES_MAX
  return is_right and text or nil
end

function Room:onMessage(data, sender)
  local text = read_text(data)
  if not text then
    return sender:send(json.encode { from = "room", text = "say 1 to 500 bytes of text" })
  end
  local message = { from = sender.state.name, text = text }
  self:remember(message)
  self.room:broadcast(json.encode(message))
end

function Room:onClose(conn)
  self:tell_hosts(conn.state.name .. " left")
  party.spawn(self.report, self)
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

function Room:report()
  local people = 0
  for _ in self.room:getConnections() do people = people + 1 end
  self.room.context.parties.lobby:get("main"):fetch("/", {
    method = "POST",
    body = json.encode { room = self.room.id, people = people },
  })
end

return Room
