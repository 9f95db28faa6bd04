--- Text fault: the first place where a text stops being JSON (RFC 8259), in words.
---
--- It runs only after a text has been refused. Strangers choose the text and may choose a long
--- one, so what is not yet at fault is passed byte by byte, in loops that LuaJIT compiles, and
--- patterns serve only to describe.

local cjson = require "cjson"

local limits = require "partylua.json.limits"
local utf8 = require "partylua.json.utf8"

local byte, find, format, gsub, match, sub =
  string.byte, string.find, string.format, string.gsub, string.match, string.sub

local EXCERPT_BYTES = 20
local value_of = cjson.new().decode -- tonumber gives up on exponents of ten digits

-- A fault is raised as a table by whatever finds it.
local function fault(position, message)
  error({ position = position, message = message }, 0)
end

local NAMES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function printable(text)
  return (gsub(text, "[%c\128-\255]", function(c)
    return NAMES[c] or format("\\x%02x", byte(c))
  end))
end

-- What stands at a position: a whole word or number, or one character.
local function excerpt(text, position)
  local token = match(text, "^[%w_%.%+%-]+", position) or utf8.character(text, position)
  if #token > EXCERPT_BYTES then token = sub(token, 1, EXCERPT_BYTES) .. "..." end
  if utf8.fault(token) then token = printable(token) end
  return "'" .. gsub(token, "%c", printable) .. "'"
end

local function unexpected(text, position, wanted)
  if position > #text then fault(position, "the text ends where " .. wanted .. " should be") end
  fault(position, "unexpected " .. excerpt(text, position) .. ", expected " .. wanted)
end

local function after_space(text, at)
  local code = byte(text, at)
  while code == 0x20 or code == 0x0A or code == 0x0D or code == 0x09 do
    at = at + 1
    code = byte(text, at)
  end
  return at
end

local function after_digits(text, at)
  local code = byte(text, at)
  while code and code >= 0x30 and code <= 0x39 do
    at = at + 1
    code = byte(text, at)
  end
  return at
end

local function check_unicode_escape(text, position)
  local unit = match(text, "^\\u(%x%x%x%x)", position)
  if not unit then fault(position, "\\u takes four hexadecimal digits") end
  local value = tonumber(unit, 16)
  if value < 0xD800 or value > 0xDFFF then return position + 6 end
  local low = match(text, "^\\u([dD][c-fC-F]%x%x)", position + 6)
  if value > 0xDBFF or not low then
    fault(position, "'\\u" .. unit .. "' is half of a surrogate pair")
  end
  return position + 12
end

local function check_escape(text, position)
  local kind = sub(text, position + 1, position + 1)
  if kind == "u" then return check_unicode_escape(text, position) end
  if kind ~= "" and find('"\\/bfnrt', kind, 1, true) then return position + 2 end
  if kind == "" then fault(position + 1, "the text ends inside a string") end
  fault(position, "'\\" .. printable(kind) .. "' is not an escape")
end

-- `position` is at the opening quote; the position after the closing one is returned.
local function check_string(text, position)
  local at = position + 1
  while true do
    local code = byte(text, at)
    while code and code > 0x5C and code < 0x80 do -- small letters, mostly
      at = at + 1
      code = byte(text, at)
    end
    if not code then fault(at, "the text ends inside a string") end
    if code == 0x22 then
      return at + 1
    elseif code == 0x5C then
      at = check_escape(text, at)
    elseif code < 0x20 then
      fault(at, format("control character U+%04X in a string, it must be escaped", code))
    elseif code < 0x80 then
      at = at + 1
    else
      local length = utf8.sequence(text, at)
      if not length then fault(at, format("invalid UTF-8 in a string, byte 0x%02X", code)) end
      at = at + length
    end
  end
end

