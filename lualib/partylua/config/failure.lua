--- failure: what is told to the person at the command line: a message, and perhaps a hint.
---
--- Raised as an error, it is printed as it stands; any other error is a fault of the program.

local failure = {}

---@class partylua.Failure
---@field message string    may hold further lines: the source line and a caret
---@field hint? string      what to do about it
local Failure = {}
Failure.__index = Failure

function Failure:__tostring()
  if not self.hint then return self.message end
  return ("%s\n  hint: %s"):format(self.message, self.hint)
end

---@param message string
---@param hint? string
---@return partylua.Failure
function failure.new(message, hint)
  return setmetatable({ message = message, hint = hint }, Failure)
end

---@param message string
---@param hint? string
function failure.raise(message, hint)
  error(failure.new(message, hint), 0)
end

--- Whether an error value is meant for the person at the command line.
---@param value any
---@return boolean
function failure.is(value)
  return type(value) == "table" and type(value.message) == "string"
end

return failure
