-- app.lua
local party = require "partylua"

local Room = {}

function Room:onConnect(conn)
  conn:send("Welcome to " .. self.room.id)
end

function Room:onMessage(message, sender)
  sender:send("You said: " .. message)
end

function Room:onRequest()
  return party.Response("This is " .. self.room.id .. "\n")
end

return Room
