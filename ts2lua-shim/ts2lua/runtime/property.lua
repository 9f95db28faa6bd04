--- property: reading and writing properties whose names are only known at run time.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local number_text = require "ts2lua.number_text"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local utf16 = require "ts2lua.runtime.utf16"

local floor, format = math.floor, string.format
local getmetatable, rawget, rawset, tonumber, type = getmetatable, rawget, rawset, tonumber, type
local is_index, to_key, to_text = shape.is_index, convert.to_key, convert.to_text

local closed, function_texts, sparse = later "closed", later "function_texts", later "sparse"

local property = {}

--- Set by strings.lua: the methods of texts.
property.string_prototype = nil

local function refuse(verb, value, key)
  raise.type_error(("Cannot %s properties of %s (%s '%s')"):format(
    verb == "reading" and "read" or "set", to_text(value), verb, raise.name(key)))
end

local function get_of_text(text, key)
  if type(key) == "number" then
    if key < 0 or key ~= floor(key) or key >= utf16.length(text) then return nil end
    return utf16.sub(text, key, key + 1)
  end
  if key == "length" then return utf16.length(text) end
  if type(key) == "string" and is_index(key) then return get_of_text(text, tonumber(key)) end
  local method = rawget(property.string_prototype, key)
  if method ~= nil then return method end
  return shape.object_prototype[key]
end

local function get_by_number(object, key)
  local metatable = getmetatable(object)
  if metatable.is_array then return rawget(object, key) end
  if metatable.get_element then return metatable.get_element(object, key) end
  return object[number_text(key)]
end

--- `object[key]`
local function get(object, key)
  local kind, key_kind = type(object), type(key)
  if kind == "table" then
    if key_kind == "number" then
      local metatable = getmetatable(object)
      if metatable.is_array then return rawget(object, key) end
      return get_by_number(object, key)
    end
    if key_kind ~= "string" then
      key = to_key(key)
      if type(key) ~= "string" then return object[key] end
    end
    local metatable = getmetatable(object)
    if (metatable.is_array or metatable.get_element) and is_index(key) then
      return get_by_number(object, tonumber(key))
    end
    return object[key]
  end
  if kind == "string" then
    return get_of_text(object, (key_kind == "number" or key_kind == "string") and key
      or to_key(key))
  end
  if kind == "nil" or object == null then refuse("reading", object, key) end
  return object[to_key(key)]
end
property.get = get

--- `value.length`
function property.length(value)
  if type(value) == "string" then return utf16.length(value) end
  if value == nil then refuse("reading", value, "length") end
  local length = value.length
  if length == nil and type(value) == "table" and getmetatable(value).is_class then
    return function_texts.class_length(value)
  end
  return length
end

local function set_array_length(array, length)
  length = convert.to_number(length)
  if length < 0 or length ~= floor(length) or length > 4294967295 then
    raise.range_error "Invalid array length"
  end
  local closing = getmetatable(array).closing
  if closing then closed.check_length(array, closing) end
  if length > array.length then sparse.open(array) end
  if getmetatable(array).is_sparse then sparse.cut(array, length) end
  for i = array.length - 1, length, -1 do array[i] = nil end
  rawset(array, "length", length)
end

--- `object.length = value`
function property.set_length(object, value)
  if type(object) == "table" and getmetatable(object).is_array then
    return set_array_length(object, value)
  end
  object.length = value
end

local function set_element(array, key, value)
  local closing = getmetatable(array).closing
  if closing then closed.check_element(array, closing, key) end
  if key >= 0 and key == floor(key) and key < 4294967295 then
    local length = array.length
    if key >= length then
      if key > length then sparse.open(array) end
      rawset(array, "length", key + 1)
    end
    rawset(array, key, value)
    if value == nil and getmetatable(array).is_sparse then sparse.mark(array, key) end
  else
    array[number_text(key)] = value
  end
end

local function set_by_text(object, key, value)
  local metatable = getmetatable(object)
  if metatable.is_array then
    if key == "length" then return set_array_length(object, value) end
    if is_index(key) then return set_element(object, tonumber(key), value) end
  elseif metatable.set_element and is_index(key) then
    return metatable.set_element(object, tonumber(key), value)
  end
  object[key] = value
end

--- `object[key] = value`
function property.set(object, key, value)
  if type(object) ~= "table" then
    if object == nil or object == null then refuse("setting", object, key) end
    if type(object) == "function" then object[to_key(key)] = value end
    return
  end
  local key_kind = type(key)
  if key_kind == "number" then
    local metatable = getmetatable(object)
    if metatable.is_array then return set_element(object, key, value) end
    if metatable.set_element then return metatable.set_element(object, key, value) end
    object[number_text(key)] = value
    return
  end
  if key_kind ~= "string" then key = to_key(key) end
  if type(key) == "string" then return set_by_text(object, key, value) end
  object[key] = value
