--- exact: whether two values are the same to the last bit and mark, and random values to try.

local binary = require "partylua.binary"
local json = require "partylua.json"

local exact = {}

local function is_same_table(a, b)
  if getmetatable(a) ~= getmetatable(b) then return false end
  for key, item in next, a do
    if not exact.is_same(item, rawget(b, key)) then return false end
  end
  for key in next, b do
    if rawget(a, key) == nil then return false end
  end
  return true
end

--- NaN is NaN, -0 is not 0, 1LL is not 1, and marks count.
function exact.is_same(a, b)
  if type(a) ~= type(b) then return false end
  if type(a) == "table" then return is_same_table(a, b) end
  if type(a) == "cdata" then return tostring(a) == tostring(b) end -- their endings tell the kind
  if a ~= a then return b ~= b end
  return a == b and (a ~= 0 or 1 / a == 1 / b)
end

local STRINGS = { "", "a", "$bytes", "$", "$$", "ä€😀", "\255\0\254", "\0", "\127\194\133", '"\\\n' }
local NUMBERS = {
  0, -0, 1, -1, 0.1, 1 / 3, 2 ^ 53, -2 ^ 63, 1e308, 5e-324, 0 / 0, math.huge, -math.huge, 1e15,
  123456789,
}

local function pick(list)
  return list[math.random(#list)]
end

--- Any bytes, or text that is worth trying.
---@return string
function exact.random_string()
  if math.random() < 0.5 then return pick(STRINGS) end
  local bytes = {}
  for i = 1, math.random(0, 40) do bytes[i] = string.char(math.random(0, 255)) end
  return table.concat(bytes)
end

local function random_number()
  if math.random() < 0.5 then return pick(NUMBERS) end
  return (math.random() - 0.5) * 10 ^ math.random(-20, 20)
end

local function random_integer64()
  local integer = math.random(2 ^ 31 - 1) * 1LL * math.random(2 ^ 31 - 1) * math.random(0, 4)
  if math.random() < 0.5 then return -integer end
  return integer * 1ULL
end

local function random_key()
  local key = math.random() < 0.5 and exact.random_string() or pick {
    math.random(5), random_number(), math.random() < 0.5,
  }
  return key == key and key or "nan"
end

local function random_table(depth)
  local node = {}
  if math.random() < 0.4 then
    for i = 1, math.random(0, 5) do node[i] = exact.random(depth - 1) end
  else
    local make = math.random() < 0.5 and random_key or exact.random_string
    for _ = 1, math.random(0, 5) do node[make()] = exact.random(depth - 1) end
  end
  local mark = math.random()
  if mark < 0.15 then return setmetatable(node, json.arrayMetatable) end
  if mark < 0.3 then return setmetatable(node, json.objectMetatable) end
  return node
end

local KINDS = {
  exact.random_string, random_number, random_integer64, random_table, random_table,
  function() return math.random() < 0.5 end,
  function() return json.null end,
  function() return binary(exact.random_string()) end,
}

--- A value that the storage keeps; its tables are `depth` deep at most. math.randomseed decides.
---@param depth integer
---@return any
function exact.random(depth)
  local make = depth > 0 and pick(KINDS)
    or pick { exact.random_string, random_number, random_integer64 }
  return make(depth)
end

return exact
