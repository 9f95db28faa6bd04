--- Text fault: the first place where a text stops being JSON (RFC 8259), in words.
---
--- It runs only after a text has been refused, so it is written to explain, not to hurry; it
--- still takes linear time and bounded depth, since strangers choose the text.

local limits = require "partylua.json.limits"
local utf8 = require "partylua.json.utf8"

local byte, find, format, gsub, match, sub =
  string.byte, string.find, string.format, string.gsub, string.match, string.sub

local EXCERPT_BYTES = 20

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

local function after_space(text, position)
  return (find(text, "[^ \t\r\n]", position)) or #text + 1
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
    at = find(text, '["\\%c\128-\255]', at)
    if not at then fault(#text + 1, "the text ends inside a string") end
    local code = byte(text, at)
    if code == 0x22 then
      return at + 1
    elseif code == 0x5C then
      at = check_escape(text, at)
    elseif code < 0x20 then
      fault(at, format("control character U+%04X in a string, it must be escaped", code))
    elseif code == 0x7F then
      at = at + 1
    else
      local length = utf8.sequence(text, at)
      if not length then fault(at, format("invalid UTF-8 in a string, byte 0x%02X", code)) end
      at = at + length
    end
  end
end

local function check_number(text, position)
  local at = match(text, "^%-?0()", position) or match(text, "^%-?[1-9]%d*()", position)
  at = at and (match(text, "^%.%d+()", at) or at)
  at = at and (match(text, "^[eE][%+%-]?%d+()", at) or at)
  local finish = at and match(text, "^[%w_%.%+%-]*()", at)
  if not at or finish ~= at then
    fault(position, "unexpected " .. excerpt(text, position) .. ", which is not a JSON number")
  end
  if math.abs(tonumber(sub(text, position, at - 1))) == math.huge then
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
  local first = sub(text, position, position)
  if first == '"' then return check_string(text, position) end
  if first == "[" or first == "{" then
    if depth == limits.DEPTH_MAX then
      fault(position, "nested more than " .. limits.DEPTH_MAX .. " deep")
    end
    return (first == "[" and check_array or check_object)(text, position, depth + 1)
  end
  if find(first, "[%-%d]") then return check_number(text, position) end
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
  for after in string.gmatch(sub(text, 1, position - 1), "\n()") do
    line, start = line + 1, after
  end
  local _, continuations = gsub(sub(text, start, position - 1), "[\128-\191]", "")
  return line, position - start - continuations + 1
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
