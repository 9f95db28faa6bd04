--- operators: what translated programs call where Lua's operators differ or where the kinds of
--- the operands are not sure.

local bit = require "bit"
local bigints = require "ts2lua.runtime.bigints"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local ffi = require "ffi"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"

local to_number, to_primitive, to_text = convert.to_number, convert.to_primitive, convert.to_text
local floor, huge, fmod = math.floor, math.huge, math.fmod
local getmetatable, type = getmetatable, type

ffi.cdef "double pow(double x, double y);"
local C = ffi.C

local bigint_bits = later "bigint_bits"

local operators = {}

operators.minus_zero = -1 / huge

--- An operation on values that are no two numbers: on two BigInts, or on numbers after all.
local function general(name, on_numbers)
  local on_bigints = bigints[name]
  return function(a, b)
    a, b = to_primitive(a, "number"), to_primitive(b, "number")
    if bigints.is(a) and bigints.is(b) then return on_bigints(a, b) end
    return on_numbers(to_number(a), to_number(b))
  end
end

local general_subtract = general("subtract", function(a, b) return a - b end)
local general_multiply = general("multiply", function(a, b) return a * b end)
local general_divide = general("divide", function(a, b) return a / b end)

function operators.add(a, b)
  local kind_a, kind_b = type(a), type(b)
  if kind_a == "number" and kind_b == "number" then return a + b end
  if kind_a == "string" and kind_b == "string" then return a .. b end
  a, b = to_primitive(a, "default"), to_primitive(b, "default")
  if type(a) == "string" or type(b) == "string" then return to_text(a) .. to_text(b) end
  if bigints.is(a) and bigints.is(b) then return bigints.add(a, b) end
  return to_number(a) + to_number(b)
end

function operators.subtract(a, b)
  if type(a) == "number" and type(b) == "number" then return a - b end
  return general_subtract(a, b)
end

function operators.multiply(a, b)
  if type(a) == "number" and type(b) == "number" then return a * b end
  return general_multiply(a, b)
end

function operators.divide(a, b)
  if type(a) == "number" and type(b) == "number" then return a / b end
  return general_divide(a, b)
end

--- The sign is that of the left side, and so is that of zero.
function operators.remainder(a, b)
  if bigints.is(a) and bigints.is(b) then return bigints.remainder(a, b) end
  if type(a) ~= "number" then a = to_number(a) end
  if type(b) ~= "number" then b = to_number(b) end
  -- Lua's own operator is inexact for fractions, and knows no negative zero.
  if a > 0 and b > 0 and b < huge and a < 9007199254740992 and a == floor(a) and b == floor(b) then
    return a % b
  end
  if b == huge or b == -huge then return (a == huge or a == -huge) and 0 / 0 or a end
  return fmod(a, b)
end

function operators.power(a, b)
  if bigints.is(a) and bigints.is(b) then return bigints.power(a, b) end
  if type(a) ~= "number" then a = to_number(a) end
  if type(b) ~= "number" then b = to_number(b) end
  -- C says pow(1, NaN) is 1; JavaScript says NaN.
  if b ~= b or (a == 1 or a == -1) and (b == huge or b == -huge) then return 0 / 0 end
  -- LuaJIT multiplies for whole exponents, which is less exact than the library's function.
  if b == 2 then return a * a end
  return C.pow(a, b)
end

function operators.negate(a)
  if type(a) == "number" then return -a end
  if bigints.is(a) then return bigints.negate(a) end
  return -to_number(a)
end

function operators.increment(a)
  if type(a) == "number" then return a + 1 end
  if bigints.is(a) then return bigints.add(a, bigints.parse "1") end
  return to_number(a) + 1
end

function operators.decrement(a)
  if type(a) == "number" then return a - 1 end
  if bigints.is(a) then return bigints.add(a, bigints.parse "-1") end
  return to_number(a) - 1
end

--- The number that `value++` gives; a BigInt stays one.
function operators.to_numeric(value)
  if type(value) == "number" or bigints.is(value) then return value end
  return to_number(value)
end

-- Bits.

--- The lowest 32 bits, signed.
local function to_int32(value)
  if type(value) ~= "number" then value = to_number(value) end
  if value >= -2147483648 and value <= 2147483647 then
    return value >= 0 and floor(value) or -floor(-value)
  end
  if value ~= value or value == huge or value == -huge then return 0 end
  value = (value >= 0 and floor(value) or -floor(-value)) % 4294967296
  return value >= 2147483648 and value - 4294967296 or value
end
operators.to_int32 = to_int32

