--- messages: what messages.ts does, as a person writes it in Lua with lua-cjson.

local cjson = require "cjson"

local Messages = {}
Messages.__index = Messages

function Messages.new(room)
  return setmetatable({ room = room, seen = 0, positions = {} }, Messages)
end

function Messages:onMessage(message, sender)
  local data = cjson.decode(message)
  self.seen = self.seen + 1
  if data.type == "move" then
    self.positions[data.id] = { x = data.x, y = data.y, at = self.seen }
    self.room:broadcast(cjson.encode { type = "moved", id = data.id, x = data.x, y = data.y,
      keys = #data.keys }, { sender.id })
  elseif data.type == "chat" then
    data.text = data.text:match "^%s*(.-)%s*$"
    data.n = self.seen
    self.room:broadcast(cjson.encode(data))
  end
end

return Messages
