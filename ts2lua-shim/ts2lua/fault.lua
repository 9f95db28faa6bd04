--- fault: what the translator says about a source that it refuses: where, what, and what to do.

---@class ts2lua.Fault
---@field file string
---@field line integer
---@field column integer    counted in bytes, from 1
---@field message string
---@field hint? string
---@field path? string      of the file, where findings tell of several
---@field source? string    its text
---@field others? ts2lua.Fault[]    of a source that was refused: all of its faults, in order
local Fault = {}
Fault.__index = Fault

--- "server.ts:3:14: expected ')'"
function Fault:__tostring()
  return ("%s:%d:%d: %s"):format(self.file, self.line, self.column, self.message)
end

local fault = {}

---@param file string
---@param line integer
---@param column integer
---@param message string
---@param hint? string
---@return ts2lua.Fault
function fault.new(file, line, column, message, hint)
  return setmetatable(
    { file = file, line = line, column = column, message = message, hint = hint }, Fault)
end

---@param value any    what a pcall caught
function fault.is(value)
  return getmetatable(value) == Fault
end

--- A fault that points at byte `at` of `source`.
---@param source string
---@param file string
---@param at integer
---@param message string
---@param hint? string
---@return ts2lua.Fault
function fault.at(source, file, at, message, hint)
  local line, begins = 1, 1
  while true do
    local newline = source:find("\n", begins, true)
    if not newline or newline >= at then break end
    line, begins = line + 1, newline + 1
  end
  return fault.new(file, line, at - begins + 1, message, hint)
end

--- Raises such a fault.
function fault.raise(...)
  error(fault.at(...), 0)
end

--- Does fault `a` point at an earlier place of the file than `b`?
---@param a ts2lua.Fault
---@param b ts2lua.Fault
function fault.is_before(a, b)
  if a.line ~= b.line then return a.line < b.line end
  return a.column < b.column
end

--- Puts faults of one file in the order of their places.
---@param list ts2lua.Fault[]
function fault.sort(list)
  table.sort(list, fault.is_before)
end

return fault
