--- objects: Object and what every object can do.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local functions = require "ts2lua.runtime.functions"
local iterate = require "ts2lua.runtime.iterate"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"

local get, own_keys, to_key = property.get, property.own_keys, convert.to_key
local prototype = shape.object_prototype
local byte = string.byte

local closed = later "closed"

local objects = {}

-- What every object has.

function prototype.hasOwnProperty(self, key) return property.has_own(self, key) end
function prototype.propertyIsEnumerable(self, key)
  local keys, count = own_keys(self)
  key = to_key(key)
  for i = 1, count do
    if keys[i] == key then return true end
  end
  return false
end
function prototype.valueOf(self) return self end
function prototype.toLocaleString(self) return self:toString() end

function prototype.toString(self)
  if self == nil then return "[object Undefined]" end
  if self == null then return "[object Null]" end
  if iterate.is_array(self) then return "[object Array]" end
  if type(self) == "function" then return "[object Function]" end
  local metatable = type(self) == "table" and getmetatable(self)
  if metatable and metatable.is_error then return "[object Error]" end
  local tag = metatable and self[symbol.to_string_tag]
  if type(tag) == "string" then return ("[object %s]"):format(tag) end
  return ("[object %s]"):format(metatable and metatable.tag or "Object")
end

function prototype.isPrototypeOf(self, value)
  local above = type(value) == "table" and class.prototype_of(value)
  while above do
    if above == self then return true end
    above = class.prototype_of(above)
  end
  return false
end

-- Object itself.

objects.Object = class.builtin("Object")
local Object = objects.Object

local function to_object(value)
  if value == nil or value == null then return shape.object() end
  return value
end
getmetatable(Object).make = function(_, value) return to_object(value) end
getmetatable(Object).make_for_children = nil
class.callable(Object, function(_, _, value) return to_object(value) end)
rawset(Object, "prototype", prototype)
rawset(prototype, "constructor", Object)

local function define(name, fn)
  rawset(Object, name, function(_, ...) return fn(...) end)
end

define("keys", function(value) return iterate.from_list(own_keys(value)) end)

define("values", function(value)
  local keys, count = own_keys(value)
  local list = { length = count }
  for i = 1, count do list[i - 1] = get(value, keys[i]) end
  return iterate.array(list)
end)

define("entries", function(value)
  local keys, count = own_keys(value)
  local list = { length = count }
  for i = 1, count do
    list[i - 1] = iterate.array { [0] = keys[i], get(value, keys[i]), length = 2 }
  end
  return iterate.array(list)
end)

define("assign", function(target, ...)
  if target == nil or target == null then
    raise.type_error "Cannot convert undefined or null to object"
  end
  return property.assign(target, ...)
end)

define("fromEntries", function(entries)
  local object = shape.object()
  for _, entry in iterate.iterate(entries) do
    property.set(object, to_key(get(entry, 0)), get(entry, 1))
  end
  return object
end)

define("groupBy", function(values, fn)
  local groups, i = shape.object(), 0
  for _, value in iterate.iterate(values) do
    local key = to_key(fn(nil, value, i))
    i = i + 1
    local group = groups[key]
    if not iterate.is_array(group) then
      group = iterate.array { length = 0 }
      groups[key] = group
    end
    group:push(value)
  end
  return groups
end)

define("is", function(a, b)
  if a == b then return a ~= 0 or 1 / a == 1 / b end
  return a ~= a and b ~= b
end)

define("hasOwn", function(object, key) return property.has_own(object, key) end)

local function is_empty(value)
  return type(value) == "table" and select(2, own_keys(value)) == 0
end

for name, closing in pairs { freeze = "frozen", seal = "sealed",
  preventExtensions = "inextensible" } do
  define(name, function(value)
    closed.close(value, closing)
    return value
  end)
end
define("isFrozen", function(value) return closed.is(value, "frozen", is_empty(value)) end)
define("isSealed", function(value) return closed.is(value, "sealed", is_empty(value)) end)
define("isExtensible", function(value) return closed.of(value) == nil end)

-- Prototypes and descriptors.

define("getPrototypeOf", function(value)
  if value == prototype then return null end
  return class.prototype_of(value) or null
end)

--- Objects made with `Object.create(null)` have nothing but their own properties.
local BARE = shape.root { __index = {}, __newindex = shape.add }

define("setPrototypeOf", function(value, parent)
  if type(value) == "function" then
    getmetatable(functions.properties[value] or {}).__index = parent
  elseif type(value) == "table" and getmetatable(value).is_class then
    getmetatable(value).__index = parent
  elseif type(value) == "table" and getmetatable(value).is_object then
    local own = shape.own(value)
    local root = parent ~= null and functions.shape_of(parent) or BARE
    own.__index, own.__newindex, own.prototype = root.__index, root.__newindex, root.prototype
  end
  return value
end)

