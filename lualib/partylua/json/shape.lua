--- Shape: which tables are JSON arrays and which are objects.
---
--- Keys that are exactly 1 to n make an array, names make an object, an empty table is `{}`.
--- Where that leaves room for doubt a table carries a mark, a metatable and nothing more: an
--- empty array, an array with holes, an object with numbers for names.

local limits = require "partylua.json.limits"

local floor, format = math.floor, string.format
local getmetatable, rawget, setmetatable, type = getmetatable, rawget, setmetatable, type

local EXACT_MAX = 2 ^ 53

local shape = {}

shape.Array = { __name = "json.array" }
shape.Object = { __name = "json.object" }

local Array, Object = shape.Array, shape.Object

local function set_mark(node, metatable)
  if node == nil then node = {} end
  if type(node) ~= "table" then
    error(metatable.__name .. " expects a table, got " .. type(node), 3)
  end
  local present = getmetatable(node)
  if present ~= nil and present ~= Array and present ~= Object then
    error(metatable.__name .. " expects a plain table, this one has a metatable", 3)
  end
  return setmetatable(node, metatable)
end

--- Marks a table as an array and returns it; without an argument, a new one. Holes in it are
--- written as null.
---@generic T: table
---@param list? T
---@return T
function shape.array(list)
  local marked = set_mark(list, Array)
  return marked
end

--- Marks a table as an object and returns it; without an argument, a new one. Its numbers
--- become names, as in JavaScript: `json.object { [7] = "x" }` is `{"7":"x"}`.
---@generic T: table
---@param fields? T
---@return T
function shape.object(fields)
  local marked = set_mark(fields, Object)
  return marked
end

local function plain_length(list)
  local count = 0
  for _ in next, list do count = count + 1 end
  for i = 1, count do
    if rawget(list, i) == nil then return nil end
  end
  return count
end

local function marked_length(list)
  local count, length = 0, 0
  for key in next, list do
    if type(key) ~= "number" or key < 1 or key ~= floor(key) then return nil end
    count = count + 1
    if key > length then length = key end
  end
  if length - count > limits.HOLES_MAX then return nil end
  return length
end

--- How many items a table has as an array; nil when it cannot be written as one.
---@param list table
---@return integer?
function shape.length(list)
  if getmetatable(list) == Array then return marked_length(list) end
  return plain_length(list)
end

--- The name that a key has in an object; nil when it cannot be one.
---@param fields table
---@param key any
---@return string?
function shape.name(fields, key)
  if type(key) == "string" then return key end
  if type(key) ~= "number" or getmetatable(fields) ~= Object then return nil end
  if key ~= floor(key) or key > EXACT_MAX or key < -EXACT_MAX then return nil end
  local name = format("%d", key)
  if rawget(fields, name) ~= nil then return nil end -- the name would be there twice
  return name
end

--- Is this table written as an array, or at least tried as one?
---@param node table
---@return boolean
function shape.is_list(node)
  local metatable = getmetatable(node)
  return metatable == Array or (metatable ~= Object and rawget(node, 1) ~= nil)
end

--- Does `json.encode` write this value as an array?
---@param value any
---@return boolean
function shape.isArray(value)
  return type(value) == "table" and shape.is_list(value) and shape.length(value) ~= nil
end

return shape
