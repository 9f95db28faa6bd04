--- Marks: how a table says whether it is a JSON array or a JSON object.
---
--- A mark is a metatable and nothing more, so a marked table is used like any other. Tables
--- need one only where their keys leave room for doubt: when they are empty, when they have
--- holes, or when numbers are used as names.

local getmetatable, rawget, type = getmetatable, rawget, type

local mark = {}

mark.Array = { __name = "json.array" }
mark.Object = { __name = "json.object" }

local function set(table_or_nil, metatable, name, level)
  local marked = table_or_nil == nil and {} or table_or_nil
  if type(marked) ~= "table" then
    error(name .. " expects a table, got " .. type(marked), level + 1)
  end
  local present = getmetatable(marked)
  if present ~= nil and present ~= mark.Array and present ~= mark.Object then
    error(name .. " expects a plain table, this one has a metatable", level + 1)
  end
  return setmetatable(marked, metatable)
end

--- Marks a table as an array and returns it. Without an argument, a new one.
---@generic T: table
---@param list? T
---@return T
function mark.array(list)
  return (set(list, mark.Array, "json.array", 2))
end

--- Marks a table as an object and returns it. Without an argument, a new one.
---@generic T: table
---@param fields? T
---@return T
function mark.object(fields)
  return (set(fields, mark.Object, "json.object", 2))
end

--- Would `json.encode` write this table as an array? So: it is marked as one, or it is not
--- marked at all and its keys are exactly 1 to n, at least one.
---@param value any
---@return boolean
function mark.isArray(value)
  if type(value) ~= "table" then return false end
  local metatable = getmetatable(value)
  if metatable == mark.Array then return true end
  if metatable == mark.Object or rawget(value, 1) == nil then return false end
  local count = 0
  for _ in next, value do count = count + 1 end
  for i = 1, count do
    if rawget(value, i) == nil then return false end
  end
  return true
end

return mark
