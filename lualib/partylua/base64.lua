--- Base64 (RFC 4648, section 4), strictly: padded, without white space, and only one text for the
--- same bytes.

local bit = require "bit"
local ffi = require "ffi"

local band, bor, lshift, rshift = bit.band, bit.bor, bit.lshift, bit.rshift

local base64 = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local PAD = 61 -- "="

local digits = ffi.new("uint8_t[65]", ALPHABET)
local values = ffi.new "int8_t[256]" -- -1 for what is no digit
ffi.fill(values, 256, 255)
for value = 0, 63 do values[ALPHABET:byte(value + 1)] = value end

---@param bytes string
---@return string
function base64.encode(bytes)
  local from, size = ffi.cast("const uint8_t *", bytes), #bytes
  local length = math.ceil(size / 3) * 4
  local text = ffi.new("uint8_t[?]", length + 1)
  local at = 0
  for i = 0, size - 1, 3 do
    local one, two = from[i], i + 1 < size and from[i + 1] or 0
    local three = i + 2 < size and from[i + 2] or 0
    local group = bor(lshift(one, 16), lshift(two, 8), three)
    text[at] = digits[rshift(group, 18)]
    text[at + 1] = digits[band(rshift(group, 12), 63)]
    text[at + 2] = i + 1 < size and digits[band(rshift(group, 6), 63)] or PAD
    text[at + 3] = i + 2 < size and digits[band(group, 63)] or PAD
    at = at + 4
  end
  return ffi.string(text, length)
end

--- How many of a text's digits count: all but the padding; nil when that cannot be.
local function digit_count(text)
  local length = #text
  if length % 4 ~= 0 then return nil end
  local padding = text:match "=*$"
  if #padding > 2 then return nil end
  return length - #padding
end

---@param text string
---@return string? bytes    nil when the text is no base64
function base64.decode(text)
  local count = digit_count(text)
  if not count then return nil end
  local from, bytes = ffi.cast("const uint8_t *", text), ffi.new("uint8_t[?]", #text + 1)
  local size, group, bits = 0, 0, 0
  for i = 0, count - 1 do
    local value = values[from[i]]
    if value < 0 then return nil end
    group, bits = bor(lshift(band(group, 0xFFFF), 6), value), bits + 6
    if bits >= 8 then
      bits = bits - 8
      bytes[size] = band(rshift(group, bits), 255)
      size = size + 1
    end
  end
  if band(group, lshift(1, bits) - 1) ~= 0 then return nil end -- bits that no byte has
  return ffi.string(bytes, size)
end

return base64
