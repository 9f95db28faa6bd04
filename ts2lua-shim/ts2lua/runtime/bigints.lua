--- bigints: whole numbers of any size: BigInt and `12n`.
---
--- Equal ones are the same table, so that `===` is Lua's `==`. A value has a sign and limbs of
--- seven digits, the lowest first.

local class = require "ts2lua.runtime.class"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local floor = math.floor

local bigints = {}

local BASE, LIMB_DIGITS = 1e7, 7
--- More digits than this are refused, whoever asks for them.
local LIMBS_MAX = 2000

local prototype = setmetatable({}, { __index = shape.object_prototype })
bigints.prototype = prototype
local BigIntValue = { __index = prototype, prototype = prototype, is_bigint = true }

--- All there are, by their text.
local interned = setmetatable({}, { __mode = "v" })

local function digits_of(limbs)
  local parts = { ("%d"):format(limbs[#limbs]) }
  for i = #limbs - 1, 1, -1 do parts[#parts + 1] = ("%07d"):format(limbs[i]) end
  return table.concat(parts)
end

--- The value with that sign and these limbs, which are taken over.
local function intern(sign, limbs)
  while #limbs > 0 and limbs[#limbs] == 0 do limbs[#limbs] = nil end
  if #limbs == 0 then sign, limbs[1] = 1, 0 end
  if #limbs > LIMBS_MAX then raise.range_error "Maximum BigInt size exceeded" end
  local text = (sign < 0 and "-" or "") .. digits_of(limbs)
  local value = interned[text]
  if not value then
    value = setmetatable({ sign, limbs, text }, BigIntValue)
    interned[text] = value
  end
  return value
end

--- The value that decimal digits mean.
---@param text string    digits, perhaps behind a sign
function bigints.parse(text)
  local sign = text:sub(1, 1) == "-" and -1 or 1
  local digits = text:gsub("^[+-]", "")
  local limbs = {}
  for last = #digits, 1, -LIMB_DIGITS do
    limbs[#limbs + 1] = tonumber(digits:sub(math.max(1, last - LIMB_DIGITS + 1), last))
  end
  return intern(sign, limbs)
end

--- Kept for ever: it is what is false.
bigints.zero = bigints.parse "0"

function bigints.is(value)
  return type(value) == "table" and getmetatable(value) == BigIntValue
end

local function compare_limbs(a, b)
  if #a ~= #b then return #a < #b and -1 or 1 end
  for i = #a, 1, -1 do
    if a[i] ~= b[i] then return a[i] < b[i] and -1 or 1 end
  end
  return 0
end

local function add_limbs(a, b)
  local sum, carry = {}, 0
  for i = 1, math.max(#a, #b) do
    local limb = (a[i] or 0) + (b[i] or 0) + carry
    carry = limb >= BASE and 1 or 0
    sum[i] = limb - carry * BASE
  end
  sum[#sum + 1] = carry
  return sum
end

--- The difference of limbs, the larger first.
local function subtract_limbs(a, b)
  local rest, borrow = {}, 0
  for i = 1, #a do
    local limb = a[i] - (b[i] or 0) - borrow
    borrow = limb < 0 and 1 or 0
    rest[i] = limb + borrow * BASE
  end
  return rest
end

function bigints.compare(a, b)
  if a[1] ~= b[1] then return a[1] < b[1] and -1 or 1 end
  return a[1] * compare_limbs(a[2], b[2])
end

function bigints.negate(a)
  local limbs = { unpack(a[2]) }
  return intern(-a[1], limbs)
end

function bigints.add(a, b)
  if a[1] == b[1] then return intern(a[1], add_limbs(a[2], b[2])) end
  if compare_limbs(a[2], b[2]) >= 0 then return intern(a[1], subtract_limbs(a[2], b[2])) end
  return intern(b[1], subtract_limbs(b[2], a[2]))
end

function bigints.subtract(a, b) return bigints.add(a, bigints.negate(b)) end

function bigints.multiply(a, b)
  local x, y, product = a[2], b[2], {}
  for i = 1, #x do
    local carry = 0
    for k = 1, #y do
      local limb = (product[i + k - 1] or 0) + x[i] * y[k] + carry
      carry = floor(limb / BASE)
      product[i + k - 1] = limb - carry * BASE
    end
    product[i + #y] = carry
  end
  return intern(a[1] * b[1], product)
end

--- How often `b` goes into `rest`, which is less than BASE times as large, by halving.
local function quotient_limb(rest, b)
  local low, high = 0, BASE - 1
  while low < high do
    local middle = floor((low + high + 1) / 2)
    local product = bigints.multiply(intern(1, { unpack(b) }), intern(1, { middle }))
    if compare_limbs(product[2], rest) <= 0 then low = middle else high = middle - 1 end
  end
  return low
end

local function trim(limbs)
  while #limbs > 1 and limbs[#limbs] == 0 do limbs[#limbs] = nil end
  return limbs
end

--- Quotient, cut towards zero, and remainder.
local function divide(a, b)
  if b == bigints.zero then raise.range_error "Division by zero" end
  local quotient, rest = {}, { 0 }
  for i = #a[2], 1, -1 do
    table.insert(rest, 1, a[2][i])
    trim(rest)
    local limb = quotient_limb(rest, b[2])
    quotient[i] = limb
    local product = bigints.multiply(intern(1, { unpack(b[2]) }), intern(1, { limb }))
    rest = trim(subtract_limbs(rest, product[2]))
  end
  return intern(a[1] * b[1], quotient), intern(a[1], rest)
end

function bigints.divide(a, b) return (divide(a, b)) end
function bigints.remainder(a, b) return (select(2, divide(a, b))) end

function bigints.power(a, b)
  if b[1] < 0 then raise.range_error "Exponent must be non-negative" end
  local result, count = bigints.parse "1", tonumber(b[3])
  if count > LIMBS_MAX * LIMB_DIGITS * 4 and #a[2] > 0 and a[3] ~= "1" and a[3] ~= "0" then
    raise.range_error "Maximum BigInt size exceeded"
  end
  while count > 0 do
    if count % 2 == 1 then result = bigints.multiply(result, a) end
    count = floor(count / 2)
    if count > 0 then a = bigints.multiply(a, a) end
  end
  return result
end

function prototype.toString(self) return self[3] end
function prototype.valueOf(self) return self end
function prototype.toLocaleString(self)
  local grouped = self[3]:reverse():gsub("(%d%d%d)", "%1,"):reverse()
  return (grouped:gsub("^(-?),", "%1"))
end

bigints.BigInt = class.builtin("BigInt")
getmetatable(bigints.BigInt).make = function() raise.type_error "BigInt is not a constructor" end
rawset(bigints.BigInt, "prototype", prototype)
rawset(prototype, "constructor", bigints.BigInt)

class.callable(bigints.BigInt, function(_, _, value)
  if bigints.is(value) then return value end
  if type(value) == "boolean" then return bigints.parse(value and "1" or "0") end
  if type(value) == "number" then
    if value ~= floor(value) or value == math.huge or value == -math.huge then
      raise.range_error(("The number %s cannot be converted to a BigInt because it is not an "
        .. "integer"):format(tostring(value)))
    end
    return bigints.parse(("%.0f"):format(value))
  end
  local text = type(value) == "string" and (value:match "^%s*([+-]?%d*)%s*$"
    or require "ts2lua.radix"(value:match "^%s*(%w+)%s*$" or ""))
  if not text or text == "+" or text == "-" then
    raise.syntax_error(("Cannot convert %s to a BigInt"):format(tostring(value)))
  end
  return bigints.parse(text == "" and "0" or text)
end)

return bigints
