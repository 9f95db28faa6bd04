--- fixed: a number with so many digits behind the point.

local find, format, gsub, match, rep, sub =
  string.find, string.format, string.gsub, string.match, string.rep, string.sub

--- Whether a number's exact decimal expansion ends in a 5 right behind `digits` places: C rounds
--- such ties to even, JavaScript away from zero.
local function is_tie(value, digits)
  local tail = match(format("%.60f", value), "%." .. rep("%d", digits) .. "(%d*)$")
  return tail ~= nil and find(tail, "^50*$") ~= nil
end

---@param value number
---@param digits integer
---@return string
local function fixed(value, digits)
  local text = format("%." .. digits .. "f", value)
  if digits <= 20 and is_tie(value, digits) then
    -- Exact ties have few digits, so that this sum is exact enough to print.
    local exact = format("%.60f", value)
    local last = sub(exact, 1, find(exact, ".", 1, true) + digits)
    local up = tonumber(last) + (value < 0 and -1 or 1) / 10 ^ digits
    text = format("%." .. digits .. "f", up)
  end
  if value == 0 then text = gsub(text, "^-", "") end
  return text
end

return fixed
