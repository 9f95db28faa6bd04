--- live_rooms: rooms in the memory of a server, among those that are stored.

local server = require "partylua.cli.server"

local live_rooms = {}

local function is_before(a, b)
  if a.party ~= b.party then return a.party < b.party end
  return a.id < b.id
end

--- The rooms in memory: by name, and those that have stored nothing, in order.
local function ask(running, store, party)
  local answer = running:ask("GET", server.path("/api/rooms", { party = party }))
  if not answer.whole then
    io.stderr:write(("partylua: warning: of the rooms in memory only %d are known here\n")
      :format(#answer.rooms))
  end
  local by_name, unstored = {}, {}
  for _, room in ipairs(answer.rooms) do
    local name = room.party .. "/" .. room.room
    by_name[name] = room
    if not store or not store:room(room.party, room.room) then
      unstored[#unstored + 1] = {
        party = room.party, id = room.room, room = {}, entries = 0, bytes = 0, live = room,
      }
    end
  end
  table.sort(unstored, is_before)
  return by_name, unstored
end

--- Rows of what is stored, with what the server knows of each, and rows for the others.
---@param running partylua.cli.Server
---@param store? partylua.native.Store
---@param party? string
---@param next_stored fun(): table?
---@return fun(): table?
function live_rooms.merge(running, store, party, next_stored)
  local by_name, unstored = ask(running, store, party)
  if store then store:refresh() end
  local at, stored = 1, next_stored()
  return function()
    local other = unstored[at]
    if other and stored and other.party == stored.party and other.id == stored.id then
      at = at + 1 -- it has stored something since it was asked for
      other = unstored[at]
    end
    if other and (not stored or is_before(other, stored)) then
      at = at + 1
      return other
    end
    local row = stored
    if not row then return nil end
    row.live = by_name[row.party .. "/" .. row.id]
    stored = next_stored()
    return row
  end
end

return live_rooms
