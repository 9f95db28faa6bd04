--- data_view: DataView. Slot 1 holds a pointer to its bytes.

local bigint_words = require "ts2lua.runtime.bigint_words"
local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local ffi = require "ffi"
local operators = require "ts2lua.runtime.operators"
local raise = require "ts2lua.runtime.raise"

local function construct(self, buffer, offset, length)
  if not binary.is(buffer) or not getmetatable(buffer).is_array_buffer then
    raise.type_error "First argument to DataView constructor must be an ArrayBuffer"
  end
  offset = convert.to_integer(offset)
  length = length == nil and buffer.byteLength - offset or convert.to_integer(length)
  if offset < 0 or length < 0 or offset + length > buffer.byteLength then
    raise.range_error("Start offset " .. convert.to_text(offset)
      .. " is outside the bounds of the buffer")
  end
  rawset(self, 1, buffer[1] + offset)
  rawset(self, "buffer", buffer)
  rawset(self, "byteOffset", offset)
  rawset(self, "byteLength", length)
end

local DataView = class.builtin("DataView", nil, construct, { is_data_view = true,
  tag = "DataView" })

local function check(self, offset, size)
  offset = convert.to_integer(offset)
  if offset < 0 or offset + size > self.byteLength then
    raise.range_error "Offset is outside the bounds of the DataView"
  end
  return offset
end

local scratch = ffi.new "uint8_t[8]"

--- Copies `size` bytes, in the order of this machine or turned round.
local function copy(to, from, size, is_little)
  local turns = is_little ~= ffi.abi "le"
  for i = 0, size - 1 do to[turns and size - 1 - i or i] = from[i] end
end

local KINDS = {
  Int8 = { "int8_t", 1 }, Uint8 = { "uint8_t", 1 }, Int16 = { "int16_t", 2 },
  Uint16 = { "uint16_t", 2 }, Int32 = { "int32_t", 4 }, Uint32 = { "uint32_t", 4 },
  Float32 = { "float", 4 }, Float64 = { "double", 8 },
}

--- Adds the two methods of a kind of number. `read` and `write` turn it from and to what C has.
local function define(name, type_name, size, read, write)
  local pointer = ffi.typeof(type_name .. "*")

  rawset(DataView.prototype, "get" .. name, function(self, offset, is_little)
    copy(scratch, self[1] + check(self, offset, size), size, convert.truthy(is_little))
    return read(ffi.cast(pointer, scratch)[0])
  end)

  rawset(DataView.prototype, "set" .. name, function(self, offset, value, is_little)
    value = write(value)
    offset = check(self, offset, size)
    ffi.cast(pointer, scratch)[0] = value
    copy(self[1] + offset, scratch, size, convert.truthy(is_little))
  end)
end

--- Any number as a whole one of so many bytes.
local function to_whole(size, is_signed)
  local modulus = 2 ^ (8 * size)
  return function(value)
    value = operators.to_int32(value) % modulus
    return is_signed and value >= modulus / 2 and value - modulus or value
  end
end

for name, kind in pairs(KINDS) do
  local write = name:find "^Float" and convert.to_number or to_whole(kind[2], name:find "^Int")
  define(name, kind[1], kind[2], tonumber, write)
end
for name, type_name in pairs { BigInt64 = "int64_t", BigUint64 = "uint64_t" } do
  define(name, type_name, 8, bigint_words.to_bigint, bigint_words.from_bigint)
end

return DataView
