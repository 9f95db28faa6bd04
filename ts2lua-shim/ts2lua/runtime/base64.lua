--- base64: RFC 4648.

local bit = require "bit"

local byte, char, gsub, sub = string.byte, string.char, string.gsub, string.sub
local band, bor, lshift, rshift = bit.band, bit.bor, bit.lshift, bit.rshift

local base64 = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local LETTERS, VALUES = {}, {}
for i = 0, 63 do
  LETTERS[i] = sub(ALPHABET, i + 1, i + 1)
  VALUES[byte(ALPHABET, i + 1)] = i
end

---@param bytes string
---@return string
function base64.encode(bytes)
  local parts = {}
  for i = 1, #bytes, 3 do
    local a, b, c = byte(bytes, i, i + 2)
    local group = bor(lshift(a, 16), lshift(b or 0, 8), c or 0)
    parts[#parts + 1] = LETTERS[rshift(group, 18)] .. LETTERS[band(rshift(group, 12), 63)]
      .. (b and LETTERS[band(rshift(group, 6), 63)] or "=")
      .. (c and LETTERS[band(group, 63)] or "=")
  end
  return table.concat(parts)
end

--- The bytes, or nil for what is no base64. Blanks do not count, padding may be left out.
---@param text string
---@return string?
function base64.decode(text)
  text = gsub(text, "[ \t\n\f\r]", "")
  if #text % 4 == 0 then text = gsub(text, "==?$", "") end
  if #text % 4 == 1 or text:find "[^%w+/]" then return nil end
  local parts = {}
  for i = 1, #text, 4 do
    local a, b, c, d = byte(text, i, i + 3)
    local group = bor(lshift(VALUES[a], 18), lshift(VALUES[b], 12),
      lshift(c and VALUES[c] or 0, 6), d and VALUES[d] or 0)
    local count = d and 3 or c and 2 or 1
    parts[#parts + 1] = sub(char(rshift(group, 16), band(rshift(group, 8), 255),
      band(group, 255)), 1, count)
  end
  return table.concat(parts)
end

return base64
