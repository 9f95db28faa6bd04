--- random: numbers of a seed, the same on every machine, apart from those of the app's math.random.

local bit = require "bit"

local bxor, lshift, rshift, tobit = bit.bxor, bit.lshift, bit.rshift, bit.tobit

---@class partylua.testing.Random
---@overload fun(m?: integer, n?: integer): number    as math.random
local Random = {}
Random.__index = Random

--- xorshift32 (Marsaglia): whole numbers from 0 to 2^32 - 1.
local function next_word(self)
  local x = self.state
  x = bxor(x, lshift(x, 13))
  x = bxor(x, rshift(x, 17))
  x = bxor(x, lshift(x, 5))
  self.state = x
  return x % 2 ^ 32
end

function Random:__call(m, n)
  local word = next_word(self)
  if not m then return word / 2 ^ 32 end
  if not n then m, n = 1, m end
  return m + word % (n - m + 1)
end

--- One of a list.
---@generic T
---@param list T[]
---@return T
function Random:pick(list)
  return list[self(#list)]
end

--- One of the names of a table, each as often as its number says.
---@param weights { [1]: string, [2]: number }[]
---@return string
function Random:weigh(weights)
  local sum = 0
  for _, each in ipairs(weights) do sum = sum + each[2] end
  local left = self() * sum
  for _, each in ipairs(weights) do
    left = left - each[2]
    if left < 0 then return each[1] end
  end
  return weights[#weights][1]
end

local random = {}

---@param seed integer
---@return partylua.testing.Random
function random.new(seed)
  local self = setmetatable({ state = tobit(seed * 2654435761 % 2 ^ 32) }, Random)
  if self.state == 0 then self.state = 1 end
  for _ = 1, 4 do next_word(self) end -- small seeds begin alike
  return self
end

return random
