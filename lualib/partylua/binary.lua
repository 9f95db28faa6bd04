--- Binary data, told apart from text.
---
--- Lua has one type for both, so a plain string is text (and must be UTF-8 where it is sent),
--- and `party.binary(bytes)` marks a string as binary. The mark is for what goes out only:
--- what comes in is a plain string beside a flag.

local class = require "partylua.class"
local native = require "partylua.native"

---@class partylua.Binary
---@field bytes string
local Binary = class()

function Binary:init(bytes)
  if type(bytes) ~= "string" then
    error("party.binary expects a string of bytes, got " .. type(bytes), 4)
  end
  self.bytes = bytes
end

function Binary:__tostring()
  return ("binary: %d bytes"):format(#self.bytes)
end

local binary = { Binary = Binary }

--- Whether a value was made by `party.binary`.
---@param value any
---@return boolean
function binary.is(value)
  return getmetatable(value) == Binary
end

--- The bytes of a string or of binary data, and whether it was binary. Anything else raises.
---@param value string|partylua.Binary
---@param level? integer    whom an error blames, as in error(), counted from the caller; 2 if
---                         there is none
---@return string bytes
---@return boolean is_binary
function binary.unwrap(value, level)
  if type(value) == "string" then return value, false end
  if getmetatable(value) == Binary then return value.bytes, true end
  error("expected a string or party.binary(bytes), got " .. type(value), (level or 2) + 1)
end

--- The same for what a WebSocket sends, whose text must be UTF-8.
---@param value string|partylua.Binary
---@param level? integer
---@return string bytes
---@return boolean is_binary
function binary.check_message(value, level)
  local blamed = (level or 2) + 1
  local bytes, is_binary = binary.unwrap(value, blamed)
  if is_binary or native.utf8_valid(bytes) then return bytes, is_binary end
  error("a text message must be valid UTF-8; send bytes as party.binary(bytes)", blamed)
end

return setmetatable(binary, {
  __call = function(_, bytes)
    local made = Binary(bytes) -- no tail call: the level in init counts this frame
    return made
  end,
})
