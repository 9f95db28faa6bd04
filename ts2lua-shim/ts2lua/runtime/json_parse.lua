--- json_parse: JSON.parse, with the messages that people know.

local bit = require "bit"
local convert = require "ts2lua.runtime.convert"
local decimal = require "ts2lua.decimal"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local utf16 = require "ts2lua.runtime.utf16"
local utf8 = require "ts2lua.utf8"

local byte, find, match, sub = string.byte, string.find, string.match, string.sub
local rawset, setmetatable, tonumber = rawset, setmetatable, tonumber
local Array, empty, after, add = iterate.Array, shape.empty, shape.after, shape.add

--- Deeper values than this are refused: the parser calls itself for each level.
local LEVELS_MAX = 4000

local KNOWN = { NaN = true, Infinity = true, undefined = true, ["[object Object]"] = true }

local function fail_at(text, i, message)
  raise.syntax_error(("%s in JSON at position %d"):format(message, utf16.to_unit(text, i)))
end

--- How much of the text is shown around an unexpected token.
local function context(text, unit)
  local length = utf16.length(text)
  if length < 21 then return '"' .. text .. '"' end
  local first, last = math.max(0, unit - 10), math.min(length, unit + 10)
  return (first > 0 and "..." or "") .. '"' .. utf16.sub(text, first, last) .. '"'
    .. (last < length and "..." or "")
end

local function fail_token(text, i)
  if i > #text then raise.syntax_error "Unexpected end of JSON input" end
  if KNOWN[text] then raise.syntax_error(('"%s" is not valid JSON'):format(text)) end
  local unit = utf16.to_unit(text, i)
  raise.syntax_error(("Unexpected token '%s', %s is not valid JSON"):format(
    utf16.sub(text, unit, unit + 1), context(text, unit)))
end

local function skip(text, i)
  local b = byte(text, i)
  if not b or b > 32 then return i end
  local _, last = find(text, "^[ \t\r\n]*", i)
  return last + 1
end

local ESCAPE = { [34] = '"', [92] = "\\", [47] = "/", [98] = "\b", [102] = "\f", [110] = "\n",
  [114] = "\r", [116] = "\t" }

