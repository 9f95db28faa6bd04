--- escapes: what a backslash in a string or a template stands for.

local utf8 = require "ts2lua.utf8"

local match, sub = string.match, string.sub

local escapes = {}

local SIMPLE = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f", v = "\v" }

--- A surrogate pair written as two escapes is one character.
local function pair(source, high, after)
  local low = tonumber(match(source, "^\\u(%x%x%x%x)", after) or "", 16)
  if high >= 0xD800 and high < 0xDC00 and low and low >= 0xDC00 and low < 0xE000 then
    return 0x10000 + (high - 0xD800) * 1024 + (low - 0xDC00), after + 6
  end
  return high, after
end

local function unicode(source, i)
  local digits = match(source, "^{(%x+)}", i)
  if digits then
    local point = #digits <= 12 and tonumber(digits, 16) or 0x110000
    if point > 0x10FFFF then return nil end
    return utf8.encode(point), i + #digits + 2
  end
  digits = match(source, "^%x%x%x%x", i)
  if not digits then return nil end
  local point, after = pair(source, tonumber(digits, 16), i + 4)
  return utf8.encode(point), after
end

--- The text of the escape whose letter stands at `i`, and where the source goes on. Nil for an
--- escape that does not exist.
---@param source string
---@param i integer    after the backslash
---@return string? text
---@return integer? after
function escapes.read(source, i)
  local letter = sub(source, i, i)
  if SIMPLE[letter] then return SIMPLE[letter], i + 1 end
  if letter == "u" then return unicode(source, i + 1) end
  if letter == "x" then
    local digits = match(source, "^%x%x", i + 1)
    if not digits then return nil end
    return utf8.encode(tonumber(digits, 16)), i + 3
  end
  if letter == "\r" and sub(source, i + 1, i + 1) == "\n" then return "", i + 2 end
  if letter == "\n" or letter == "\r" then return "", i + 1 end
  if match(letter, "%d") then
    if letter ~= "0" or match(source, "^%d", i + 1) then return nil end
    return "\0", i + 1
  end
  local character = match(source, "^" .. utf8.CHARACTER, i)
  if not character then return nil end
  if character == "\226\128\168" or character == "\226\128\169" then return "", i + 3 end
  return character, i + #character
end

return escapes
