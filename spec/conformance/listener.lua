--- listener: onConnect only, no onMessage, no onRequest.

local Listener = {}

function Listener:onConnect(connection)
  self.room:broadcast("joined " .. connection.id)
end

return Listener
