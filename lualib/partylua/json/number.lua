--- Numbers as JSON: the shortest digits that read back as the same double.
---
--- Integers below 2^53 have no exponent. Everything else takes 15, 16 or 17 digits; asking
--- `tonumber` which of them is enough costs three times the printing, so for everyday sizes
--- `digits_needed` finds out by arithmetic and `tonumber` judges the rest.

local abs, floor, log10 = math.abs, math.floor, math.log10
local format = string.format

local number = {}

number.EXACT_MAX = 2 ^ 53
local PUT_EXACT_BELOW = 1e14 -- buffer:put prints 14 digits
local NORMAL_MIN = 2 ^ -1022
local SMALL, LARGE = 1e-5, 1e15 -- between them 10^decimals is an exact double
local SPLITTER = 2 ^ 27 + 1
local ALMOST_HALF = 0.5 - 2 ^ -50 -- what is too close to call counts as a no

local POWERS = {}
for exponent = -6, 22 do
  POWERS[exponent] = tonumber("1e" .. exponent)
end

-- The error of the rounded product a * b, exactly (Dekker's product).
local function product_error(a, b, product)
  local a_high = a * SPLITTER
  a_high = a_high - (a_high - a)
  local b_high = b * SPLITTER
  b_high = b_high - (b_high - b)
  local a_low, b_low = a - a_high, b - b_high
  return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
end

-- Does the decimal nearest to `size` with this many decimals lie within half an ulp of it,
-- so that it reads back as `size`? Both sides are taken times 10^decimals, less the integer
-- that both exceed: a 16-digit integer may be no double, but its distance from one is.
local function survives(size, ulp, decimals)
  local scale = POWERS[decimals]
  local scaled = size * scale
  local beyond = scaled - floor(scaled) + product_error(size, scale, scaled)
  return abs(floor(beyond + 0.5) - beyond) < ulp * scale * ALMOST_HALF
end

-- 15, 16 or 17 for a positive double of everyday size, nil for another.
local function digits_needed(size)
  if size < SMALL or size >= LARGE then return nil end
  local ulp = (size + size * 2 ^ -53) - size
  if ulp == 0 then return nil end -- a power of two: its neighbour below is nearer
  local magnitude = floor(log10(size))
  if size < POWERS[magnitude] then
    magnitude = magnitude - 1
  elseif size >= POWERS[magnitude + 1] then
    magnitude = magnitude + 1
  end
  if survives(size, ulp, 14 - magnitude) then return 15 end
  if survives(size, ulp, 15 - magnitude) then return 16 end
  return 17
end

local function shortest(n)
  -- Below the normal range a double has fewer than 15 digits to show.
  for digits = abs(n) < NORMAL_MIN and 1 or 15, 16 do
    local text = format("%." .. digits .. "g", n)
    if tonumber(text) == n then return text end
  end
  return format("%.17g", n)
end

--- Puts a finite number into a buffer. Returns false, and puts nothing, for NaN and infinities.
---@param out string.buffer
---@param n number
---@return boolean
function number.put(out, n)
  if n == floor(n) and n > -PUT_EXACT_BELOW and n < PUT_EXACT_BELOW then
    out:put(n)
    return true
  end
  local size = abs(n)
  if size ~= size or size == math.huge then return false end
  if size <= number.EXACT_MAX and n == floor(n) then
    out:putf("%d", n)
    return true
  end
  local digits = digits_needed(size)
  if digits == 15 then
    out:putf("%.15g", n)
  elseif digits == 16 then
    out:putf("%.16g", n)
  elseif digits == 17 then
    out:putf("%.17g", n)
  else
    out:put(shortest(n))
  end
  return true
end

return number
