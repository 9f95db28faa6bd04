--- lobby, the lobby: a list of the rooms and how many people are in each, shown live to whoever
--- watches. There is one, the room "main" of the party "lobby".

local party = require "partylua"

local json, Response = party.json, party.Response

-- Rooms report every ten seconds. One that has been silent for three times that is gone.
local SILENT_SECONDS = 30
local ROOMS_LISTED_MAX = 200

---@class Lobby : party.Server
---@field rooms table<string, { people: integer, heard: number }>    by room id
local Lobby = {}

--- Requests from outside come by here, those of a room's stub do not. So whatever is not for
--- reading is known to be sent by our own rooms.
function Lobby:onBeforeRequest(request)
  if request.method ~= "GET" then
    return Response("only rooms may report\n", { status = 403 })
  end
end

function Lobby:onStart()
  self.rooms = {}
  party.every(SILENT_SECONDS, function() self:forget_silent() end)
end

function Lobby:onConnect(conn)
  conn:send(self:list())
end

--- Watchers have nothing to say, and what they send has no effect.
function Lobby:onMessage() end

function Lobby:onRequest(request)
  if request.method == "POST" then return self:take_report(request:json()) end
  return Response(self:list(), { headers = { ["content-type"] = "application/json" } })
end

function Lobby:take_report(report)
  local known = self.rooms[report.room]
  local before = known and known.people or 0
  self.rooms[report.room] = report.people > 0
    and { people = report.people, heard = party.now() } or nil
  if report.people ~= before then self.room:broadcast(self:list()) end
  return Response(nil, { status = 204 })
end

function Lobby:forget_silent()
  local is_changed = false
  for id, known in pairs(self.rooms) do
    if party.now() - known.heard > SILENT_SECONDS * 1000 then
      self.rooms[id] = nil
      is_changed = true
    end
  end
  if is_changed then self.room:broadcast(self:list()) end
end

--- The fullest rooms first, as the message that everybody gets.
function Lobby:list()
  local rooms = json.array {}
  for id, known in pairs(self.rooms) do
    table.insert(rooms, { room = id, people = known.people })
  end
  table.sort(rooms, function(a, b)
    if a.people ~= b.people then return a.people > b.people end
    return a.room < b.room
  end)
  for i = #rooms, ROOMS_LISTED_MAX + 1, -1 do rooms[i] = nil end
  return json.encode { type = "rooms", rooms = rooms }
end

return Lobby
