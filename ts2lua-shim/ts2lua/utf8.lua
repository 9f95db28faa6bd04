--- utf8: code points as UTF-8 bytes and back.
---
--- A lone surrogate, which JavaScript's strings may hold, is written as the three bytes UTF-8
--- would give it.

local bit = require "bit"

local byte, char, find = string.byte, string.char, string.find
local band, bor, rshift, lshift = bit.band, bit.bor, bit.rshift, bit.lshift

local utf8 = {}

--- One character: a lead byte and what follows it.
utf8.CHARACTER = "[%z\1-\127\192-\247][\128-\191]*"

---@param point integer
---@return string
function utf8.encode(point)
  if point < 0x80 then return char(point) end
  local last = bor(0x80, band(point, 0x3F))
  if point < 0x800 then return char(bor(0xC0, rshift(point, 6)), last) end
  local middle = bor(0x80, band(rshift(point, 6), 0x3F))
  if point < 0x10000 then return char(bor(0xE0, rshift(point, 12)), middle, last) end
  return char(bor(0xF0, rshift(point, 18)), bor(0x80, band(rshift(point, 12), 0x3F)),
    middle, last)
end

--- The code point at byte `i` and where the next one begins; nil at the end.
---@param text string
---@param i integer
---@return integer? point
---@return integer? after
function utf8.decode(text, i)
  local a, b, c, d = byte(text, i, i + 3)
  if not a then return nil end
  if a < 0x80 then return a, i + 1 end
  b = band(b or 0x80, 0x3F)
  if a < 0xE0 then return bor(lshift(band(a, 0x1F), 6), b), i + 2 end
  c = band(c or 0x80, 0x3F)
  if a < 0xF0 then return bor(lshift(band(a, 0x0F), 12), lshift(b, 6), c), i + 3 end
  return bor(lshift(band(a, 0x07), 18), lshift(b, 12), lshift(c, 6), band(d or 0x80, 0x3F)), i + 4
end

local function is_tail(b)
  return b ~= nil and b >= 0x80 and b <= 0xBF
end

--- How many bytes the character with lead `a` at `i` has; nil where UTF-8 is broken.
local function sequence_length(text, i, a)
  local b, c, d = byte(text, i + 1, i + 3)
  if not is_tail(b) then return nil end
  if a >= 0xC2 and a <= 0xDF then return 2 end
  if not is_tail(c) then return nil end
  if a >= 0xE0 and a <= 0xEF then
    if a == 0xE0 and b < 0xA0 or a == 0xED and b > 0x9F then return nil end
    return 3
  end
  if not is_tail(d) or a < 0xF0 or a > 0xF4 then return nil end
  if a == 0xF0 and b < 0x90 or a == 0xF4 and b > 0x8F then return nil end
  return 4
end

--- Where the first byte stands that is not UTF-8; nil when all is well.
---@param text string
---@return integer?
function utf8.find_fault(text)
  local i = find(text, "[\128-\255]")
  while i do
    local length = sequence_length(text, i, (byte(text, i)))
    if not length then return i end
    i = find(text, "[\128-\255]", i + length)
  end
  return nil
end

return utf8
