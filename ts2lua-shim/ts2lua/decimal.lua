--- decimal: the number of a decimal text.

local find, match = string.find, string.match
local huge, tonumber = math.huge, tonumber

--- LuaJIT gives nothing for exponents of more than a few digits: those of infinity and of zero.
local function beyond(text)
  local sign = match(text, "^%-") and -1 or 1
  local is_zero = not find(match(text, "^[^eE]*"), "[1-9]")
  if is_zero or find(text, "[eE]%-") then return sign * 0 end
  return sign * huge
end

---@param text string    digits, perhaps with a sign, a point and an exponent
---@return number
local function decimal(text)
  return tonumber(text) or beyond(text)
end

return decimal
