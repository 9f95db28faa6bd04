--- bigint_bits: `&`, `|`, `^`, `~`, `<<` and `>>` of BigInts, which are in two's complement with
--- sign bits without end.

local bit = require "bit"
local bigints = require "ts2lua.runtime.bigints"
local raise = require "ts2lua.runtime.raise"

local floor = math.floor
local band, bor, bxor = bit.band, bit.bor, bit.bxor

local bigint_bits = {}

local WORD, WORD_MAX = 2 ^ 24, 2 ^ 24 - 1
--- A shift by more than this makes a number that is too large.
local SHIFT_MAX = 46000

local one, two, word = bigints.parse "1", bigints.parse "2", bigints.parse(("%d"):format(WORD))

--- The 24-bit words of a value that is not negative, the lowest first.
local function magnitude_words(value)
  local words = {}
  while value ~= bigints.zero do
    words[#words + 1] = tonumber(bigints.remainder(value, word)[3])
    value = bigints.divide(value, word)
  end
  return words
end

--- The words of a value, and what stands above them: 0, or WORD_MAX for negative ones.
local function words_of(value)
  if value[1] > 0 then return magnitude_words(value), 0 end
  local words = magnitude_words(bigints.subtract(bigints.negate(value), one))
  for i = 1, #words do words[i] = WORD_MAX - words[i] end
  return words, WORD_MAX
end

local function value_of(words, above)
  local value = bigints.zero
  for i = #words, 1, -1 do
    local each = above == 0 and words[i] or WORD_MAX - words[i]
    value = bigints.add(bigints.multiply(value, word), bigints.parse(("%d"):format(each)))
  end
  if above == 0 then return value end
  return bigints.negate(bigints.add(value, one))
end

local function combine(a, b, operation)
  local x, x_above = words_of(a)
  local y, y_above = words_of(b)
  local result = {}
  for i = 1, math.max(#x, #y) do result[i] = operation(x[i] or x_above, y[i] or y_above) end
  return value_of(result, operation(x_above, y_above))
end

function bigint_bits.bit_and(a, b) return combine(a, b, band) end
function bigint_bits.bit_or(a, b) return combine(a, b, bor) end
function bigint_bits.bit_xor(a, b) return combine(a, b, bxor) end
function bigint_bits.bit_not(a) return bigints.negate(bigints.add(a, one)) end

--- The quotient towards minus infinity.
local function floor_divide(a, b)
  local quotient = bigints.divide(a, b)
  if a[1] < 0 and bigints.multiply(quotient, b) ~= a then
    quotient = bigints.subtract(quotient, one)
  end
  return quotient
end

local function shift(a, count)
  if a == bigints.zero or count == 0 then return a end
  if count > SHIFT_MAX then raise.range_error "Maximum BigInt size exceeded" end
  if count < -SHIFT_MAX then return a[1] < 0 and bigints.parse "-1" or bigints.zero end
  local factor = bigints.power(two, bigints.parse(("%d"):format(floor(math.abs(count)))))
  if count > 0 then return bigints.multiply(a, factor) end
  return floor_divide(a, factor)
end

function bigint_bits.shift_left(a, b) return shift(a, tonumber(b[3])) end
function bigint_bits.shift_right(a, b) return shift(a, -tonumber(b[3])) end

return bigint_bits
