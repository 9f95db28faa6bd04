--- memory: clients without a network: what they do reaches the server's party at once.

local native = require "partylua.native"

--- How the clients of a spec reach the server: in memory, or over sockets.
---@class partylua.testing.Transport
local Memory = {}
Memory.__index = Memory

local memory = {}

---@return partylua.testing.Transport
function memory.new()
  return setmetatable({}, Memory)
end

---@class partylua.testing.RequestParts
---@field method string
---@field host string
---@field target string    path and query
---@field headers string[]    flat, names in lower case
---@field body? string
---@field is_websocket? boolean
---@field protocols? string    of the upgrade, as a header has them
---@field address string

--- Sends a request; gives the line on which the answer comes.
---@param parts partylua.testing.RequestParts
---@return partylua.native.Line?
function Memory:request(parts)
  return native.lab_request(parts)
end

--- Runs all that follows from what has happened.
function Memory:settle()
  native.lab_settle()
end

--- Lets time pass.
---@param ms number
function Memory:advance(ms)
  native.lab_advance(ms)
end

function Memory:close() end

return memory