--- An operator on numbers as integers of 32 bits; BigInts have one of their own.
local function on_bits(name, on_numbers)
  return function(a, b)
    if type(a) == "table" and bigints.is(a) and bigints.is(b) then
      return bigint_bits[name](a, b)
    end
    return on_numbers(to_int32(a), to_int32(b))
  end
end

operators.bit_and = on_bits("bit_and", bit.band)
operators.bit_or = on_bits("bit_or", bit.bor)
operators.bit_xor = on_bits("bit_xor", bit.bxor)
operators.shift_left = on_bits("shift_left", function(a, b) return bit.lshift(a, b % 32) end)
operators.shift_right = on_bits("shift_right", function(a, b) return bit.arshift(a, b % 32) end)

function operators.bit_not(a)
  if type(a) == "table" and bigints.is(a) then return bigint_bits.bit_not(a) end
  return bit.bnot(to_int32(a))
end

function operators.shift_right_unsigned(a, b)
  local result = bit.rshift(to_int32(a), to_int32(b) % 32)
  return result < 0 and result + 4294967296 or result
end

-- Comparison.

--- A number to compare with, of a BigInt as well.
local function rough_number(value)
  if bigints.is(value) then return tonumber(value[3]) end
  return to_number(value)
end

--- Two values as two texts or two numbers.
local function comparable(a, b)
  a, b = to_primitive(a, "number"), to_primitive(b, "number")
  if type(a) == "string" and type(b) == "string" then return a, b end
  if bigints.is(a) and bigints.is(b) then return bigints.compare(a, b), 0 end
  return rough_number(a), rough_number(b)
end

function operators.less(a, b)
  if type(a) ~= "number" or type(b) ~= "number" then a, b = comparable(a, b) end
  return a < b
end

function operators.less_equal(a, b)
  if type(a) ~= "number" or type(b) ~= "number" then a, b = comparable(a, b) end
  return a <= b
end

function operators.greater(a, b)
  if type(a) ~= "number" or type(b) ~= "number" then a, b = comparable(a, b) end
  return a > b
end

function operators.greater_equal(a, b)
  if type(a) ~= "number" or type(b) ~= "number" then a, b = comparable(a, b) end
  return a >= b
end

local function is_object(value)
  if type(value) ~= "table" then return type(value) == "function" end
  local metatable = getmetatable(value)
  return not metatable.is_symbol and not metatable.is_bigint
end

--- `a == b`
local function loosely_equal(a, b)
  if a == b then return true end
  local a_is_nothing, b_is_nothing = a == nil or a == null, b == nil or b == null
  if a_is_nothing or b_is_nothing then return a_is_nothing and b_is_nothing end
  local kind_a, kind_b = type(a), type(b)
  if kind_a == kind_b then return false end
  if kind_a == "boolean" then return loosely_equal(to_number(a), b) end
  if kind_b == "boolean" then return loosely_equal(a, to_number(b)) end
  if is_object(a) then
    return not is_object(b) and loosely_equal(to_primitive(a, "default"), b)
  end
  if is_object(b) then return loosely_equal(a, to_primitive(b, "default")) end
  if bigints.is(a) or bigints.is(b) then return rough_number(a) == rough_number(b) end
  if kind_a == "table" or kind_b == "table" then return false end
  return to_number(a) == to_number(b)
end
operators.loosely_equal = loosely_equal

-- Kinds.

function operators.typeof(value)
  local kind = type(value)
  if kind == "nil" then return "undefined" end
  if kind == "table" then
    local metatable = getmetatable(value)
    if metatable.is_class then return "function" end
    return metatable.is_symbol and "symbol" or metatable.is_bigint and "bigint" or "object"
  end
  if kind == "userdata" then return "object" end
  return kind
end

function operators.instance_of(value, target)
  if type(target) ~= "function"
    and not (type(target) == "table" and getmetatable(target).is_class) then
    raise.type_error "Right-hand side of 'instanceof' is not callable"
  end
  local own = type(target) == "table" and target[symbol.has_instance]
  if type(own) == "function" then return convert.truthy(own(target, value)) end
  if type(value) ~= "table" and type(value) ~= "function" then return false end
  local wanted = target.prototype
  local prototype = class.prototype_of(value)
  while prototype do
    if prototype == wanted then return true end
    if prototype == shape.object_prototype then return false end
    prototype = class.prototype_of(prototype)
  end
  return false
end

--- What a variable holds before its declaration has run, where programs may see it then.
operators.zone = {}

function operators.uninitialised(name)
  raise.reference_error(("Cannot access '%s' before initialization"):format(name))
end

--- The value of such a variable.
function operators.initialised(value, name)
  if value == operators.zone then operators.uninitialised(name) end
  return value
end

return operators
