--- failure: what is told to the person at the command line: a message, and perhaps a hint.
---
--- Raised as an error, it is printed as it stands; any other error is a fault of the program.

local failure = {}

---@class partylua.Failure
---@field message string    may hold further lines: the source line and a caret
---@field hint? string      what to do about it
---@field code? string      of docs/errors.md, such as "P012"
---@field what? string      the message without its place
---@field place? partylua.Place    what it points at
---@field is_warning? boolean    it is worth saying, and stops nothing
local Failure = {}
Failure.__index = Failure

function Failure:__tostring()
  if not self.hint then return self.message end
  return ("%s\n  hint: %s"):format(self.message, self.hint)
end

---@param message string
---@param hint? string
---@param code? string
---@return partylua.Failure
function failure.new(message, hint, code)
  return setmetatable({ message = message, hint = hint, code = code }, Failure)
end

---@param message string
---@param hint? string
---@param code? string
function failure.raise(message, hint, code)
  error(failure.new(message, hint, code), 0)
end

--- What is done with a failure where the next one can be looked for: by default it is raised.
---@param found partylua.Failure
function failure.throw(found)
  error(found, 0)
end

--- Calls `fn`; a failure that it raises is reported, and nothing returned. Other errors pass.
---@param report fun(found: partylua.Failure)
---@param fn function
---@return any
function failure.guard(report, fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  if not failure.is(result) then error(result, 0) end
  report(result)
  return nil
end

--- Whether an error value is meant for the person at the command line.
---@param value any
---@return boolean
function failure.is(value)
  return type(value) == "table" and type(value.message) == "string"
end

return failure
