--- number_text: a number as JavaScript writes it: the fewest digits that read back the same.

local floor, huge = math.floor, math.huge
local find, format, gsub, match, rep, sub =
  string.find, string.format, string.gsub, string.match, string.rep, string.sub

--- The smallest number with all its 53 bits.
local NORMAL_MIN = 2.2250738585072014e-308

--- The even one of two texts that are as near to the number: LuaJIT rounds a tie up.
local function to_even(n, text, digits)
  local mantissa = match(format("%." .. digits + 20 .. "e", n), "%d%.%d+")
  if not find(mantissa, "^50+$", digits + 2) then return text end
  local even = gsub(text, "%d%f[^%d.]", function(digit) return digit - digit % 2 end, 1)
  return tonumber(even) == n and even or text
end

--- The shortest "%g" text; 15 digits always suffice to be sure, save for subnormal numbers.
local function shortest(n)
  local first = (n < NORMAL_MIN and n > -NORMAL_MIN) and 1 or 15
  for digits = first, 17 do
    local text = format("%." .. digits .. "g", n)
    if tonumber(text) == n then return digits > 15 and to_even(n, text, digits) or text end
  end
end

--- "1.5e+22" and "0.00001" as JavaScript writes them: no exponent from 1e-6 up to 1e21.
local function spread_exponent(mantissa, exponent)
  local sign = ""
  if sub(mantissa, 1, 1) == "-" then sign, mantissa = "-", sub(mantissa, 2) end
  local whole, fraction = match(mantissa, "^(%d)%.?(%d*)$")
  local digits = whole .. fraction
  if exponent >= 0 and exponent < 21 then
    return sign .. digits .. rep("0", exponent + 1 - #digits)
  elseif exponent < 0 and exponent >= -6 then
    return sign .. "0." .. rep("0", -exponent - 1) .. digits
  end
  return sign .. mantissa .. (exponent < 0 and "e-" or "e+") .. format("%d", math.abs(exponent))
end

---@param n number
---@return string
local function number_text(n)
  if n == floor(n) and n < 1e15 and n > -1e15 then
    return n == 0 and "0" or format("%d", n)
  end
  if n ~= n then return "NaN" end
  if n == huge then return "Infinity" end
  if n == -huge then return "-Infinity" end
  local text = shortest(n)
  local mantissa, exponent = match(text, "^(.-)e([+-]%d+)$")
  if mantissa then return spread_exponent(mantissa, tonumber(exponent)) end
  return text
end

return number_text
