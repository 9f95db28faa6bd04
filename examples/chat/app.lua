--- chat: people in a room talk. Who comes later sees the last messages.

local party = require "partylua"
local protocol = require "protocol"

local json, Response = party.json, party.Response

local HISTORY_MAX = 50

---@class Chat : party.Server
---@field history table[]    the last messages, oldest first
---@field visits integer    how many connections there have been
local Chat = {}

--- The room's memory begins here and ends when the room has been empty for a while.
function Chat:onStart()
  self.history = json.array {} -- [] and not {} in JSON, also when it is empty
  self.visits = 0
end

--- People are known by a number. A connection's own id stays between us and its owner: whoever
--- connects with it takes the connection's place.
function Chat:onConnect(conn)
  self.visits = self.visits + 1
  conn:setState { number = self.visits }
  conn:send(json.encode {
    type = "welcome",
    you = self.visits,
    people = self:people(),
    messages = self.history,
  })
end

function Chat:onMessage(data, sender, isBinary)
  local message, why = protocol.read(data, isBinary)
  if not message then return self:refuse(sender, why) end
  self[message.type](self, message, sender) -- join, say or typing; protocol knows no others
end

function Chat:onClose(conn)
  if conn.state.name then self:tell { type = "left", id = conn.state.number } end
end

--- The room over HTTP: for a look with curl, or for a bot.
function Chat:onRequest(request)
  if request.method ~= "GET" then
    return Response("only GET\n", { status = 405, headers = { allow = "GET" } })
  end
  return Response.json { room = self.room.id, people = self:people(), messages = self.history }
end

-- What a page may ask for -----------------------------------------------------------------------

--- Gives the sender a name, or another one.
function Chat:join(message, sender)
  sender:setState { number = sender.state.number, name = message.name }
  self:tell { type = "joined", id = sender.state.number, name = message.name }
end

function Chat:say(message, sender)
  if not sender.state.name then return self:refuse(sender, "join first, with a name") end
  local said = {
    type = "message",
    id = party.uuid(),
    from = sender.state.number,
    name = sender.state.name,
    text = message.text,
    at = party.now(),
  }
  table.insert(self.history, said)
  if #self.history > HISTORY_MAX then table.remove(self.history, 1) end
  self:tell(said)
end

function Chat:typing(_, sender)
  if sender.state.name then
    self:tell({ type = "typing", id = sender.state.number }, { sender.id })
  end
end

-- Helpers ---------------------------------------------------------------------------------------

--- Those who have a name, in the order they came.
function Chat:people()
  local people = json.array {}
  for conn in self.room:getConnections() do
    local state = conn.state
    if state and state.name then table.insert(people, { id = state.number, name = state.name }) end
  end
  return people
end

--- Sends an event to everybody, but for the connections with the ids in `without`.
function Chat:tell(event, without)
  self.room:broadcast(json.encode(event), without)
end

function Chat:refuse(conn, why)
  conn:send(json.encode { type = "error", message = why })
end

return Chat
