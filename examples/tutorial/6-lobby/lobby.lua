-- lobby.lua
local party = require "partylua"

local json, Response = party.json, party.Response

local Lobby = {}

-- What comes from outside passes here; what our own rooms send does not.
function Lobby:onBeforeRequest()
  return Response("only rooms may report", { status = 403 })
end

function Lobby:onStart()
  self.rooms = {}
end

function Lobby:onConnect(conn)
  conn:send(self:list())
end

function Lobby:onMessage() end -- who watches has nothing to say

function Lobby:onRequest(request)
  local report = request:json()
  local people = report.people > 0 and report.people or nil
  if self.rooms[report.room] ~= people then
    self.rooms[report.room] = people
    self.room:broadcast(self:list())
  end
  return Response "thank you"
end

function Lobby:list()
  local rooms = json.array {} -- [] in JSON, also when it is empty
  for id, people in pairs(self.rooms) do
    table.insert(rooms, { room = id, people = people })
  end
  table.sort(rooms, function(a, b) return a.room < b.room end)
  return json.encode { rooms = rooms }
end

return Lobby
