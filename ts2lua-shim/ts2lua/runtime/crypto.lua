--- crypto: random values and identifiers; digests and signatures are in subtle.lua.

local bit = require "bit"
local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local errors = require "ts2lua.runtime.errors"
local ffi = require "ffi"
local later = require "ts2lua.runtime.later"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local subtle = later "subtle"

local crypto = {}

--- Bytes that nobody can guess; a test may set another source.
---@type fun(count: integer): string
crypto.random_bytes = function(count)
  local file = assert(io.open("/dev/urandom", "rb"))
  local bytes = file:read(count)
  file:close()
  return bytes
end

--- What getRandomValues fills at most.
local BYTES_MAX = 65536

local object = shape.object()
crypto.object = object

rawset(object, "getRandomValues", function(_, array)
  if not binary.is(array) or not getmetatable(array).is_typed_array then
    raise.type_error "The data argument must be an integer-type TypedArray"
  end
  local count = array.byteLength
  if count > BYTES_MAX then
    error(class.new(errors.DOMException,
      "The requested length exceeds 65,536 bytes", "QuotaExceededError"), 0)
  end
  if count > 0 then
    ffi.copy(array.buffer[1] + array.byteOffset, crypto.random_bytes(count), count)
  end
  return array
end)

rawset(object, "randomUUID", function()
  local b = { crypto.random_bytes(16):byte(1, 16) }
  b[7] = bit.bor(bit.band(b[7], 0x0F), 0x40)
  b[9] = bit.bor(bit.band(b[9], 0x3F), 0x80)
  return ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x"):format(
    unpack(b))
end)

shape.define_accessor(object, "subtle", "get", function() return subtle.object end)

return crypto