local function define_property(object, key, descriptor)
  key = to_key(key)
  if type(descriptor) ~= "table" then
    raise.type_error("Property description must be an object: " .. convert.to_text(descriptor))
  end
  local is_object = type(object) == "table" and getmetatable(object).is_object
  for _, kind in ipairs { "get", "set" } do
    local fn = descriptor[kind]
    if fn ~= nil then
      if is_object then
        shape.define_accessor(object, key, kind, fn, not convert.truthy(descriptor.enumerable))
      elseif type(object) == "table" and getmetatable(object).is_prototype then
        class.accessor(rawget(object, "constructor"), false, key, kind, fn)
      end
    end
  end
  if descriptor.get ~= nil or descriptor.set ~= nil then return object end
  if is_object and getmetatable(object).closing and not property.has_own(object, key) then
    raise.type_error(("Cannot define property %s, object is not extensible")
      :format(raise.name(key)))
  end
  local is_hidden = not convert.truthy(descriptor.enumerable)
  if is_object and is_hidden and not property.has_own(object, key) then
    rawset(object, key, descriptor.value)
  else
    property.set(object, key, descriptor.value)
  end
  return object
end

define("defineProperty", define_property)

local function define_properties(object, descriptors)
  local keys, count = own_keys(descriptors)
  for i = 1, count do define_property(object, keys[i], descriptors[keys[i]]) end
  return object
end

define("defineProperties", define_properties)

define("create", function(parent, descriptors)
  local object = setmetatable({},
    (parent == nil or parent == null) and BARE or functions.shape_of(parent))
  if descriptors ~= nil then define_properties(object, descriptors) end
  return object
end)

local function own_accessor(object, key)
  local metatable = type(object) == "table" and getmetatable(object)
  local accessors = metatable and (metatable.accessors or metatable.static_accessors)
  return accessors and rawget(accessors, key)
end

local function describe(object, key)
  key = to_key(key)
  local accessor = own_accessor(object, key)
  if accessor then
    return shape.record({ "get", "set", "enumerable", "configurable" },
      { accessor.get, accessor.set, true, true })
  end
  if not property.has_own(object, key) then return nil end
  return shape.record({ "value", "writable", "enumerable", "configurable" },
    { get(object, key), closed.of(object) ~= "frozen",
      prototype.propertyIsEnumerable(object, key), closed.of(object) == nil })
end

define("getOwnPropertyDescriptor", describe)

define("getOwnPropertyDescriptors", function(object)
  local all = shape.object()
  local keys, count = own_keys(object)
  for i = 1, count do all[keys[i]] = describe(object, keys[i]) end
  return all
end)

--- What programs gave to a prototype, in that order; then what the runtime did, by name.
local function prototype_names(object)
  local names, seen, others = {}, {}, {}
  for _, key in ipairs(getmetatable(object).order or {}) do
    if type(key) == "string" and byte(key) ~= 255 then
      names[#names + 1], seen[key] = key, true
    end
  end
  for key in next, object do
    if type(key) == "string" and byte(key) ~= 255 and not seen[key] then
      others[#others + 1] = key
    end
  end
  table.sort(others)
  for _, key in ipairs(others) do names[#names + 1] = key end
  return names
end

define("getOwnPropertyNames", function(object)
  if type(object) == "table" and getmetatable(object).is_prototype then
    return iterate.from_list(prototype_names(object))
  end
  local names = iterate.from_list(own_keys(object))
  if iterate.is_array(object) or type(object) == "string" then names:push "length" end
  return names
end)

define("getOwnPropertySymbols", function(object)
  if type(object) ~= "table" or not getmetatable(object).is_object then
    return iterate.array { length = 0 }
  end
  return iterate.from_list(shape.own_symbols(object))
end)

--- The names a `for … in` meets: own ones, then those of plain objects behind it.
function objects.keys_in(value)
  if value == nil or value == null then return iterate.array { length = 0 } end
  local list, seen, count = {}, {}, 0
  local current = value
  while current and current ~= prototype do
    local keys, own_count = own_keys(current)
    for i = 1, own_count do
      if not seen[keys[i]] then
        seen[keys[i]] = true
        count = count + 1
        list[count] = keys[i]
      end
    end
    current = type(current) == "table" and class.prototype_of(current) or nil
  end
  return iterate.from_list(list, count)
end

--- A member of an enum, and for numbers the way back from the value.
function objects.enum_member(object, key, value, has_name)
  object[key] = value
  if has_name and type(value) == "number" then property.set(object, value, key) end
end

return objects
