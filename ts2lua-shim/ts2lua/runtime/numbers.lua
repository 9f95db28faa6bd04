--- numbers: Number, Boolean, and the methods of numbers and booleans.
---
--- The metatables below are those of all numbers and booleans.

local bigints = require "ts2lua.runtime.bigints"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local decimal = require "ts2lua.decimal"
local number_text = require "ts2lua.number_text"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local floor, huge = math.floor, math.huge
local find, format, match, sub = string.find, string.format, string.match, string.sub
local to_integer, to_number = convert.to_integer, convert.to_number

local numbers = {}

local DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

local function digit(value)
  return sub(DIGITS, value + 1, value + 1)
end

local function whole_digits(value, radix)
  if value == 0 then return "0" end
  local list = {}
  while value > 0 do
    table.insert(list, 1, digit(value % radix))
    value = floor(value / radix)
  end
  return table.concat(list)
end

--- Adds one at the last place; a carry may run out at the left, which the caller rules out.
local function round_up(list, radix)
  local i = #list
  while i > 0 do
    if list[i] + 1 < radix then
      list[i] = list[i] + 1
      return
    end
    list[i] = nil
    i = i - 1
  end
end

--- The fewest digits of a fraction that still mean this number.
local function fraction_digits(value, fraction, radix)
  local list = {}
  local _, exponent = math.frexp(value)
  local delta = math.max(0.5 * 2 ^ (exponent - 53), 5e-324)
  repeat
    fraction, delta = fraction * radix, delta * radix
    local next_digit = floor(fraction)
    list[#list + 1] = next_digit
    fraction = fraction - next_digit
    if (fraction > 0.5 or fraction == 0.5 and next_digit % 2 == 1) and fraction + delta > 1 then
      round_up(list, radix)
      break
    end
  until fraction < delta
  for i = 1, #list do list[i] = digit(list[i]) end
  return table.concat(list)
end

local function radix_text(value, radix)
  if value ~= value or value == huge or value == -huge then return number_text(value) end
  local sign = value < 0 and "-" or ""
  value = math.abs(value)
  local whole = floor(value)
  local text = sign .. whole_digits(whole, radix)
  if value == whole then return text end
  return text .. "." .. fraction_digits(value, value - whole, radix)
end

local prototype = setmetatable({}, { __index = shape.object_prototype })
numbers.prototype = prototype
debug.setmetatable(0, { __index = prototype, prototype = prototype })

function prototype.toString(self, radix)
  if radix == nil then return number_text(self) end
  radix = to_integer(radix)
  if radix < 2 or radix > 36 then
    raise.range_error "toString() radix must be between 2 and 36"
  end
  return radix == 10 and number_text(self) or radix_text(self, radix)
end

function prototype.valueOf(self) return self end

local function check_digits(digits, least, most, name)
  if digits < least or digits > most then
    raise.range_error(("%s() argument must be between %d and %d"):format(name, least, most))
  end
  return digits
end

function prototype.toFixed(self, digits)
  digits = check_digits(to_integer(digits), 0, 100, "toFixed() digits")
  if self ~= self or math.abs(self) >= 1e21 then return number_text(self) end
  return require "ts2lua.runtime.fixed"(self, digits)
end

local function exponent_text(text)
  local mantissa, sign, exponent = match(text, "^(.-)e([+-])0*(%d+)$")
  return mantissa .. "e" .. sign .. exponent
end

function prototype.toExponential(self, digits)
  if self ~= self or self == huge or self == -huge then return number_text(self) end
  if digits == nil then
    for count = 0, 16 do
      local text = format("%." .. count .. "e", self)
      if tonumber(text) == self then return exponent_text(text) end
    end
  end
  digits = check_digits(to_integer(digits), 0, 100, "toExponential")
  return exponent_text(format("%." .. digits .. "e", self))
end

function prototype.toPrecision(self, digits)
  if digits == nil or self ~= self or self == huge or self == -huge then
    return number_text(self)
  end
  digits = check_digits(to_integer(digits), 1, 100, "toPrecision")
  local text = format("%." .. (digits - 1) .. "e", self)
  local exponent = tonumber(match(text, "e(.*)$"))
  if exponent < -6 or exponent >= digits then return exponent_text(text) end
  return format("%." .. (digits - 1 - exponent) .. "f", self)
end

--- As in the United States: 1,234,567.891
function prototype.toLocaleString(self, _, options)
  return require "ts2lua.runtime.number_format"(self, options)
end

-- Number.

numbers.Number = class.builtin("Number")
local Number = numbers.Number
local function number_of(...)
  if select("#", ...) == 0 then return 0 end
  local value = convert.to_primitive((...), "number")
  return bigints.is(value) and tonumber(value[3]) or to_number(value)
end
getmetatable(Number).make = function(_, ...) return number_of(...) end
class.callable(Number, function(_, _, ...) return number_of(...) end)
rawset(Number, "prototype", prototype)
rawset(prototype, "constructor", Number)

for name, value in pairs {
  EPSILON = 2 ^ -52, MAX_SAFE_INTEGER = 9007199254740991, MIN_SAFE_INTEGER = -9007199254740991,
  MAX_VALUE = 1.7976931348623157e308, MIN_VALUE = 5e-324, POSITIVE_INFINITY = huge,
  NEGATIVE_INFINITY = -huge, NaN = 0 / 0,
} do
  rawset(Number, name, value)
end

local function is_finite(value)
  return type(value) == "number" and value == value and value ~= huge and value ~= -huge
end

local function is_integer(value)
  return is_finite(value) and value == floor(value)
end

rawset(Number, "isFinite", function(_, value) return is_finite(value) end)
rawset(Number, "isInteger", function(_, value) return is_integer(value) end)
rawset(Number, "isNaN", function(_, value) return type(value) == "number" and value ~= value end)
rawset(Number, "isSafeInteger", function(_, value)
  return is_integer(value) and math.abs(value) <= 9007199254740991
end)

function numbers.isFinite(_, value) return is_finite(to_number(value)) end

function numbers.isNaN(_, value)
  value = to_number(value)
  return value ~= value
end

--- `parseInt`: digits from the start of a text.
function numbers.parseInt(_, value, radix)
  local text = convert.trim_start(convert.to_text(value))
  local sign = match(text, "^[+-]") or ""
  local digits = sub(text, #sign + 1)
  radix = to_integer(radix)
  if (radix == 0 or radix == 16) and find(digits, "^0[xX]") then
    radix, digits = 16, sub(digits, 3)
  end
  if radix == 0 then radix = 10 end
  if radix < 2 or radix > 36 then return 0 / 0 end
  local last = 0
  for i = 1, #digits do
    local place = find(DIGITS, sub(digits, i, i):lower(), 1, true)
    if not place or place > radix then break end
    last = i
  end
  if last == 0 then return 0 / 0 end
  digits = sub(digits, 1, last)
  local result = 0
  if radix == 10 then
    result = tonumber(digits)
  else
    for i = 1, last do
      result = result * radix + find(DIGITS, sub(digits, i, i):lower(), 1, true) - 1
    end
  end
  return sign == "-" and -result or result
end

--- `parseFloat`: a decimal number from the start of a text.
function numbers.parseFloat(_, value)
  local text = convert.trim_start(convert.to_text(value))
  local sign, rest = match(text, "^([+-]?)(.*)$")
  if sub(rest, 1, 8) == "Infinity" then return sign == "-" and -huge or huge end
  local mantissa = match(rest, "^%d+%.?%d*") or match(rest, "^%.%d+")
  if not mantissa then return 0 / 0 end
  local exponent = match(rest, "^[eE][+-]?%d+", #mantissa + 1) or ""
  local result = decimal(mantissa .. exponent)
  return sign == "-" and -result or result
end

rawset(Number, "parseInt", numbers.parseInt)
rawset(Number, "parseFloat", numbers.parseFloat)

-- Boolean.

local boolean_prototype = setmetatable({}, { __index = shape.object_prototype })
debug.setmetatable(true, { __index = boolean_prototype, prototype = boolean_prototype })

function boolean_prototype.toString(self) return self and "true" or "false" end
function boolean_prototype.valueOf(self) return self end

numbers.Boolean = class.builtin("Boolean")
getmetatable(numbers.Boolean).make = function(_, value) return convert.truthy(value) end
class.callable(numbers.Boolean, function(_, _, value) return convert.truthy(value) end)
rawset(numbers.Boolean, "prototype", boolean_prototype)
rawset(boolean_prototype, "constructor", numbers.Boolean)

return numbers
