--- UTF-8 (RFC 3629), for the places that need to know where it goes wrong.

local byte, find, sub = string.byte, string.find, string.sub

local utf8 = {}

-- The least and greatest second byte that keep a lead byte out of overlong forms, surrogates
-- and what lies beyond U+10FFFF.
local SECOND = {
  [0xE0] = { 0xA0, 0xBF },
  [0xED] = { 0x80, 0x9F },
  [0xF0] = { 0x90, 0xBF },
  [0xF4] = { 0x80, 0x8F },
}
local ANY_TAIL = { 0x80, 0xBF }

local function length_of(lead)
  if lead < 0x80 then return 1 end
  if lead >= 0xC2 and lead <= 0xDF then return 2 end
  if lead >= 0xE0 and lead <= 0xEF then return 3 end
  if lead >= 0xF0 and lead <= 0xF4 then return 4 end
end

--- How many bytes the character at a position takes, nil when it is not valid.
---@param text string
---@param position integer
---@return integer?
function utf8.sequence(text, position)
  local lead, second, third, fourth = byte(text, position, position + 3)
  local length = lead and length_of(lead)
  if not length or length == 1 then return length end
  local range = SECOND[lead] or ANY_TAIL
  if not second or second < range[1] or second > range[2] then return nil end
  if length >= 3 and not (third and third >= 0x80 and third <= 0xBF) then return nil end
  if length == 4 and not (fourth and fourth >= 0x80 and fourth <= 0xBF) then return nil end
  return length
end

--- The character at a position, or its first byte when it is not valid.
---@param text string
---@param position integer
---@return string
function utf8.character(text, position)
  return sub(text, position, position + (utf8.sequence(text, position) or 1) - 1)
end

--- The position of the first byte that is not UTF-8, nil when all of them are.
---@param text string
---@return integer?
function utf8.fault(text)
  local position = find(text, "[\128-\255]")
  while position do
    local length = utf8.sequence(text, position)
    if not length then return position end
    position = find(text, "[\128-\255]", position + length)
  end
end

return utf8
