--- iterate: `for … of`, spreads, and the iterators of the runtime's own collections.

local convert = require "ts2lua.runtime.convert"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"
local utf8 = require "ts2lua.utf8"

local getmetatable, select, setmetatable, type, unpack =
  getmetatable, select, setmetatable, type, unpack
local truthy = convert.truthy

local iterate = {}

-- Arrays: a table from 0 on with its length.

local array_prototype = setmetatable({}, { __index = shape.object_prototype })
iterate.array_prototype = array_prototype

--- The metatable of arrays.
local Array = { __index = array_prototype, prototype = array_prototype, is_array = true }
iterate.Array = Array

--- Makes an array of a table that has `length` and elements from 0 on.
local function array(table_)
  return setmetatable(table_, Array)
end
iterate.array = array

--- An array of its arguments.
function iterate.pack(...)
  local count = select("#", ...)
  local packed = { select(2, ...) }
  packed[0], packed.length = (...), count
  return setmetatable(packed, Array)
end

--- An array of a Lua list.
function iterate.from_list(list, count)
  count = count or #list
  local made = { length = count }
  for i = 1, count do made[i - 1] = list[i] end
  return setmetatable(made, Array)
end

function iterate.is_array(value)
  return type(value) == "table" and getmetatable(value).is_array == true
end
local is_array = iterate.is_array

-- Iterators.

local iterator_prototype = setmetatable({}, { __index = shape.object_prototype })
iterate.iterator_prototype = iterator_prototype

--- An iterator of ours: slot 1 holds a function that gives true and the next value, or nothing.
local Iterator = { __index = iterator_prototype, prototype = iterator_prototype,
  is_iterator = true }

---@param step fun(): boolean?, any
function iterate.iterator(step)
  return setmetatable({ step }, Iterator)
end

local RESULT = shape.literal { "value", "done" }

function iterate.result(value, is_done)
  return setmetatable({ value = value, done = is_done }, RESULT)
end

function iterator_prototype.next(self)
  local has_value, value = self[1]()
  if has_value then return iterate.result(value, false) end
  self[1] = function() end
  return iterate.result(nil, true)
end

iterator_prototype[symbol.iterator] = function(self) return self end

local function next_element(elements, i)
  i = i + 1
  if i < elements.length then return i, elements[i] end
end

local function next_step(iterator, i)
  local has_value, value = iterator[1]()
  if has_value then return i + 1, value end
end

local function next_result(iterator, i)
  local result = iterator:next()
  if type(result) ~= "table" then raise.type_error "Iterator result is not an object" end
  if truthy(result.done) then return nil end
  return i + 1, result.value
end

local function text_characters(text)
  local each = text:gmatch(utf8.CHARACTER)
  return function(_, i)
    local character = each()
    if character then return i + 1, character end
  end, text, 0
end

local function refuse(value)
  raise.type_error(convert.describe(value) .. " is not iterable")
end

--- Lua's `for` over a value: function, state and start. The second variable is the element.
function iterate.iterate(value)
  if type(value) == "table" then
    local metatable = getmetatable(value)
    if metatable == Array or metatable.is_array and (metatable.closing or metatable.is_sparse) then
      return next_element, value, -1
    end
    if metatable.is_iterator then return next_step, value, 0 end
    local method = value[symbol.iterator]
    if type(method) ~= "function" then refuse(value) end
    local iterator = method(value)
    if type(iterator) ~= "table" then
      raise.type_error "Result of the Symbol.iterator method is not an object"
    end
    if getmetatable(iterator).is_iterator then return next_step, iterator, 0 end
    return next_result, iterator, 0
  end
  if type(value) == "string" then return text_characters(value) end
  refuse(value)
end

--- Ends an iteration early: generators run their finally.
function iterate.close(iterator)
  if type(iterator) ~= "table" or getmetatable(iterator).is_array then return end
  local close = iterator["return"]
  if type(close) == "function" then close(iterator) end
end

--- The elements of a value as an array, at most `count`.
function iterate.elements(value, count)
  if type(value) == "table" and getmetatable(value) == Array then return value end
  local list, length = {}, 0
  if count == 0 then
    iterate.close((select(2, iterate.iterate(value))))
    return array { length = 0 }
  end
  local next_one, state, start = iterate.iterate(value)
  for _, element in next_one, state, start do
    list[length] = element
    length = length + 1
    if length == count then
      iterate.close(state)
      break
    end
  end
  list.length = length
  return array(list)
end

--- More arguments than a call can take.
local SPREAD_MAX = 7000

--- The elements of a value as Lua values: `f(…value)`.
function iterate.spread(value)
  local elements = iterate.elements(value)
  if elements.length > SPREAD_MAX then
    raise.range_error "Maximum call stack size exceeded"
  end
  return unpack(elements, 0, elements.length - 1)
end

--- `[…a, …b]`
function iterate.joined(...)
  local list, length = {}, 0
  for i = 1, select("#", ...) do
    local part = select(i, ...)
    if type(part) == "table" and getmetatable(part) == Array then
      for k = 0, part.length - 1 do
        list[length] = part[k]
        length = length + 1
      end
    else
      for _, element in iterate.iterate(part) do
        list[length] = element
        length = length + 1
      end
    end
  end
  list.length = length
  return array(list)
end

--- Methods that iterators share with arrays, by way of an array.
local SHARED = { "map", "filter", "forEach", "reduce", "some", "every", "find", "flatMap" }
for _, name in ipairs(SHARED) do
  iterator_prototype[name] = function(self, ...)
    local result = array_prototype[name](iterate.elements(self), ...)
    return is_array(result) and result:values() or result
  end
end

function iterator_prototype.toArray(self) return iterate.elements(self) end

function iterator_prototype.take(self, count)
  return iterate.elements(self, convert.to_integer(count)):values()
end

return iterate