--- `\uD83D\uDE00` is one character.
local function unicode(text, i)
  local digits = match(text, "^%x%x%x%x", i + 2)
  if not digits then
    local good = #match(text, "^%x*", i + 2)
    fail_at(text, math.min(i + 2 + good, #text + 1), "Bad Unicode escape")
  end
  local point, next_i = tonumber(digits, 16), i + 6
  if point >= 0xD800 and point < 0xDC00 then
    local low = tonumber(match(text, "^\\u([dD][c-fC-F]%x%x)", next_i) or "", 16)
    if low then
      point = 0x10000 + bit.lshift(point - 0xD800, 10) + low - 0xDC00
      next_i = next_i + 6
    end
  end
  return utf8.encode(point), next_i
end

--- As long as this is looked at byte by byte: LuaJIT compiles that, and no pattern.
local SHORT = 32

--- The end of a text without escapes: where its closing quote stands.
local function plain_end(text, i)
  for at = i, i + SHORT do
    local b = byte(text, at)
    if b == 34 then return at end
    if not b or b == 92 or b < 32 then return nil end
  end
  local _, last = find(text, '^[^"\\%c]*"', i)
  return last
end

--- The text whose opening quote stands before `i`.
local function parse_text(text, i)
  local last = plain_end(text, i)
  if last then return sub(text, i, last - 1), last + 1 end
  local parts, _ = {}, nil
  while true do
    _, last = find(text, '^[^"\\%z\1-\31]+', i)
    if last then
      parts[#parts + 1] = sub(text, i, last)
      i = last + 1
    end
    local b = byte(text, i)
    if b == 34 then return table.concat(parts), i + 1 end
    if b == 92 then
      local escaped = byte(text, i + 1)
      if escaped == 117 then
        parts[#parts + 1], i = unicode(text, i)
      elseif ESCAPE[escaped] then
        parts[#parts + 1], i = ESCAPE[escaped], i + 2
      elseif escaped then
        fail_at(text, i + 1, "Bad escaped character")
      else
        fail_at(text, i + 1, "Unterminated string")
      end
    else
      fail_at(text, i, b and "Bad control character in string literal" or "Unterminated string")
    end
  end
end

--- What a number of this many digits is divided by for its decimals; both are exact.
local POWERS = {}
for i = 0, 15 do POWERS[i] = 10 ^ i end

--- Reads the digits at `i` on top of those before; gives the value and where they end.
local function digits(text, i, value)
  local b = byte(text, i)
  while b and b >= 48 and b <= 57 do
    value = value * 10 + (b - 48)
    i = i + 1
    b = byte(text, i)
  end
  return value, i, b
end

--- A number of up to 15 digits without an exponent: all that most messages have. Nil for others.
local function short_number(text, start)
  local first = byte(text, start) == 45 and start + 1 or start
  local value, i, b = digits(text, first, 0)
  local whole, decimals = i - first, 0
  if whole == 0 or whole > 1 and byte(text, first) == 48 then return nil end
  if b == 46 then
    local point = i
    value, i, b = digits(text, point + 1, value)
    decimals = i - point - 1
    if decimals == 0 then return nil end
  end
  if b == 69 or b == 101 or whole + decimals > 15 then return nil end
  if decimals > 0 then value = value / POWERS[decimals] end
  if first ~= start then value = -value end
  return value, i
end

local function parse_number(text, i)
  local value, after_it = short_number(text, i)
  if value then return value, after_it end
  local start = i
  if byte(text, i) == 45 then
    i = i + 1
    if not find(text, "^%d", i) then fail_at(text, i, "No number after minus sign") end
  end
  if byte(text, i) == 48 and find(text, "^%d", i + 1) then
    fail_at(text, i + 1, "Unexpected number")
  end
  local _, last = find(text, "^%d+", i)
  i = last + 1
  if byte(text, i) == 46 then
    _, last = find(text, "^%d+", i + 1)
    if not last then fail_at(text, i + 1, "Unterminated fractional number") end
    i = last + 1
  end
  if find(text, "^[eE]", i) then
    _, last = find(text, "^[+-]?%d+", i + 1)
    if not last then fail_at(text, i + 1, "Exponent part is missing a number") end
    i = last + 1
  end
  value = decimal(sub(text, start, i - 1))
  -- "-0" reads as an integer in Lua.
  if value == 0 and byte(text, start) == 45 then value = -1 / math.huge end
  return value, i
end

local parse_value

local function parse_array(text, i, level)
  local list, count = {}, 0
  i = skip(text, i)
  if byte(text, i) == 93 then return setmetatable({ length = 0 }, Array), i + 1 end
  while true do
    list[count], i = parse_value(text, i, level)
    count = count + 1
    i = skip(text, i)
    local b = byte(text, i)
    if b == 93 then
      list.length = count
      return setmetatable(list, Array), i + 1
    end
    if b ~= 44 then fail_at(text, i, "Expected ',' or ']' after array element") end
    i = skip(text, i + 1)
  end
end

--- Adds a property to a table that is not an object yet, as long as shapes are shared. Returns
--- the shape after it; nil once the object has become one.
local function add_property(object, current, key, value)
  if current then
    local next_shape = current.places[key] and current or after(current, key)
    if next_shape then
      object[key] = value
      return next_shape
    end
    setmetatable(object, current)
  end
  add(object, key, value)
  return nil
end

local function parse_object(text, i, level)
  local object, current = {}, empty
  i = skip(text, i)
  if byte(text, i) == 125 then return setmetatable(object, empty), i + 1 end
  if byte(text, i) ~= 34 then
    fail_at(text, i, "Expected property name or '}'")
  end
  while true do
    local key, value
    key, i = parse_text(text, i + 1)
    i = skip(text, i)
    if byte(text, i) ~= 58 then fail_at(text, i, "Expected ':' after property name") end
    value, i = parse_value(text, skip(text, i + 1), level)
    current = add_property(object, current, key, value)
    i = skip(text, i)
    local b = byte(text, i)
    if b == 125 then
      return current and setmetatable(object, current) or object, i + 1
    end
    if b ~= 44 then fail_at(text, i, "Expected ',' or '}' after property value") end
    i = skip(text, i + 1)
    if byte(text, i) ~= 34 then fail_at(text, i, "Expected double-quoted property name") end
  end
end

local WORDS = { [116] = { "true", true }, [102] = { "false", false }, [110] = { "null", null } }

local function parse_word(text, i, word)
  for k = 1, #word[1] do
    if byte(text, i + k - 1) ~= byte(word[1], k) then fail_token(text, i + k - 1) end
  end
  return word[2], i + #word[1]
end

function parse_value(text, i, level)
  local b = byte(text, i)
  if b == 34 then return parse_text(text, i + 1) end
  if b == 123 or b == 91 then
    if level > LEVELS_MAX then raise.range_error "Maximum call stack size exceeded" end
    if b == 123 then return parse_object(text, i + 1, level + 1) end
    return parse_array(text, i + 1, level + 1)
  end
  if b == 45 or b and b >= 48 and b <= 57 then return parse_number(text, i) end
  local word = WORDS[b]
  if word then return parse_word(text, i, word) end
  fail_token(text, i)
end

--- Lets a reviver look at every value, from the inside out.
local function revive(holder, key, reviver)
  local value = property.get(holder, key)
  if type(value) == "table" then
    local keys, count = property.own_keys(value)
    keys = { unpack(keys, 1, count) }
    for i = 1, count do
      local new = revive(value, keys[i], reviver)
      if new == nil then
        property.delete(value, keys[i])
      else
        property.set(value, keys[i], new)
      end
    end
  end
  return reviver(holder, key, value)
end

--- `JSON.parse(text, reviver)`
---@return any
local function parse(text, reviver)
  text = convert.to_text(text)
  local value, i = parse_value(text, skip(text, 1), 0)
  i = skip(text, i)
  if i <= #text then
    raise.syntax_error(("Unexpected non-whitespace character after JSON at position %d")
      :format(utf16.to_unit(text, i)))
  end
  if type(reviver) ~= "function" then return value end
  local holder = shape.object()
  rawset(holder, "", value)
  return revive(holder, "", reviver)
end

return parse
