--- arrays: Array and the methods that change or copy arrays. Those that look for something or
--- call a function for each element are in array_search.lua.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local sort = require "ts2lua.runtime.sort"
local symbol = require "ts2lua.runtime.symbol"
local utf16 = require "ts2lua.runtime.utf16"

local floor = math.floor
local array, is_array, prototype = iterate.array, iterate.is_array, iterate.array_prototype
local rawset, select = rawset, select
local to_index, to_integer, to_text = convert.to_index, convert.to_integer, convert.to_text

local sparse = later "sparse"

local arrays = {}

local function check_length(length)
  if length < 0 or length ~= floor(length) or length > 4294967295 then
    raise.range_error "Invalid array length"
  end
  return length
end

-- At the ends.

function prototype.push(self, ...)
  local length, count = self.length, select("#", ...)
  if count == 1 then
    rawset(self, length, (...))
  else
    for i = 1, count do rawset(self, length + i - 1, (select(i, ...))) end
  end
  rawset(self, "length", length + count)
  return length + count
end

function prototype.pop(self)
  local length = self.length
  if length == 0 then return nil end
  local last = self[length - 1]
  self[length - 1] = nil
  rawset(self, "length", length - 1)
  return last
end

function prototype.shift(self)
  local length = self.length
  if length == 0 then return nil end
  local first = self[0]
  for i = 1, length - 1 do self[i - 1] = self[i] end
  self[length - 1] = nil
  rawset(self, "length", length - 1)
  return first
end

function prototype.unshift(self, ...)
  local length, count = self.length, select("#", ...)
  if count > 0 then
    for i = length - 1, 0, -1 do rawset(self, i + count, self[i]) end
    for i = 1, count do rawset(self, i - 1, (select(i, ...))) end
    rawset(self, "length", length + count)
  end
  return length + count
end

-- Parts.

function prototype.slice(self, first, last)
  local length = self.length
  first, last = to_index(first, length), to_index(last, length, length)
  local list, count = {}, 0
  for i = first, last - 1 do
    list[count] = self[i]
    count = count + 1
  end
  list.length = count
  return array(list)
end

--- Moves what stands behind a gap of `old` elements at `first`, so that it becomes `new` wide.
local function resize_gap(self, first, old, new)
  local length = self.length
  if new < old then
    for i = first + old, length - 1 do rawset(self, i - old + new, self[i]) end
    for i = length - old + new, length - 1 do self[i] = nil end
  elseif new > old then
    for i = length - 1, first + old, -1 do rawset(self, i - old + new, self[i]) end
  end
  rawset(self, "length", length - old + new)
end

function prototype.splice(self, ...)
  local given, length = select("#", ...), self.length
  local first, count = ...
  first = to_index(first, length)
  if given == 0 then
    count = 0
  elseif given == 1 then
    count = length - first
  else
    count = math.max(0, math.min(to_integer(count), length - first))
  end
  local removed = { length = count }
  for i = 0, count - 1 do removed[i] = self[first + i] end
  local added = math.max(0, given - 2)
  resize_gap(self, first, count, added)
  for i = 1, added do rawset(self, first + i - 1, (select(i + 2, ...))) end
  return array(removed)
end

function prototype.concat(self, ...)
  local list, count = {}, self.length
  for i = 0, count - 1 do list[i] = self[i] end
  for i = 1, select("#", ...) do
    local part = select(i, ...)
    if is_array(part) then
      if getmetatable(part).is_sparse then return sparse.concat(self, ...) end
      for k = 0, part.length - 1 do list[count + k] = part[k] end
      count = count + part.length
    else
      list[count] = part
      count = count + 1
    end
  end
  list.length = count
  return array(list)
end

local joining = {}

function prototype.join(self, separator)
  separator = separator == nil and "," or to_text(separator)
  -- An array within itself is an empty text.
  if joining[self] then return "" end
  joining[self] = true
  local parts = {}
  local ok, problem = pcall(function()
    for i = 0, self.length - 1 do
      local value = self[i]
      parts[i + 1] = (value == nil or value == null) and "" or to_text(value)
    end
  end)
  joining[self] = nil
  if not ok then error(problem, 0) end
  return utf16.mend(table.concat(parts, separator))
end

function prototype.toString(self) return prototype.join(self) end
function prototype.toLocaleString(self)
  local parts = {}
  for i = 0, self.length - 1 do
    local value = self[i]
    parts[i + 1] = (value == nil or value == null) and "" or to_text(value:toLocaleString())
  end
  return table.concat(parts, ",")
end

function prototype.reverse(self)
  local length = self.length
  for i = 0, floor(length / 2) - 1 do
    local other = length - 1 - i
    local value = self[i]
    rawset(self, i, self[other])
    rawset(self, other, value)
  end
  return self
end

function prototype.fill(self, value, first, last)
  local length = self.length
  for i = to_index(first, length), to_index(last, length, length) - 1 do rawset(self, i, value) end
  return self
end

