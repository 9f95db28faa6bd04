--- letters: a vector for a text, made of the groups of three letters in it.
---
--- Texts with words in common have groups in common, also where one is misspelt or has another
--- ending, and so their vectors point the same way. What words mean it does not know; a model does.

local letters = {}

letters.DIMENSIONS = 256 -- as partylua.json says

--- Which dimension a group counts in. Different groups may share one.
local function place_of(group)
  local hash = 5381
  for i = 1, #group do hash = (hash * 33 + group:byte(i)) % 4294967296 end
  return hash % letters.DIMENSIONS + 1
end

--- Nil when there is nothing in the text that could be compared.
---@param text string
---@return number[]?
function letters.vector(text)
  local vector, count = {}, 0
  for i = 1, letters.DIMENSIONS do vector[i] = 0 end
  for word in text:lower():gmatch "[%w\128-\255]+" do
    local padded = " " .. word .. " "
    for i = 1, #padded - 2 do
      local place = place_of(padded:sub(i, i + 2))
      vector[place], count = vector[place] + 1, count + 1
    end
  end
  return count > 0 and vector or nil
end

return letters
