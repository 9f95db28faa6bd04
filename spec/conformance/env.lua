--- env: shows room.env, room.id and room.name.

local party = require "partylua"

local Env = {}

local function looks_like(internal_id)
  if type(internal_id) ~= "string" then return type(internal_id) end
  if #internal_id == 64 and not internal_id:find "[^0-9a-f]" then return "64 hex digits" end
  return "string"
end

function Env:onRequest()
  local room = self.room
  return party.Response.json {
    env = room.env,
    id = room.id,
    name = room.name,
    internalIDLooksLike = looks_like(room.internalID),
    internalIDDiffersFromId = room.internalID ~= room.id,
  }
end

return Env
