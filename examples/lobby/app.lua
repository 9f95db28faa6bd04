--- lobby, the rooms: people wave at each other, and each room tells the lobby how many are here.

local party = require "partylua"

local json, Response = party.json, party.Response

-- Told now and then even if nothing has changed: a lobby that was empty for a while has left
-- memory and begins with an empty list.
local REPORT_SECONDS = 10

---@class Room : party.Server
---@field is_reporting boolean    whether a report is on its way
---@field is_outdated boolean    whether what it says has changed since it left
local Room = {}

--- Runs before there is a room. An address that the lobby would not list leads nowhere: a room
--- that a stranger names is shown to everybody.
function Room:onBeforeConnect(_, lobby)
  if #lobby.id > 40 or not lobby.id:find "^[%w_-]+$" then
    return Response("a room's name is 1 to 40 letters, digits, _ or -\n", { status = 404 })
  end
end

function Room:onStart()
  self.is_reporting, self.is_outdated = false, false
  local seconds = tonumber(self.room.env.REPORT_SECONDS) or REPORT_SECONDS
  party.every(seconds, function() self:report() end)
end

function Room:onConnect()
  self:tell_count()
end

function Room:onClose()
  self:tell_count()
end

--- There is one thing to say here.
function Room:onMessage(message, sender)
  if message == "wave" then
    self.room:broadcast(json.encode { type = "wave" }, { sender.id })
  else
    sender:send(json.encode { type = "error", message = 'say "wave"' })
  end
end

function Room:count()
  local count = 0
  for _ in self.room:getConnections() do count = count + 1 end
  return count
end

--- Tells everybody here at once, and the lobby beside that: who connects should not wait for it.
function Room:tell_count()
  self.room:broadcast(json.encode { type = "people", people = self:count() })
  party.spawn(self.report, self)
end

--- Tells the lobby, one report at a time. While one is on its way others only note that it is
--- outdated; were there several, an old count could arrive after a new one.
function Room:report()
  self.is_outdated = true
  if self.is_reporting then return end
  self.is_reporting = true
  while self.is_outdated do
    self.is_outdated = false
    self:send_report()
  end
  self.is_reporting = false
end

--- A stub goes straight to the lobby's room, wherever it is. Fetching waits for the answer; an
--- answer like 500 is no Lua error, so it has to be looked at.
function Room:send_report()
  local lobby = self.room.context.parties.lobby:get "main"
  local is_answered, answer = pcall(lobby.fetch, lobby, "/rooms", {
    method = "POST",
    body = json.encode { room = self.room.id, people = self:count() },
  })
  if not is_answered or not answer.ok then
    party.log.warn("the lobby took no report", {
      why = is_answered and answer:text() or tostring(answer),
    })
  end
end

return Room
