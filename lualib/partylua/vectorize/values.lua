--- values: the numbers of a vector as float32s.

local binary = require "partylua.binary"
local ffi = require "ffi"

local values = {}

local DIMENSIONS_MAX = 16384 -- as in runtime/store/vectors.h
local FLOAT_BYTES = 4
local floats = ffi.new("float[?]", DIMENSIONS_MAX)

local function check_dimensions(count, what, level)
  if count == 0 then error(what .. " has no values", level + 1) end
  if count > DIMENSIONS_MAX then
    error(("%s has more than %d dimensions"):format(what, DIMENSIONS_MAX), level + 1)
  end
end

--- Infinities and NaN are no distance from anything. What no float32 can hold has become infinite.
local function check_finite(count, what, level)
  for i = 0, count - 1 do
    if floats[i] - floats[i] ~= 0 then
      error(("%s: value %d is not a finite float32 number"):format(what, i + 1), level + 1)
    end
  end
end

local function pack_list(list, what, level)
  local count = #list
  check_dimensions(count, what, level + 1)
  for i = 1, count do
    local number = list[i]
    if type(number) ~= "number" then
      error(("%s: value %d is a %s, not a number"):format(what, i, type(number)), level + 1)
    end
    floats[i - 1] = number
  end
  return count
end

local function pack_bytes(bytes, what, level)
  local count = #bytes / FLOAT_BYTES
  if count % 1 ~= 0 then
    error(("%s: its %d bytes are no float32 numbers"):format(what, #bytes), level + 1)
  end
  check_dimensions(count, what, level + 1)
  ffi.copy(floats, bytes, #bytes)
  return count
end

--- The bytes of a vector: of a list of numbers, or of party.binary(bytes) that holds float32s,
--- lowest byte first. Raises for anything else.
---@param given number[]|partylua.Binary
---@param what string    how messages call it: "the vector 'a'"
---@param level integer    whom an error blames, as in error()
---@return string
function values.pack(given, what, level)
  local count
  if binary.is(given) then
    count = pack_bytes(given.bytes, what, level + 1)
  elseif type(given) == "table" then
    count = pack_list(given, what, level + 1)
  else
    error(("%s needs a list of numbers as values, got %s"):format(what, type(given)), level + 1)
  end
  check_finite(count, what, level + 1)
  return ffi.string(floats, count * FLOAT_BYTES)
end

return values
