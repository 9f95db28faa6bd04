--- binary: ArrayBuffer and the typed arrays.
---
--- An ArrayBuffer keeps its bytes in slot 1 and their number in slot 2. A typed array keeps a
--- pointer in slot 1, its buffer in slot 2 and how numbers are stored in slot 3. Every index is
--- checked against the length: the bytes lie outside of Lua.

local arrays = require "ts2lua.runtime.arrays"
local bigint_words = require "ts2lua.runtime.bigint_words"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local ffi = require "ffi"
local iterate = require "ts2lua.runtime.iterate"
local operators = require "ts2lua.runtime.operators"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local symbol = require "ts2lua.runtime.symbol"

local floor = math.floor
local rawset, tonumber, type = rawset, tonumber, type
local to_index, to_integer = convert.to_index, convert.to_integer

local binary = {}

--- More than this is refused, whoever asks.
local BYTES_MAX = 1073741824

local function check_size(bytes)
  if bytes < 0 or bytes > BYTES_MAX then raise.range_error "Array buffer allocation failed" end
  return bytes
end

local ArrayBuffer = class.builtin("ArrayBuffer", nil, function(self, length)
  length = check_size(to_integer(length))
  rawset(self, 1, ffi.new("uint8_t[?]", math.max(length, 1)))
  rawset(self, 2, length)
  rawset(self, "byteLength", length)
end, {
  is_array_buffer = true, tag = "ArrayBuffer",
  copy = function(self) return self:slice(0) end,
})
binary.ArrayBuffer = ArrayBuffer

function ArrayBuffer.prototype.slice(self, first, last)
  local length = self[2]
  first, last = to_index(first, length), to_index(last, length, length)
  local part = class.new(ArrayBuffer, math.max(0, last - first))
  if last > first then ffi.copy(part[1], self[1] + first, last - first) end
  return part
end

-- Typed arrays.

local function wrap(bits, is_signed)
  local modulus = 2 ^ bits
  return function(value)
    value = operators.to_int32(value) % modulus
    return is_signed and value >= modulus / 2 and value - modulus or value
  end
end

local function clamp(value)
  value = convert.to_number(value)
  if value ~= value or value <= 0 then return 0 end
  if value > 255 then return 255 end
  local down = floor(value)
  local rest = value - down
  if rest > 0.5 or rest == 0.5 and down % 2 == 1 then return down + 1 end
  return down
end

local KINDS = {
  { "Int8Array", "int8_t", 1, wrap(8, true) }, { "Uint8Array", "uint8_t", 1, wrap(8, false) },
  { "Uint8ClampedArray", "uint8_t", 1, clamp }, { "Int16Array", "int16_t", 2, wrap(16, true) },
  { "Uint16Array", "uint16_t", 2, wrap(16, false) },
  { "Int32Array", "int32_t", 4, operators.to_int32 },
  { "Uint32Array", "uint32_t", 4, wrap(32, false) },
  { "Float32Array", "float", 4, convert.to_number },
  { "Float64Array", "double", 8, convert.to_number },
  { "BigInt64Array", "int64_t", 8, bigint_words.from_bigint, bigint_words.to_bigint },
  { "BigUint64Array", "uint64_t", 8, bigint_words.from_bigint, bigint_words.to_bigint },
}

local function get_element(self, index)
  if index >= 0 and index < self.length and index == floor(index) then
    return tonumber(self[1][index])
  end
  return nil
end

--- `get_element` of arrays whose numbers are no Lua numbers.
local function element_reader(read)
  return function(self, index)
    if index >= 0 and index < self.length and index == floor(index) then
      return read(self[1][index])
    end
    return nil
  end
end

local function set_element(self, index, value)
  value = self[3](value)
  if index >= 0 and index < self.length and index == floor(index) then self[1][index] = value end
end

local TypedArray = class.builtin("TypedArray", nil, function()
  raise.type_error "Abstract class TypedArray not directly constructable"
end, {
  is_typed_array = true, get_element = get_element, set_element = set_element,
  copy = function(self) return self:slice(0) end,
})
binary.TypedArray = TypedArray
local prototype = TypedArray.prototype

--- Makes `self` a view of a buffer.
local function view(self, kind, buffer, offset, length)
  rawset(self, 1, ffi.cast(kind[2] .. "*", buffer[1] + offset))
  rawset(self, 2, buffer)
  rawset(self, 3, kind[4])
  rawset(self, "length", length)
  rawset(self, "byteLength", length * kind[3])
  rawset(self, "byteOffset", offset)
  rawset(self, "buffer", buffer)
end

local function view_of_buffer(self, kind, buffer, offset, length)
  offset = to_integer(offset)
  local size, total = kind[3], buffer[2]
  if offset < 0 or offset % size ~= 0 then
    raise.range_error(("start offset of %s should be a multiple of %d"):format(kind[1], size))
  end
  if length == nil then
    if (total - offset) % size ~= 0 then
      raise.range_error(("byte length of %s should be a multiple of %d"):format(kind[1], size))
    end
    length = (total - offset) / size
  else
    length = to_integer(length)
  end
  if offset > total or length < 0 or offset + length * size > total then
    raise.range_error("Invalid typed array length: " .. convert.to_text(length))
  end
  view(self, kind, buffer, offset, length)
