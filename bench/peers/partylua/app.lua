--- The job that every peer of the bench does: a room whose id begins with "echo-" sends each
--- message back to its sender, any other room sends it to all its members, the sender
--- included; a GET is answered with the room's name.

local party = require "partylua"

---@class bench.Room : party.Server
---@field echoes boolean
local Room = {}

function Room:onStart()
  self.echoes = self.room.id:sub(1, 5) == "echo-"
end

function Room:onMessage(message, sender, isBinary)
  local data = isBinary and party.binary(message) or message
  if self.echoes then
    sender:send(data)
  else
    self.room:broadcast(data)
  end
end

function Room:onRequest()
  return party.Response.json { hello = self.room.id }
end

return Room
