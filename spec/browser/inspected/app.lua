-- A room for looking at: it counts, fails when told to, and has an alarm.
local party = require "partylua"
local App = {}
App.options = { hibernate = true }

function App:getConnectionTags() return { "guest" } end

function App:onConnect(conn)
  conn:setState { name = "guest " .. conn.id }
end

function App:onMessage(message, conn)
  if message == "boom" then error "the room was told to fail" end
  if message == "alarm" then return self.room.storage:setAlarm(party.now() + 3600000) end
  if message == "total" then return conn:send("total " .. (self.room.storage:get "total" or 0)) end
  self.room.storage:put("total", (self.room.storage:get "total" or 0) + 1)
  self.room:broadcast(message)
end

function App:onAlarm()
  self.room:broadcast "the alarm has gone off"
end

function App:onRequest(request)
  return party.Response(request.method .. " " .. request.path .. " " .. request:text())
end

return App