function prototype.copyWithin(self, target, first, last)
  local length = self.length
  target = to_index(target, length)
  local part = prototype.slice(self, first, last)
  for i = 0, math.min(part.length, length - target) - 1 do rawset(self, target + i, part[i]) end
  return self
end

local function flatten(self, depth, list, count)
  local is_sparse = getmetatable(self).is_sparse
  for i = 0, self.length - 1 do
    local value = self[i]
    if depth > 0 and is_array(value) then
      count = flatten(value, depth - 1, list, count)
    elseif value ~= nil or not is_sparse or sparse.has(self, i) then
      list[count] = value
      count = count + 1
    end
  end
  return count
end

function prototype.flat(self, depth)
  local list = {}
  list.length = flatten(self, depth == nil and 1 or to_integer(depth), list, 0)
  return array(list)
end

function prototype.flatMap(self, fn, this)
  return prototype.flat(prototype.map(self, fn, this))
end

-- Order.

local function comparison(compare)
  if compare ~= nil then
    return function(a, b)
      local result = compare(nil, a, b)
      if type(result) ~= "number" then result = convert.to_number(result) end
      return result < 0
    end
  end
  return function(a, b) return to_text(a) < to_text(b) end
end

function prototype.sort(self, compare)
  if compare ~= nil and type(compare) ~= "function" then
    raise.type_error "The comparison function must be either a function or undefined"
  end
  local list, count, length = {}, 0, self.length
  for i = 0, length - 1 do
    if self[i] ~= nil then
      count = count + 1
      list[count] = self[i]
    end
  end
  list = sort(list, count, comparison(compare))
  for i = 0, length - 1 do rawset(self, i, list[i + 1]) end
  return self
end

function prototype.toSorted(self, compare)
  return prototype.sort(prototype.slice(self), compare)
end

function prototype.toReversed(self) return prototype.reverse(prototype.slice(self)) end

function prototype.toSpliced(self, ...)
  local copy = prototype.slice(self)
  prototype.splice(copy, ...)
  return copy
end

prototype["with"] = function(self, index, value)
  local copy = prototype.slice(self)
  index = to_integer(index)
  if index < 0 then index = index + copy.length end
  if index < 0 or index >= copy.length then raise.range_error "Invalid index : " end
  rawset(copy, index, value)
  return copy
end

-- Iterators.

local function index_iterator(self, give)
  local i = -1
  return iterate.iterator(function()
    i = i + 1
    if i < self.length then return true, give(i) end
  end)
end

function prototype.values(self)
  return index_iterator(self, function(i) return self[i] end)
end

function prototype.keys(self)
  return index_iterator(self, function(i) return i end)
end

function prototype.entries(self)
  return index_iterator(self, function(i) return array { [0] = i, self[i], length = 2 } end)
end

prototype[symbol.iterator] = prototype.values

-- Array itself.

local function construct(self, ...)
  local count, first = select("#", ...), ...
  if count == 1 and type(first) == "number" then
    rawset(self, "length", check_length(first))
    return
  end
  rawset(self, "length", count)
  for i = 1, count do rawset(self, i - 1, (select(i, ...))) end
end

arrays.Array = class.builtin("Array", nil, construct, { is_array = true })
local Array = arrays.Array
local metatable = getmetatable(Array)
metatable.traits.__newindex = nil
metatable.traits.__index, metatable.traits.prototype = prototype, prototype
metatable.make = function(_, ...)
  local first = ...
  if select("#", ...) == 1 and type(first) == "number" then
    return sparse.of_length(check_length(first))
  end
  local made = array {}
  construct(made, ...)
  return made
end
class.callable(Array, function(_, _, ...) return metatable.make(nil, ...) end)
rawset(Array, "prototype", prototype)
rawset(prototype, "constructor", Array)
iterate.Array.class = Array

rawset(Array, "isArray", function(_, value) return is_array(value) end)
rawset(Array, "of", function(_, ...) return iterate.pack(...) end)

--- The elements of something that has a length and indices but cannot be iterated.
local function from_indices(source)
  local list, count = {}, check_length(math.max(0, to_integer(source.length)))
  for i = 0, count - 1 do list[i] = property.get(source, i) end
  list.length = count
  return list
end

local function copy_elements(source)
  local list, count = {}, 0
  for _, element in iterate.iterate(source) do
    list[count] = element
    count = count + 1
  end
  list.length = count
  return list
end

local function can_iterate(source)
  if type(source) == "string" then return true end
  return type(source) == "table" and (is_array(source) or getmetatable(source).is_iterator
    or source[symbol.iterator] ~= nil)
end

rawset(Array, "from", function(_, source, fn, this)
  if source == nil or source == null then
    raise.type_error(to_text(source) .. " is not iterable")
  end
  local list
  if can_iterate(source) then
    list = copy_elements(source)
  elseif type(source) == "table" then
    list = from_indices(source)
  else
    list = { length = 0 }
  end
  if fn ~= nil then
    for i = 0, list.length - 1 do list[i] = fn(this, list[i], i) end
  end
  return array(list)
end)

return arrays
