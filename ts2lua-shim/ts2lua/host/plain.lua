--- plain: what programs give to services of the host, such as inputs of a model: plain Lua, where
--- binary data is the host's and what is undefined is left out.

local iterate = require "ts2lua.runtime.iterate"
local json = require "partylua.json"
local later = require "ts2lua.runtime.later"
local native_binary = require "partylua.binary"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"

local binary = later "binary"

--- Deeper values, and circles, are refused.
local LEVELS_MAX = 100

--- Typed arrays that the host takes as bytes; others are lists of numbers.
local BYTES = { Uint8Array = true, Uint8ClampedArray = true, Int8Array = true, DataView = true,
  Float32Array = true }

local plain

local function numbers_of(array)
  local list = {}
  for i = 0, array.length - 1 do list[i + 1] = property.get(array, i) end
  return json.array(list)
end

local function list_of(array, level)
  local list = {}
  for i = 0, array.length - 1 do
    local value = plain(array[i], level)
    if value == nil then value = json.null end
    list[i + 1] = value
  end
  return json.array(list)
end

local function object_of(object, level)
  local made = {}
  local keys, count = property.own_keys(object)
  for i = 1, count do made[keys[i]] = plain(property.get(object, keys[i]), level) end
  return made
end

function plain(value, level)
  local kind = type(value)
  if kind == "function" then return nil end
  if kind ~= "table" then return value end
  if level > LEVELS_MAX then raise.type_error "this value is nested too deeply" end
  if iterate.is_array(value) then return list_of(value, level + 1) end
  local metatable = getmetatable(value)
  if metatable.is_array_buffer or BYTES[metatable.tag] then
    return native_binary(binary.to_string(value))
  end
  if metatable.get_element then return numbers_of(value) end
  return object_of(value, level + 1)
end

--- A value of a program as plain Lua.
---@param value any
---@return any
return function(value) return plain(value, 0) end
