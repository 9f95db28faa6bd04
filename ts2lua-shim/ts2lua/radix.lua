--- radix: whole numbers of any size, from hexadecimal, octal and binary digits to decimal ones.

local floor = math.floor

local LIMB, LIMB_DIGITS = 1e7, 7

--- Longer ones are left to whoever refuses large numbers.
local DIGITS_MAX = 12000

local BASES = { x = 16, o = 8, b = 2 }

--- The decimal digits of "0x1f" and its like; nil for what is none.
---@param text string
---@return string?
local function radix(text)
  local letter, digits = text:match "^0([xXoObB])(%x+)$"
  local base = letter and BASES[letter:lower()]
  if not base or #digits > DIGITS_MAX then return nil end
  local limbs = { 0 }
  for i = 1, #digits do
    local carry = tonumber(digits:sub(i, i), 16)
    if carry >= base then return nil end
    for k = 1, #limbs do
      local value = limbs[k] * base + carry
      carry = floor(value / LIMB)
      limbs[k] = value - carry * LIMB
    end
    if carry > 0 then limbs[#limbs + 1] = carry end
  end
  local parts = { ("%d"):format(limbs[#limbs]) }
  for i = #limbs - 1, 1, -1 do
    parts[#parts + 1] = ("%0" .. LIMB_DIGITS .. "d"):format(limbs[i])
  end
  return table.concat(parts)
end

return radix