end

--- A property of a literal or a field of a class: it is there even when it is undefined, and no
--- setter hears of it.
function property.define(object, key, value)
  local metatable = getmetatable(object)
  if metatable.is_object then
    shape.add(object, key, value)
  else
    property.set(object, key, value)
  end
end

--- `object[key](…)`
function property.call_method(object, key, ...)
  local method = get(object, key)
  local can_call = type(method) == "function"
    or type(method) == "table" and getmetatable(method).__call
  if not can_call then
    raise.type_error(raise.name(key) .. " is not a function")
  end
  return method(object, ...)
end

--- `delete object[key]`
function property.delete(object, key)
  if type(object) ~= "table" then return true end
  key = to_key(key)
  local metatable = getmetatable(object)
  if metatable.is_array and type(key) == "string" and is_index(key) then
    local closing = metatable.closing
    if closing and closing ~= "inextensible" then closed.refuse_delete(object, key) end
    if tonumber(key) < object.length then sparse.delete(object, tonumber(key)) end
  elseif metatable.is_object then
    shape.remove(object, key)
  else
    rawset(object, key, nil)
  end
  return true
end

local function array_keys(array, length)
  local keys = {}
  for i = 1, length do keys[i] = format("%d", i - 1) end
  return keys, length
end

local NONE = {}

--- The names of a value's own enumerable properties, and how many there are.
---@return string[] keys    not to be changed
---@return integer count
function property.own_keys(value)
  if type(value) == "string" then return array_keys(value, utf16.length(value)) end
  if value == nil or value == null then
    raise.type_error "Cannot convert undefined or null to object"
  end
  if type(value) ~= "table" then return NONE, 0 end
  local metatable = getmetatable(value)
  if metatable.is_sparse then return sparse.keys(value) end
  if metatable.is_array or metatable.get_element then return array_keys(value, value.length) end
  if metatable.is_object then return shape.own_keys(value) end
  return NONE, 0
end
local own_keys = property.own_keys

--- Does the object itself have the property?
function property.has_own(object, key)
  key = to_key(key)
  if type(object) == "string" then
    return key == "length" or is_index(key) and tonumber(key) < utf16.length(object)
  end
  if type(object) ~= "table" then return false end
  local metatable = getmetatable(object)
  if metatable.is_array and type(key) == "string" and is_index(key) then
    if metatable.is_sparse then return sparse.has(object, tonumber(key)) end
    return tonumber(key) < object.length
  end
  if metatable.places and metatable.places[key] then return true end
  return rawget(object, key) ~= nil
end

--- Is there an accessor, in the object's class or those above it?
local function has_accessor(object, key)
  local metatable = getmetatable(object)
  while metatable do
    local accessors = metatable.accessors or metatable.static_accessors
    if accessors and accessors[key] then return true end
    metatable = metatable.parent and getmetatable(metatable.parent)
  end
  return false
end

--- `key in object`
function property.has_property(key, object)
  if type(object) ~= "table" and type(object) ~= "function" then
    raise.type_error(("Cannot use 'in' operator to search for '%s' in %s"):format(
      to_text(key), to_text(object)))
  end
  if property.has_own(object, key) then return true end
  return has_accessor(object, to_key(key)) or get(object, key) ~= nil
end

--- Copies the own properties of each source to the target.
function property.assign(target, ...)
  for i = 1, select("#", ...) do
    local source = select(i, ...)
    if source ~= nil and source ~= null then
      local keys, count = own_keys(source)
      for k = 1, count do property.set(target, keys[k], get(source, keys[k])) end
      if type(source) == "table" and getmetatable(source).is_object then
        for _, symbol in ipairs(shape.own_symbols(source)) do target[symbol] = source[symbol] end
      end
    end
  end
  return target
end

--- `const { a, …rest } = object`: what is not in `taken`.
---@param taken any[]
function property.rest(object, taken)
  local excluded = {}
  for i = 1, #taken do excluded[taken[i]] = true end
  local rest = shape.object()
  local keys, count = own_keys(object)
  for i = 1, count do
    if not excluded[keys[i]] then rest[keys[i]] = get(object, keys[i]) end
  end
  return rest
end

--- What is taken apart may not be null or undefined.
function property.check_object(value)
  if value == nil or value == null then
    raise.type_error(("Cannot destructure '%s' as it is %s."):format(to_text(value),
      to_text(value)))
  end
end

property.prototype_of = class.prototype_of

return property
