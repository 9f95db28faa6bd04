--- scalar: the strings, numbers and words of a configuration file.

local scalar = {}

local ESCAPES = {
  b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v", ["0"] = "\0",
  ["\n"] = "", ["\r"] = "", -- a backslash at the end of a line joins it with the next
}
local WORDS = { ["true"] = true, ["false"] = false }

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  local tail = ""
  local first, room = 0xC0, 0x20
  while true do
    tail = string.char(0x80 + code % 0x40) .. tail
    code = math.floor(code / 0x40)
    if code < room then return string.char(first + code) .. tail end
    first, room = first + room, room / 2
  end
end

--- The character of a \u escape whose digits begin at `at`, and what follows; or nil.
local function unicode_escape(text, at)
  local digits = text:match("^%x%x%x%x", at)
  if not digits then return nil end
  local code = tonumber(digits, 16)
  if code < 0xD800 or code > 0xDFFF then return utf8(code), at + 4 end
  -- RFC 8259 section 7: beyond U+FFFF come two escapes, a high and a low surrogate.
  local low = text:match("^\\u([dD][c-fC-F]%x%x)", at + 4)
  if code > 0xDBFF or not low then return nil end
  return utf8(0x10000 + (code - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00), at + 10
end

--- What the escape whose backslash is at `at` stands for, and what follows; raises if nothing.
local function escape(source, at)
  local text = source.text
  local letter = text:sub(at + 1, at + 1)
  local value, after = ESCAPES[letter], at + 2
  if letter == "\r" and text:sub(at + 2, at + 2) == "\n" then after = at + 3 end
  if letter == "x" then
    local digits = text:match("^%x%x", after)
    value, after = digits and utf8(tonumber(digits, 16)), after + 2
  elseif letter == "u" then
    value, after = unicode_escape(text, after)
  elseif letter:find "[1-9]" or letter == "0" and text:find("^%d", after) then
    value = nil -- JSON5 leaves octal escapes out
  elseif not value then
    value = letter
  end
  if not value then source:fail(at, at + 1, "this escape names no character") end
  return value, after
end

--- The string whose opening quote is at `at`, and the place after its closing quote.
---@param source partylua.config.Source
---@param at integer
---@return string value
---@return integer after
function scalar.string(source, at)
  local text = source.text
  local quote = text:sub(at, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find("[\"'\\\r\n]", from)
    local found = stop and text:sub(stop, stop)
    if not stop or found == "\n" or found == "\r" then
      source:fail(at, at, "this string is not closed in its line")
    end
    parts[#parts + 1] = text:sub(from, stop - 1)
    if found == quote then return table.concat(parts), stop + 1 end
    if found == "\\" then
      parts[#parts + 1], from = escape(source, stop)
    else
      parts[#parts + 1], from = found, stop + 1
    end
  end
end

--- The number a word of digits stands for, or nil.
local function number(word)
  local sign, digits = word:match "^([+-]?)(.+)$"
  if not digits then return nil end
  local mantissa = digits:match "^(.-)[eE][+-]?%d+$" or digits
  local decimal = mantissa:find "^%d+%.?%d*$" or mantissa:find "^%.%d+$"
  local padded = mantissa:find "^0%d" -- 010 is eight to some and ten to others
  local hexadecimal = digits:find "^0[xX]%x+$"
  if not hexadecimal and (not decimal or padded) then return nil end
  local value = tonumber(digits)
  if value == math.huge then return nil end
  return sign == "-" and -value or value
end

--- The scalar at `at`: its kind, its value and the place after it; nil when there is none.
---@param source partylua.config.Source
---@param at integer
---@return "string"|"number"|"boolean"|"null"|nil kind
---@return any value
---@return integer? after
function scalar.read(source, at)
  local text = source.text
  if text:find("^[\"']", at) then return "string", scalar.string(source, at) end
  local word = text:match("^[%w_$.+-]+", at)
  if not word then return nil end
  local after = at + #word
  if word == "null" then return "null", nil, after end
  if WORDS[word] ~= nil then return "boolean", WORDS[word], after end
  if word:find "^[+-]?%.?%d" then
    local value = number(word)
    if not value then source:fail(at, after - 1, ("%s is not a number"):format(word)) end
    return "number", value, after
  end
  source:fail(at, after - 1, ("expected a value, found %s"):format(word),
    "a string needs quotes")
end

return scalar