end

local function fill_from(self, values)
  for i = 0, values.length - 1 do set_element(self, i, property.get(values, i)) end
end

local function construct(kind)
  return function(self, source, offset, length)
    if type(source) == "table" and getmetatable(source).is_array_buffer then
      return view_of_buffer(self, kind, source, offset, length)
    end
    local values
    if type(source) == "table" then
      local can_index = getmetatable(source).is_typed_array or iterate.is_array(source)
      values = (can_index or source[symbol.iterator] == nil) and source
        or iterate.elements(source)
    end
    local count = values and to_integer(values.length) or to_integer(source)
    if count < 0 then
      raise.range_error("Invalid typed array length: " .. convert.to_text(count))
    end
    check_size(count * kind[3])
    view(self, kind, class.new(ArrayBuffer, count * kind[3]), 0, count)
    if values then fill_from(self, values) end
  end
end

local function plain(self)
  local list, read = { length = self.length }, getmetatable(self).get_element
  for i = 0, self.length - 1 do list[i] = read(self, i) end
  return iterate.array(list)
end

local function define_kind(kind)
  local made = class.builtin(kind[1], TypedArray, construct(kind), { tag = kind[1],
    get_element = kind[5] and element_reader(kind[5]) })
  binary[kind[1]] = made
  rawset(made, "BYTES_PER_ELEMENT", kind[3])
  rawset(made.prototype, "BYTES_PER_ELEMENT", kind[3])
  rawset(made, "from", function(self, values, fn)
    local array = arrays.Array.from(nil, values, fn)
    return class.new(self, array)
  end)
  rawset(made, "of", function(self, ...) return class.new(self, iterate.pack(...)) end)
end

for _, kind in ipairs(KINDS) do define_kind(kind) end

--- Methods that only look are those of arrays.
for _, name in ipairs { "forEach", "indexOf", "lastIndexOf", "includes", "find", "findIndex",
  "findLast", "findLastIndex", "some", "every", "reduce", "reduceRight", "join", "at", "keys",
  "values", "entries", "toString" } do
  rawset(prototype, name, function(self, ...)
    local list = plain(self)
    return list[name](list, ...)
  end)
end
prototype[symbol.iterator] = prototype.values

for _, name in ipairs { "map", "filter", "toReversed" } do
  rawset(prototype, name, function(self, ...)
    local list = plain(self)
    return class.new(self.constructor, list[name](list, ...))
  end)
end

function prototype.slice(self, first, last)
  local length = self.length
  first, last = to_index(first, length), to_index(last, length, length)
  local part = class.new(self.constructor, math.max(0, last - first))
  for i = first, last - 1 do part[1][i - first] = self[1][i] end
  return part
end

function prototype.subarray(self, first, last)
  local length = self.length
  first, last = to_index(first, length), to_index(last, length, length)
  local size = self.constructor.BYTES_PER_ELEMENT
  return class.new(self.constructor, self.buffer, self.byteOffset + first * size,
    math.max(0, last - first))
end

function prototype.set(self, source, offset)
  offset = to_integer(offset)
  if offset < 0 or offset + source.length > self.length then
    raise.range_error "offset is out of bounds"
  end
  local values = getmetatable(source).is_typed_array and plain(source) or source
  for i = 0, values.length - 1 do set_element(self, offset + i, property.get(values, i)) end
end

function prototype.fill(self, value, first, last)
  local length = self.length
  for i = to_index(first, length), to_index(last, length, length) - 1 do
    set_element(self, i, value)
  end
  return self
end

local function write_back(self, list)
  for i = 0, list.length - 1 do set_element(self, i, list[i]) end
  return self
end

function prototype.sort(self, compare)
  return write_back(self, plain(self):sort(compare or function(_, a, b)
    return operators.less(a, b) and -1 or operators.less(b, a) and 1 or 0
  end))
end
function prototype.reverse(self) return write_back(self, plain(self):reverse()) end

-- Bytes.

--- Does the value stand for bytes?
function binary.is(value)
  if type(value) ~= "table" then return false end
  local metatable = getmetatable(value)
  return (metatable.is_array_buffer or metatable.is_typed_array or metatable.is_data_view) or false
end

--- The bytes of a buffer or view as a Lua string.
---@return string
function binary.to_string(value)
  if getmetatable(value).is_array_buffer then return ffi.string(value[1], value[2]) end
  return ffi.string(value.buffer[1] + value.byteOffset, value.byteLength)
end

--- A new ArrayBuffer with these bytes.
---@param bytes string
function binary.buffer(bytes)
  local buffer = class.new(ArrayBuffer, #bytes)
  ffi.copy(buffer[1], bytes, #bytes)
  return buffer
end

--- A new Uint8Array with these bytes.
---@param bytes string
function binary.uint8(bytes)
  return class.new(binary.Uint8Array, binary.buffer(bytes))
end

rawset(ArrayBuffer, "isView", function(_, value)
  return binary.is(value) and not getmetatable(value).is_array_buffer
end)

return binary
