--- number_format: numbers as they are written in the United States: 1,234.5, $1.00, 12%, 1.2K.

local fixed = require "ts2lua.runtime.fixed"

local huge = math.huge
local find, format, gsub, match, rep, sub =
  string.find, string.format, string.gsub, string.match, string.rep, string.sub

local SYMBOLS = { USD = "$", EUR = "€", GBP = "£", JPY = "¥", CNY = "CN¥", KRW = "₩", INR = "₹",
  BRL = "R$", CAD = "CA$", AUD = "A$", MXN = "MX$", ILS = "₪", VND = "₫", NZD = "NZ$" }
local WITHOUT_CENTS = { JPY = true, KRW = true, VND = true }

local function option(options, name)
  local value = options[name]
  return type(value) == "number" and value or nil
end

--- The least and the most digits behind the point.
local function fraction_digits(options)
  local least, most = 0, 3
  if options.style == "percent" then most = 0 end
  if options.style == "currency" then
    least = WITHOUT_CENTS[options.currency] and 0 or 2
    most = least
  end
  local given_least = option(options, "minimumFractionDigits")
  local given_most = option(options, "maximumFractionDigits")
  least = given_least or math.min(least, given_most or least)
  return least, given_most or math.max(most, least)
end

--- Digits without a sign: "1234.50".
local function digits_of(n, options)
  local significant = option(options, "maximumSignificantDigits")
  if significant then
    local exponent = tonumber(match(format("%." .. significant - 1 .. "e", n), "e(.*)$"))
    local places = significant - 1 - exponent
    if places < 0 then n = tonumber(format("%." .. significant - 1 .. "e", n)) end
    local text = fixed(n, math.max(places, 0))
    return find(text, ".", 1, true) and gsub(gsub(text, "0+$", ""), "%.$", "") or text
  end
  local least, most = fraction_digits(options)
  local whole, fraction = match(fixed(n, most), "^(%d+)%.?(%d*)$")
  while #fraction > least and sub(fraction, -1) == "0" do fraction = sub(fraction, 1, -2) end
  return whole .. (fraction ~= "" and "." .. fraction or "")
end

local SCALES = { { 1e12, "T" }, { 1e9, "B" }, { 1e6, "M" }, { 1e3, "K" } }

--- "12K": two digits, or all that stand before the point.
local function compact(n)
  for i, scale in ipairs(SCALES) do
    local scaled = n / scale[1]
    if scaled >= 0.9995 then
      local text = scaled < 9.95 and fixed(scaled, 1) or fixed(scaled, 0)
      if text == "1000" and i > 1 then return "1" .. SCALES[i - 1][2] end
      return gsub(text, "%.0$", "") .. scale[2]
    end
  end
  return n < 100 and digits_of(n, { maximumSignificantDigits = 2 }) or fixed(n, 0)
end

local function grouped(digits, options)
  local whole, rest = match(digits, "^(%d+)(.*)$")
  local least = option(options, "minimumIntegerDigits") or 1
  whole = rep("0", least - #whole) .. whole
  if options.useGrouping ~= false then
    whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  end
  return whole .. rest
end

--- A number as the options of `Intl.NumberFormat` want it.
---@param n number
---@param options? table
---@return string
local function number_format(n, options)
  options = type(options) == "table" and options or {}
  if n ~= n then return "NaN" end
  local sign = (n < 0 or n == 0 and 1 / n < 0) and "-" or ""
  n = math.abs(n)
  if options.style == "percent" then n = n * 100 end
  local text = n == huge and "∞" or options.notation == "compact" and compact(n)
    or grouped(digits_of(n, options), options)
  if options.style == "percent" then return sign .. text .. "%" end
  if options.style ~= "currency" then return sign .. text end
  local currency = tostring(options.currency):upper()
  return sign .. (SYMBOLS[currency] or currency .. "\194\160") .. text
end

return number_format
