--- Percent-encoding, and the UTF-8 that it carries, as the WHATWG URL standard has them.
---
--- Text that is not UTF-8 is read as a browser reads it: each broken sequence becomes U+FFFD.

local byte, char, concat, find = string.byte, string.char, table.concat, string.find
local gmatch, gsub, sub = string.gmatch, string.gsub, string.sub

local REPLACEMENT = "\239\191\189" -- U+FFFD

local percent = {}

local escapes, escaped = {}, {}
for code = 0, 255 do
  escapes[char(code)] = ("%%%02X"):format(code)
end
for high in gmatch("0123456789abcdefABCDEF", ".") do
  for low in gmatch("0123456789abcdefABCDEF", ".") do
    escaped[high .. low] = char(tonumber(high .. low, 16))
  end
end

--- Encodes the characters of a set, which is a Lua pattern of one character.
---@param text string
---@param set string
---@return string
function percent.encode(text, set)
  if not find(text, set) then return text end
  return (gsub(text, set, escapes))
end

--- Malformed escapes stay as they are.
---@param text string
---@return string
function percent.decode(text)
  if not find(text, "%", 1, true) then return text end
  return (gsub(text, "%%(%x%x)", escaped))
end

--- How many bytes from `at` on belong together, and whether they are a UTF-8 sequence (RFC 3629
--- section 4). Of a broken one it is the longest part that could have begun a sequence.
local function utf8_sequence(text, at)
  local lead, lowest, highest = byte(text, at), 0x80, 0xBF
  if lead < 0xC2 or lead > 0xF4 then return 1, false end
  if lead == 0xE0 then lowest = 0xA0 elseif lead == 0xF0 then lowest = 0x90 end
  if lead == 0xED then highest = 0x9F elseif lead == 0xF4 then highest = 0x8F end
  local length = lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
  for i = 1, length - 1 do
    local code = byte(text, at + i)
    if code == nil or code < lowest or code > highest then return i, false end
    lowest, highest = 0x80, 0xBF
  end
  return length, true
end

--- The text with every broken UTF-8 sequence replaced by U+FFFD; sound text is given back
--- itself.
---@param text string
---@return string
function percent.scrub_utf8(text)
  local at = find(text, "[\128-\255]")
  local pieces, kept = {}, 1
  while at do
    local length, sound = utf8_sequence(text, at)
    if not sound then
      pieces[#pieces + 1] = sub(text, kept, at - 1) .. REPLACEMENT
      kept = at + length
    end
    at = find(text, "[\128-\255]", at + length)
  end
  return kept == 1 and text or concat(pieces) .. sub(text, kept)
end

return percent
