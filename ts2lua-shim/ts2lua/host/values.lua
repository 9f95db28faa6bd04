--- values: data on its way between programs and the host: what Lua code and storage take.
---
--- Plain values look the same from both sides. What only JavaScript has is a table whose key
--- "\255js" names its kind; an object whose keys are not in alphabetical order has the order under
--- "\255order". No text of a program can be such a key.

local class = require "ts2lua.runtime.class"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local json = require "partylua.json"
local later = require "ts2lua.runtime.later"
local native_binary = require "partylua.binary"
local property = require "ts2lua.runtime.property"
local shape = require "ts2lua.runtime.shape"
local utf16 = require "ts2lua.runtime.utf16"
local to_text = require("ts2lua.runtime.convert").to_text

local bigints, binary, collections = later "bigints", later "binary", later "collections"
local dates, regular_expressions = later "dates", later "regular_expressions"

local KIND, ORDER = "\255js", "\255order"

local values = {}

local function refuse(what)
  error(class.new(errors.DOMException, what .. " could not be cloned.", "DataCloneError"), 0)
end

local to_native

--- A value inside a list or an object: undefined and null have to be told apart.
local function inner(value, seen)
  if value == nil then return { [KIND] = "undefined" } end
  return to_native(value, seen)
end

local function list_of(array, seen)
  local list = {}
  for i = 0, array.length - 1 do list[i + 1] = inner(array[i], seen) end
  return json.array(list)
end

local function is_sorted(keys, count)
  for i = 2, count do
    if keys[i] < keys[i - 1] then return false end
  end
  return true
end

local function object_of(object, seen)
  local made = {}
  local keys, count = property.own_keys(object)
  for i = 1, count do made[keys[i]] = inner(object[keys[i]], seen) end
  if not is_sorted(keys, count) then
    made[ORDER] = table.concat(keys, "\255", 1, count)
  end
  return json.object(made)
end

local function map_of(map, seen)
  local list = {}
  collections.each_entry(map, function(key, value)
    list[#list + 1] = inner(key, seen)
    list[#list + 1] = inner(value, seen)
  end)
  return { [KIND] = "Map", list = list }
end

local function set_of(set, seen)
  local list = {}
  collections.each_entry(set, function(value) list[#list + 1] = inner(value, seen) end)
  return { [KIND] = "Set", list = list }
end

--- What only JavaScript has; nil for arrays and plain objects.
local function special(value, metatable, seen)
  if metatable.is_map then return map_of(value, seen) end
  if metatable.is_set then return set_of(value, seen) end
  if metatable.is_date then return { [KIND] = "Date", time = value[1] } end
  if metatable.is_regular_expression then
    return { [KIND] = "RegExp", source = value.source, flags = value.flags }
  end
  if metatable.is_error then
    return { [KIND] = "Error", name = value.name, message = value.message }
  end
  if metatable.is_array_buffer then return native_binary(binary.to_string(value)) end
  if binary.is(value) then
    return { [KIND] = metatable.tag, bytes = native_binary(binary.to_string(value)) }
  end
  return nil
end

local function table_of(value, seen)
  local metatable = getmetatable(value)
  if metatable.is_symbol then refuse(value:toString()) end
  if metatable.is_bigint then return { [KIND] = "BigInt", text = value[3] } end
  if metatable.is_class then refuse("class " .. value.name) end
  if metatable.is_promise then refuse "#<Promise>" end
  if seen[value] then refuse "an object that contains itself" end
  seen[value] = true
  local made = special(value, metatable, seen)
    or metatable.is_array and list_of(value, seen) or metatable.is_object and object_of(value, seen)
  if not made then refuse "#<Object>" end
  seen[value] = nil
  return made
end

function to_native(value, seen)
  if type(value) == "function" then refuse "a function" end
  if type(value) ~= "table" then return value end
  return table_of(value, seen)
end

--- A value of a program as plain Lua. Raises for what cannot be data.
---@param value any
---@return any
function values.to_native(value)
  return to_native(value, {})
end

local from_native

local function array_from(list)
  local array = iterate.from_list(list)
  for i = 0, array.length - 1 do rawset(array, i, from_native(array[i])) end
  return array
end

local function sorted_keys(object)
  local keys = {}
  for key in next, object do
    if type(key) == "string" and key:byte() ~= 255 then
      keys[#keys + 1] = key
    elseif type(key) == "number" then
      keys[#keys + 1] = ("%d"):format(key)
    end
  end
  table.sort(keys)
  return keys
end

local function keys_of(object)
  local order = rawget(object, ORDER)
  if not order then return sorted_keys(object) end
  local keys = {}
  for key in (order .. "\255"):gmatch "(.-)\255" do keys[#keys + 1] = key end
  return keys
end

local function object_from(object)
  local made = shape.object()
  for _, key in ipairs(keys_of(object)) do
    local value = object[key]
    if value == nil then value = object[tonumber(key)] end
    shape.add(made, key, from_native(value))
  end
  return made
end

local FROM = {
  BigInt = function(data) return bigints.parse(data.text) end,
  undefined = function() return nil end,
  Date = function(data) return class.new(dates.Date, data.time) end,
  RegExp = function(data)
    return class.new(regular_expressions.RegExp, data.source, data.flags)
  end,
  Error = function(data) return class.new(errors[data.name] or errors.Error, data.message) end,
}

function FROM.Map(data)
  local map = class.new(collections.Map)
  for i = 1, #data.list, 2 do map:set(from_native(data.list[i]), from_native(data.list[i + 1])) end
  return map
end

function FROM.Set(data)
  local set = class.new(collections.Set)
  for i = 1, #data.list do set:add(from_native(data.list[i])) end
  return set
end

local function bytes_from(data)
  local buffer = binary.buffer(data.bytes.bytes)
  return class.new(binary[rawget(data, KIND)] or binary.Uint8Array, buffer)
end

--- Is a table of the host a list? One without a mark is, when it begins like one.
local function is_list(table_)
  return json.isArray(table_) or rawget(table_, 1) ~= nil
end

function from_native(value)
  if type(value) ~= "table" then
    -- 64-bit integers of Lua code.
    return type(value) == "cdata" and tonumber(value) or value
  end
  if native_binary.is(value) then return binary.buffer(value.bytes) end
  local kind = rawget(value, KIND)
  if kind then return (FROM[kind] or bytes_from)(value) end
  if is_list(value) then return array_from(value) end
  return object_from(value)
end

--- A plain Lua value as a value of programs.
---@param value any
---@return any
function values.from_native(value)
  return from_native(value)
end

--- A message as a program gets it: a text, or an ArrayBuffer.
function values.message_in(message, is_binary)
  if is_binary then return binary.buffer(message) end
  return message
end

--- A message as the host sends it.
function values.message_out(message)
  if type(message) == "string" then return utf16.well_formed(message) end
  if type(message) == "table" and binary.is(message) then
    return native_binary(binary.to_string(message))
  end
  return utf16.well_formed(to_text(message))
end

return values
