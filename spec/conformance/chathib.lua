--- chathib: the chat party with hibernation switched on.

local Chat = require "chat"

local ChatHib = setmetatable({}, { __index = Chat })

ChatHib.options = { hibernate = true }

return ChatHib
