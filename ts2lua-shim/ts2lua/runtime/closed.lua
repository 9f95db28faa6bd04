--- closed: Object.freeze, seal and preventExtensions: objects that refuse changes.
---
--- Writing to a property that a table has is a plain assignment, which nothing can refuse. So the
--- properties of a frozen object lie in a table behind it, its shape's `data`; those of a sealed
--- one stay where they are. Arrays are written to by the runtime alone, which asks their
--- metatable. Classes, functions and built-in objects are only remembered.

local iterate = require "ts2lua.runtime.iterate"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local byte, format = string.byte, string.format
local getmetatable, rawget, rawset, setmetatable, type =
  getmetatable, rawget, rawset, setmetatable, type

local closed = {}

---@alias ts2lua.Closing "frozen"|"sealed"|"inextensible"

-- What is refused.

--- "#<Point>", "[object Array]".
local function describe(object)
  local metatable = getmetatable(object)
  if metatable.is_array then return "[object Array]" end
  local name = metatable.class and rawget(metatable.class, "name")
  return format("#<%s>", name or "Object")
end

local function refuse_write(object, key)
  raise.type_error(format("Cannot assign to read only property '%s' of object '%s'",
    raise.name(key), describe(object)))
end

local function refuse_new(_, key)
  raise.type_error(format("Cannot add property %s, object is not extensible", raise.name(key)))
end

local function refuse_delete(object, key)
  raise.type_error(format("Cannot delete property '%s' of %s", raise.name(key), describe(object)))
end

-- Objects.

local function is_private(key) return type(key) == "string" and byte(key) == 255 end

--- Moves the properties of an object into a table of their own.
local function take_data(object, own)
  local data = {}
  for i = 1, own.count do
    local key = own.keys[i]
    if own.places[key] and not is_private(key) and rawget(object, key) ~= nil then
      data[key] = rawget(object, key)
      rawset(object, key, nil)
    end
  end
  return data
end

local function read_through(data, fallback)
  if type(fallback) == "table" then return setmetatable(data, { __index = fallback }) end
  return function(object, key)
    local value = data[key]
    if value ~= nil then return value end
    return fallback(object, key)
  end
end

--- `__newindex` of a closed object: what is not in its table.
local function writer(own)
  return function(object, key, value)
    local accessor = own.accessors and own.accessors[key]
    if accessor and accessor.set then return accessor.set(object, value) end
    if is_private(key) then return rawset(object, key, value) end
    if not own.places[key] then return refuse_new(object, key) end
    if own.closing == "frozen" then return refuse_write(object, key) end
    rawset(object, key, value)
  end
end

local function close_object(object, closing)
  local own = shape.own(object)
  if own.closing == "frozen" then return end
  if closing == "frozen" then own.__index = read_through(take_data(object, own), own.__index) end
  own.closing = closing
  own.__newindex = writer(own)
end

shape.refuse_new, shape.refuse_delete = refuse_new, refuse_delete

-- Arrays.

local function push(self, ...)
  if select("#", ...) > 0 then refuse_new(self, self.length) end
  return self.length
end

local function pop(self)
  if self.length > 0 then refuse_delete(self, self.length - 1) end
end

--- Further methods that change an array in a way that is refused.
local REFUSED = {
  frozen = { "shift", "splice", "sort", "reverse", "fill", "copyWithin" },
  sealed = { "shift", "splice" }, inextensible = {},
}

local function methods_of(closing)
  local methods = setmetatable({ push = push, unshift = push },
    { __index = iterate.array_prototype })
  if closing ~= "inextensible" then methods.pop = pop end
  for _, name in ipairs(REFUSED[closing]) do
    methods[name] = function(self)
      if self.length == 0 then return iterate.array_prototype[name](self) end
      if closing == "frozen" then refuse_write(self, 0) end
      refuse_delete(self, self.length - 1)
    end
  end
  return methods
end

local array_metatables = {}

--- The metatable of arrays that are closed in that way.
local function array_metatable(closing)
  if not array_metatables[closing] then
    local made = {}
    for name, value in next, iterate.Array do made[name] = value end
    made.closing, made.__newindex = closing, refuse_new
    made.__index = methods_of(closing)
    array_metatables[closing] = made
  end
  return array_metatables[closing]
end

--- Refuses to write an element, if the array is closed to it.
---@param array table
---@param closing ts2lua.Closing
---@param key integer
function closed.check_element(array, closing, key)
  if key >= array.length then refuse_new(array, key) end
  if closing == "frozen" then refuse_write(array, key) end
end

--- Refuses another length.
function closed.check_length(array, closing)
  if closing == "frozen" then refuse_write(array, "length") end
  if closing == "sealed" and array.length > 0 then refuse_delete(array, array.length - 1) end
end

closed.refuse_delete = refuse_delete

-- All of them.

--- How other values are closed.
local remembered = setmetatable({}, { __mode = "k" })

local STRENGTH = { inextensible = 1, sealed = 2, frozen = 3 }

--- How a value is closed; nil when it is not.
---@return ts2lua.Closing?
function closed.of(value)
  if type(value) ~= "table" and type(value) ~= "function" then return "frozen" end
  if type(value) == "table" and getmetatable(value).closing then
    return getmetatable(value).closing
  end
  return remembered[value]
end

--- Closes a value, unless it is closed as much already.
---@param value any
---@param closing ts2lua.Closing
function closed.close(value, closing)
  local before = closed.of(value)
  if before and STRENGTH[before] >= STRENGTH[closing] then return end
  local metatable = type(value) == "table" and getmetatable(value)
  if metatable and metatable.is_object then
    close_object(value, closing)
  elseif metatable and (metatable == iterate.Array
    or metatable.is_array and (metatable.closing or metatable.is_sparse)) then
    setmetatable(value, array_metatable(closing))
  else
    remembered[value] = closing
  end
end

--- Is a value closed at least as much? One without properties is, once it takes no new ones.
---@param value any
---@param closing ts2lua.Closing
---@param is_empty boolean
function closed.is(value, closing, is_empty)
  local found = closed.of(value)
  return found ~= nil and (is_empty or STRENGTH[found] >= STRENGTH[closing])
end

return closed
