--- convert: values as texts, numbers, truths and property keys.

local bigints = require "ts2lua.runtime.bigints"
local decimal = require "ts2lua.decimal"
local null = require "ts2lua.runtime.null"
local number_text = require "ts2lua.number_text"
local raise = require "ts2lua.runtime.raise"

local find, gsub, match, sub = string.find, string.gsub, string.match, string.sub
local floor, huge = math.floor, math.huge
local getmetatable, tonumber, type = getmetatable, tonumber, type

local convert = {}

local NAN = 0 / 0

local to_text, to_number

local function call_conversion(value, name)
  local fn = value[name]
  if type(fn) ~= "function" then return nil, false end
  local result = fn(value)
  if type(result) == "table" or type(result) == "function" then return nil, false end
  return result, true
end

--- Set by symbol.lua: Symbol.toPrimitive.
convert.to_primitive_key = {}

--- An object as a value that is none. `hint` is "string", "number" or "default".
local function to_primitive(value, hint)
  if type(value) ~= "table" and type(value) ~= "function" then return value end
  local metatable = getmetatable(value)
  if metatable.is_symbol or metatable.is_bigint then return value end
  local own = type(value) == "table" and value[convert.to_primitive_key]
  if type(own) == "function" then return own(value, hint) end
  if hint == "default" then hint = metatable.default_hint or "number" end
  local first, second = "valueOf", "toString"
  if hint == "string" then first, second = second, first end
  local result, is_done = call_conversion(value, first)
  if is_done then return result end
  result, is_done = call_conversion(value, second)
  if is_done then return result end
  raise.type_error "Cannot convert object to primitive value"
end
convert.to_primitive = to_primitive

--- What a template shows: `${value}`.
function to_text(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then return number_text(value) end
  if kind == "nil" then return "undefined" end
  if kind == "boolean" then return value and "true" or "false" end
  if value == null then return "null" end
  local primitive = to_primitive(value, "string")
  if bigints.is(primitive) then return primitive[3] end
  if type(primitive) == "table" then
    raise.type_error "Cannot convert a Symbol value to a string"
  end
  return to_text(primitive)
end
convert.to_text = to_text

--- What `"" + value` shows.
function convert.concatenated(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then return number_text(value) end
  return to_text(to_primitive(value, "default"))
end

local BLANK = { "^[ \t\n\v\f\r]+", "^\194\160", "^\239\187\191", "^\226\128[\128-\138\168\169\175]",
  "^\226\129\159", "^\225\154\128", "^\227\128\128" }

--- Where the text goes on after blanks at `i`.
local function skip_blanks(text, i)
  repeat
    local from = i
    for k = 1, #BLANK do
      local _, last = find(text, BLANK[k], i)
      if last then i = last + 1 end
    end
  until i == from
  return i
end
convert.skip_blanks = skip_blanks

local WIDE_END = { ["\194\160"] = true, ["\239\187\191"] = true, ["\226\129\159"] = true,
  ["\225\154\128"] = true, ["\227\128\128"] = true }

local function is_wide_end(text)
  if WIDE_END[sub(text, -2)] or WIDE_END[sub(text, -3)] then return true end
  return find(sub(text, -3), "^\226\128[\128-\138\168\169\175]$") ~= nil
end

--- The text without blanks at its end.
local function trim_end(text)
  local last = #text
  while true do
    local from = last
    while last > 0 and find(text, "^[ \t\n\v\f\r]", last) do last = last - 1 end
    local tail = sub(text, math.max(1, last - 2), last)
    if is_wide_end(tail) then last = last - (WIDE_END[sub(tail, -2)] and 2 or 3) end
    if last == from then return sub(text, 1, last) end
  end
end
convert.trim_end = trim_end

function convert.trim_start(text)
  return sub(text, skip_blanks(text, 1))
end

function convert.trim(text)
  return trim_end(sub(text, skip_blanks(text, 1)))
end

local BASES = { x = { "^%x+$", 16 }, o = { "^[0-7]+$", 8 }, b = { "^[01]+$", 2 } }

local function based_number(text)
  local letter = match(text, "^0([xXoObB])")
  if not letter then return nil end
  local base = BASES[letter:lower()]
  local digits = sub(text, 3)
  if not find(digits, base[1]) then return NAN end
  local value = 0
  for i = 1, #digits do value = value * base[2] + tonumber(sub(digits, i, i), 16) end
  return value
end

--- The number a whole text is; NaN for anything else.
local function text_number(text)
  text = convert.trim(text)
  if text == "" then return 0 end
  if find(text, "^[+-]?%d+%.?%d*$") or find(text, "^[+-]?%.%d+$")
    or find(text, "^[+-]?%d+%.?%d*[eE][+-]?%d+$") or find(text, "^[+-]?%.%d+[eE][+-]?%d+$") then
    return decimal((gsub(text, "^%+", "")))
  end
  if text == "Infinity" or text == "+Infinity" then return huge end
  if text == "-Infinity" then return -huge end
  return based_number(text) or NAN
end

function to_number(value)
  local kind = type(value)
  if kind == "number" then return value end
  if kind == "string" then return text_number(value) end
  if kind == "boolean" then return value and 1 or 0 end
  if kind == "nil" then return NAN end
  if value == null then return 0 end
  local primitive = to_primitive(value, "number")
  if type(primitive) == "table" then
    raise.type_error(bigints.is(primitive)
      and "Cannot mix BigInt and other types, use explicit conversions"
      or "Cannot convert a Symbol value to a number")
  end
  return to_number(primitive)
end
convert.to_number = to_number

--- A whole number; `default` for undefined, 0 for NaN.
function convert.to_integer(value, default)
  if value == nil then return default or 0 end
  if type(value) ~= "number" then value = to_number(value) end
  if value ~= value then return 0 end
  return value >= 0 and floor(value) or -floor(-value)
end

--- An index into something with `length` elements; negative ones count from the end.
function convert.to_index(value, length, default)
  local index = convert.to_integer(value, default)
  if index < 0 then
    index = index + length
    return index < 0 and 0 or index
  end
  return index > length and length or index
end

local ZERO = bigints.zero

function convert.truthy(value)
  return value ~= nil and value ~= false and value ~= 0 and value ~= "" and value ~= null
    and value == value and value ~= ZERO
end

--- The value when it is truthy, else nil: the left side of a Lua `or`.
function convert.or_nil(value)
  if value ~= nil and value ~= false and value ~= 0 and value ~= "" and value ~= null
    and value == value and value ~= ZERO then
    return value
  end
  return nil
end

--- A property key: a text, or a symbol.
function convert.to_key(value)
  if type(value) == "string" then return value end
  if type(value) == "number" then return number_text(value) end
  if type(value) == "table" and getmetatable(value).is_symbol then return value end
  return to_text(value)
end

--- How errors name a value that was called or asked in vain.
function convert.describe(value)
  local kind = type(value)
  if kind == "string" then return '"' .. value .. '"' end
  if kind == "table" then return "#<Object>" end
  if kind == "function" then return "function" end
  return to_text(value)
end

return convert
