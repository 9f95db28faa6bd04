-- app.lua
local json = require("partylua").json

local Room = {}

function Room:onMessage(data)
  local sent = json.decode(data)
  self.room:broadcast(json.encode { from = "Somebody", text = sent.text })
end

return Room
