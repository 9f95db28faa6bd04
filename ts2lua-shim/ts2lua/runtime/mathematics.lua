--- mathematics: Math.

local bit = require "bit"
local convert = require "ts2lua.runtime.convert"
local operators = require "ts2lua.runtime.operators"
local shape = require "ts2lua.runtime.shape"

local to_number = convert.to_number
local floor, huge = math.floor, math.huge

local mathematics = {}

--- Where random numbers come from; a test may set another source.
---@type fun(): number
mathematics.random = math.random

local Math = shape.object()
mathematics.Math = Math

for name, value in pairs {
  PI = math.pi, E = math.exp(1), LN2 = math.log(2), LN10 = math.log(10), SQRT2 = math.sqrt(2),
  LOG2E = 1 / math.log(2), LOG10E = 1 / math.log(10), SQRT1_2 = math.sqrt(0.5),
} do
  rawset(Math, name, value)
end

--- A function of one number.
local function unary(name, fn)
  rawset(Math, name, function(_, value)
    if type(value) ~= "number" then value = to_number(value) end
    return fn(value)
  end)
end

for _, name in ipairs { "floor", "ceil", "abs", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan",
  "sinh", "cosh", "tanh", "exp", "log", "log10" } do
  unary(name, math[name])
end

local function log2(value)
  local mantissa, exponent = math.frexp(value)
  if mantissa == 0.5 then return exponent - 1 end
  return math.log(value) / math.log(2)
end

unary("log2", log2)
unary("log1p", function(x)
  if math.abs(x) > 1e-5 then return math.log(1 + x) end
  return x - x * x / 2 + x * x * x / 3
end)
unary("expm1", function(x)
  if math.abs(x) > 1e-5 then return math.exp(x) - 1 end
  return x + x * x / 2 + x * x * x / 6
end)
unary("asinh", function(x)
  if x == 0 or x == huge or x == -huge then return x end
  return x > 0 and math.log(x + math.sqrt(x * x + 1)) or -math.log(-x + math.sqrt(x * x + 1))
end)
unary("acosh", function(x) return math.log(x + math.sqrt(x * x - 1)) end)
unary("atanh", function(x) return 0.5 * math.log((1 + x) / (1 - x)) end)

unary("trunc", function(x) return x >= 0 and floor(x) or -floor(-x) end)
unary("sign", function(x) return x > 0 and 1 or x < 0 and -1 or x end)
unary("round", function(x)
  local down = floor(x)
  if x - down >= 0.5 then return down + 1 end
  return down
end)
unary("cbrt", function(x)
  if x == 0 or x ~= x or x == huge or x == -huge then return x end
  local root = math.abs(x) ^ (1 / 3)
  local near = floor(root + 0.5)
  if near * near * near == math.abs(x) then root = near end
  return x < 0 and -root or root
end)
unary("fround", function(x)
  if x ~= x or x == huge or x == -huge then return x end
  return tonumber(require("ffi").cast("float", x))
end)
unary("clz32", function(x)
  x = operators.to_int32(x)
  for i = 31, 0, -1 do
    if bit.band(bit.rshift(x, i), 1) == 1 then return 31 - i end
  end
  return 32
end)

rawset(Math, "random", function() return mathematics.random() end)
rawset(Math, "pow", function(_, a, b) return operators.power(a, b) end)
rawset(Math, "atan2", function(_, a, b) return math.atan2(to_number(a), to_number(b)) end)
rawset(Math, "imul", function(_, a, b)
  a, b = operators.to_int32(a), operators.to_int32(b)
  local high = bit.rshift(a, 16) % 65536
  local low = bit.band(a, 0xFFFF)
  return operators.to_int32((high * b % 65536) * 65536 + low * b)
end)

--- The extreme of all arguments; `worst` when there are none.
local function extreme(worst, is_better, ...)
  local best = worst
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) ~= "number" then value = to_number(value) end
    if value ~= value then
      best = value
    elseif is_better(value, best) then
      best = value
    end
  end
  return best
end

local function is_above(x, y) return x > y or x == 0 and y == 0 and 1 / y < 0 end
local function is_below(x, y) return x < y or x == 0 and y == 0 and 1 / x < 0 end

--- Two different numbers, none of them NaN: nothing more to think about.
local function are_plain(count, a, b)
  return count == 2 and type(a) == "number" and type(b) == "number" and (a < b or a > b)
end

rawset(Math, "max", function(_, ...)
  local a, b = ...
  if are_plain(select("#", ...), a, b) then return a > b and a or b end
  return extreme(-huge, is_above, ...)
end)

rawset(Math, "min", function(_, ...)
  local a, b = ...
  if are_plain(select("#", ...), a, b) then return a < b and a or b end
  return extreme(huge, is_below, ...)
end)

rawset(Math, "hypot", function(_, ...)
  local sum = 0
  for i = 1, select("#", ...) do
    local value = to_number((select(i, ...)))
    if value == huge or value == -huge then return huge end
    sum = sum + value * value
  end
  return math.sqrt(sum)
end)

return mathematics