-- The position after a number, and whether it may be too large; nil when it is none.
local function after_number(text, position)
  local at = byte(text, position) == 0x2D and position + 1 or position
  local after = byte(text, at) == 0x30 and at + 1 or after_digits(text, at)
  if after == at then return nil end
  local is_long = after - at > 300
  at = after
  if byte(text, at) == 0x2E then
    after = after_digits(text, at + 1)
    if after == at + 1 then return nil end
    at = after
  end
  local code = byte(text, at)
  if code ~= 0x65 and code ~= 0x45 then return at, is_long end
  code = byte(text, at + 1)
  at = (code == 0x2B or code == 0x2D) and at + 2 or at + 1
  after = after_digits(text, at)
  if after == at then return nil end
  return after, true
end

local function check_number(text, position)
  local at, may_be_large = after_number(text, position)
  if not at or find(text, "^[%w_%.%+%-]", at) then
    fault(position, "unexpected " .. excerpt(text, position) .. ", which is not a JSON number")
  end
  if may_be_large and math.abs(value_of(sub(text, position, at - 1))) == math.huge then
    fault(position, "the number " .. excerpt(text, position) .. " is too large")
  end
  return at
end

local check_value

local function check_array(text, position, depth)
  local at = after_space(text, position + 1)
  if byte(text, at) == 0x5D then return at + 1 end
  while true do
    at = after_space(text, check_value(text, at, depth, "a value"))
    local code = byte(text, at)
    if code == 0x5D then return at + 1 end
    if code ~= 0x2C then unexpected(text, at, "',' or ']'") end
    at = after_space(text, at + 1)
  end
end

local function check_object(text, position, depth)
  local at = after_space(text, position + 1)
  if byte(text, at) == 0x7D then return at + 1 end
  while true do
    if byte(text, at) ~= 0x22 then unexpected(text, at, "a name in double quotes") end
    at = after_space(text, check_string(text, at))
    if byte(text, at) ~= 0x3A then unexpected(text, at, "':'") end
    at = after_space(text, check_value(text, after_space(text, at + 1), depth, "a value"))
    local code = byte(text, at)
    if code == 0x7D then return at + 1 end
    if code ~= 0x2C then unexpected(text, at, "',' or '}'") end
    at = after_space(text, at + 1)
  end
end

function check_value(text, position, depth, wanted)
  local code = byte(text, position)
  if code == 0x22 then return check_string(text, position) end
  if code == 0x5B or code == 0x7B then
    if depth == limits.DEPTH_MAX then
      fault(position, "nested more than " .. limits.DEPTH_MAX .. " deep")
    end
    return (code == 0x5B and check_array or check_object)(text, position, depth + 1)
  end
  if code and (code == 0x2D or code >= 0x30 and code <= 0x39) then
    return check_number(text, position)
  end
  local word = match(text, "^%a[%w_]*", position)
  if word == "true" or word == "false" or word == "null" then return position + #word end
  unexpected(text, position, wanted)
end

local function check_text(text)
  local position = after_space(text, 1)
  if sub(text, 1, 3) == "\239\187\191" then fault(1, "a byte order mark does not belong here") end
  if position > #text then fault(position, "the text is empty") end
  position = after_space(text, check_value(text, position, 0, "a value"))
  if position <= #text then unexpected(text, position, "the end of the text") end
end

local function line_and_column(text, position)
  local line, start = 1, 1
  local newline = find(text, "\n", 1, true)
  while newline and newline < position do
    line, start = line + 1, newline + 1
    newline = find(text, "\n", start, true)
  end
  local column = 1
  for at = start, position - 1 do
    local code = byte(text, at)
    if code < 0x80 or code > 0xBF then column = column + 1 end -- not a continuation byte
  end
  return line, column
end

local text_fault = {}

--- What is wrong with a text, and where; nil when nothing is.
---@param text string
---@return string?
function text_fault.describe(text)
  local ok, found = pcall(check_text, text)
  if ok then return nil end
  if type(found) ~= "table" then return "invalid JSON: " .. tostring(found) end
  local line, column = line_and_column(text, found.position)
  return format("invalid JSON at line %d, column %d: %s", line, column, found.message)
end

return text_fault
