--- letters: upper and lower case, and accents apart from their letters, of the scripts of Europe.

local utf8 = require "ts2lua.utf8"

local gsub = string.gsub
local encode = utf8.encode

local letters = {}

local UPPER, LOWER = {}, {}

local function pair(upper, lower)
  UPPER[encode(lower)], LOWER[encode(upper)] = encode(upper), encode(lower)
end

local function block(first, last, distance)
  for point = first, last do pair(point, point + distance) end
end

local function alternating(first, last)
  for point = first, last, 2 do pair(point, point + 1) end
end

block(0xC0, 0xD6, 32)
block(0xD8, 0xDE, 32)
alternating(0x100, 0x12E)
alternating(0x132, 0x136)
alternating(0x139, 0x147)
alternating(0x14A, 0x176)
pair(0x178, 0xFF)
alternating(0x179, 0x17D)
alternating(0x1CD, 0x1DB)
alternating(0x1DE, 0x1EE)
alternating(0x1F8, 0x21E)
alternating(0x222, 0x232)
pair(0x386, 0x3AC)
block(0x388, 0x38A, 37)
pair(0x38C, 0x3CC)
block(0x38E, 0x38F, 63)
block(0x391, 0x3A1, 32)
block(0x3A3, 0x3AB, 32)
block(0x400, 0x40F, 80)
block(0x410, 0x42F, 32)
alternating(0x460, 0x480)
alternating(0x48A, 0x4BE)
alternating(0x4D0, 0x52E)
block(0x531, 0x556, 48)
alternating(0x1E00, 0x1E94)
alternating(0x1EA0, 0x1EFE)
UPPER["ß"] = "SS"
UPPER["ς"] = "Σ"
LOWER["ẞ"] = "ß"
LOWER["İ"] = "i̇"

local WIDE = "[\194-\244][\128-\191]+"

function letters.upper(text)
  text = text:gsub("%l+", string.upper)
  if not text:find "[\128-\255]" then return text end
  return (gsub(text, WIDE, UPPER))
end

function letters.lower(text)
  text = text:gsub("%u+", string.lower)
  if not text:find "[\128-\255]" then return text end
  return (gsub(text, WIDE, LOWER))
end

--- The lower-case form of one character, for comparison without case.
function letters.fold(character)
  return LOWER[character] or character:lower()
end

-- The order of people for ASCII: blanks, punctuation, symbols, digits, letters.
local ORDER = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
local PLACE = {}
for i = 1, #ORDER do PLACE[ORDER:sub(i, i)] = string.char(i) end

--- A text whose bytes compare as people order letters, without regard to case and accents.
function letters.order_key(text)
  text = letters.lower(letters.decompose(text):gsub("\204[\128-\191]", ""))
  return (gsub(text, "[%z\1-\127]", PLACE))
end

-- Letters with accents, by the accent that follows the letter when they are apart.
local ACCENTED = {
  [0x300] = "AÀEÈIÌOÒUÙNǸaàeèiìoòuùnǹ", [0x301] = "AÁEÉIÍOÓUÚYÝCĆNŃSŚZŹaáeéiíoóuúyýcćnńsśzź",
  [0x302] = "AÂEÊIÎOÔUÛCĈGĜaâeêiîoôuûcĉgĝ", [0x303] = "AÃNÑOÕaãnñoõ",
  [0x308] = "AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ", [0x30A] = "AÅUŮaåuů", [0x327] = "CÇSŞTŢcçsştţ",
  [0x30C] = "CČDĎEĚNŇRŘSŠTŤZŽcčdďeěnňrřsštťzž", [0x328] = "AĄEĘaąeę",
  [0x304] = "AĀEĒIĪOŌUŪaāeēiīoōuū",
  [0x306] = "AĂGĞaăgğ", [0x307] = "ZŻIİzż", [0x30B] = "OŐUŰoőuű",
}

local APART, TOGETHER = {}, {}
for accent, list in pairs(ACCENTED) do
  local mark = encode(accent)
  for letter, whole in list:gmatch("(%a)([\194-\244][\128-\191]+)") do
    APART[whole], TOGETHER[letter .. mark] = letter .. mark, whole
  end
end

--- Letters and accents apart (NFD).
function letters.decompose(text)
  return (gsub(text, WIDE, APART))
end

--- Letters and accents together (NFC).
function letters.compose(text)
  return (gsub(text, "%a\204[\128-\191]", TOGETHER))
end

return letters
