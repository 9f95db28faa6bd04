--- utf16: JavaScript counts a text in UTF-16 units; ours are UTF-8.
---
--- Texts of ASCII alone are indexed directly. For others, the byte of every 64th unit is noted.
--- Long texts are remembered a while, so that a loop over one stays linear.

local bit = require "bit"
local percent = require "partylua.percent"
local utf8 = require "ts2lua.utf8"

local byte, find, sub = string.byte, string.find, string.sub
local rshift = bit.rshift
local decode, encode = utf8.decode, utf8.encode

local utf16 = {}

local STEP = 64
local SHORT_BYTES = 48

---@class ts2lua.Units
---@field length integer            in units
---@field bytes integer[]           of the first character that begins at unit n * 64 or later
---@field units integer[]           where that character begins

--- The noted places of a text that is not ASCII.
---@return ts2lua.Units
local function measure(text)
  local bytes, units, count, unit = {}, {}, 0, 0
  local i, size = 1, #text
  while i <= size do
    if unit >= count * STEP then
      bytes[count], units[count] = i, unit
      count = count + 1
    end
    local b = byte(text, i)
    if b < 0x80 then
      i, unit = i + 1, unit + 1
    elseif b < 0xE0 then
      i, unit = i + 2, unit + 1
    elseif b < 0xF0 then
      i, unit = i + 3, unit + 1
    else
      i, unit = i + 4, unit + 2
    end
  end
  return { length = unit, bytes = bytes, units = units }
end

-- The last long texts and what is known of them: false for ASCII.
local recent_texts, recent_units, turn = {}, {}, 1
local RECENT = 4

local function remembered(text)
  for i = 1, RECENT do
    if recent_texts[i] == text then return recent_units[i] end
  end
  local units = find(text, "[\128-\255]") and measure(text) or false
  recent_texts[turn], recent_units[turn] = text, units
  turn = turn % RECENT + 1
  return units
end

--- What is known of a text; false when units are bytes.
---@return ts2lua.Units|false
local function units_of(text)
  if #text <= SHORT_BYTES then
    return find(text, "[\128-\255]") and measure(text) or false
  end
  return remembered(text)
end

function utf16.is_ascii(text)
  return not units_of(text)
end

--- How many units the text has.
---@param text string
---@return integer
function utf16.length(text)
  local units = units_of(text)
  return units and units.length or #text
end

--- The byte where the character with a unit begins, and whether the unit is its second one. A
--- unit behind the end gives the byte behind the end.
---@return integer byte
---@return boolean is_low
local function locate(text, units, unit)
  if unit >= units.length then return #text + 1, false end
  local mark = rshift(unit, 6)
  -- The character noted for this stretch may begin behind the unit.
  if not units.bytes[mark] or units.units[mark] > unit then mark = mark - 1 end
  local i, at = units.bytes[mark], units.units[mark]
  while true do
    local b = byte(text, i)
    local bytes, width = 1, 1
    if b >= 0xF0 then
      bytes, width = 4, 2
    elseif b >= 0xE0 then
      bytes = 3
    elseif b >= 0xC0 then
      bytes = 2
    end
    if at + width > unit then return i, unit > at end
    i, at = i + bytes, at + width
  end
end

--- The byte where the character with that unit begins.
---@param text string
---@param unit integer    from 0
function utf16.to_byte(text, unit)
  if unit <= 0 then return 1 end
  local units = units_of(text)
  if not units then return unit > #text and #text + 1 or unit + 1 end
  return (locate(text, units, unit))
end

--- The unit that begins at a byte.
---@param text string
---@param at integer    from 1
function utf16.to_unit(text, at)
  local units = units_of(text)
  if not units then return at - 1 end
  if at > #text then return units.length end
  local low, high = 0, #units.bytes
  while low < high do
    local middle = rshift(low + high + 1, 1)
    if units.bytes[middle] <= at then low = middle else high = middle - 1 end
  end
  local i, unit = units.bytes[low], units.units[low]
  while i < at do
    local b = byte(text, i)
    i = i + (b < 0x80 and 1 or b < 0xE0 and 2 or b < 0xF0 and 3 or 4)
    unit = unit + (b >= 0xF0 and 2 or 1)
  end
  return unit
end

local function high_half(point) return 0xD800 + rshift(point - 0x10000, 10) end
local function low_half(point) return 0xDC00 + (point - 0x10000) % 1024 end

--- The units from `first` up to but without `last`, both within the text. Half a pair becomes a
--- lone surrogate.
---@param text string
---@param first integer
---@param last integer
---@return string
function utf16.sub(text, first, last)
  if last <= first then return "" end
  local units = units_of(text)
  if not units then return sub(text, first + 1, last) end
  local from, from_low = locate(text, units, first)
  local to, to_low = locate(text, units, last)
  local head, tail = "", ""
  if from_low then
    local point, after = decode(text, from)
    head, from = encode(low_half(point)), after
  end
  if to_low then tail = encode(high_half((decode(text, to)))) end
  return head .. sub(text, from, to - 1) .. tail
end

--- The unit's value; nil outside of the text.
---@return integer?
function utf16.code(text, unit)
  if unit < 0 then return nil end
  local units = units_of(text)
  if not units then return byte(text, unit + 1) end
  if unit >= units.length then return nil end
  local at, is_low = locate(text, units, unit)
  local point = decode(text, at)
  if point < 0x10000 then return point end
  return is_low and low_half(point) or high_half(point)
end

--- The code point that begins at a unit; nil outside of the text.
---@return integer?
function utf16.code_point(text, unit)
  local code = utf16.code(text, unit)
  if not code or code < 0xD800 or code > 0xDBFF then return code end
  local units = units_of(text)
  return (decode(text, (locate(text, units, unit))))
end

local function join_pair(high, low)
  local a, b = decode(high, 1), decode(low, 1)
  return encode(0x10000 + (a - 0xD800) * 1024 + b - 0xDC00)
end

--- Joins halves of pairs that texts were cut into.
---@param text string
---@return string
function utf16.mend(text)
  if not find(text, "\237[\160-\175]") then return text end
  return (text:gsub("(\237[\160-\175][\128-\191])(\237[\176-\191][\128-\191])", join_pair))
end

local function halve(character)
  local point = decode(character, 1)
  return encode(high_half(point)) .. encode(low_half(point))
end

-- The last text that was cut, and what it became.
local cut_text, cut_units

--- The text with every character beyond U+FFFF as the two halves that JavaScript counts; `mend`
--- joins them again.
---@param text string
---@return string
function utf16.halves(text)
  if not find(text, "[\240-\247]") then return text end
  if text ~= cut_text then
    cut_text, cut_units = text, (text:gsub("[\240-\247][\128-\191]*", halve))
  end
  return cut_units
end

--- A text as it leaves the program: halves of pairs become U+FFFD.
---@param text string
---@return string
function utf16.well_formed(text)
  return percent.scrub_utf8(utf16.mend(text))
end

return utf16
