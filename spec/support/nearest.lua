--- nearest: searching vectors the plain way, and vectors to search, for specs that compare.

local ffi = require "ffi"

local nearest = {}

local float = ffi.new "float[1]"

--- The float32 that is closest to a number.
---@param number number
---@return number
function nearest.float(number)
  float[0] = number
  return float[0]
end

--- A vector of random float32s.
---@param dimensions integer
---@return number[]
function nearest.random(dimensions)
  local values = {}
  for i = 1, dimensions do values[i] = nearest.float(math.random() - 0.5) end
  return values
end

local function sums(a, b)
  local product, distance, a_square, b_square = 0, 0, 0, 0
  for i = 1, #a do
    product = product + a[i] * b[i]
    distance = distance + (a[i] - b[i]) ^ 2
    a_square, b_square = a_square + a[i] ^ 2, b_square + b[i] ^ 2
  end
  return product, math.sqrt(distance), math.sqrt(a_square * b_square)
end

--- The score of a vector, as an index has it.
---@param metric string
---@param a number[]
---@param b number[]
---@return number
function nearest.score(metric, a, b)
  local product, distance, lengths = sums(a, b)
  if metric == "euclidean" then return distance end
  if metric == "dot-product" then return -product end
  return lengths > 0 and product / lengths or 0
end

--- The ids and scores of the vectors that pass, the nearest first.
---@param metric string
---@param vectors table<string, table>    by id
---@param query number[]
---@param count integer
---@param passes fun(vector: table): boolean
---@return { id: string, score: number }[]
function nearest.search(metric, vectors, query, count, passes)
  local found = {}
  for id, vector in pairs(vectors) do
    if passes(vector) then
      found[#found + 1] = { id = id, score = nearest.score(metric, query, vector.values) }
    end
  end
  table.sort(found, function(a, b)
    if a.score == b.score then return a.id < b.id end
    if metric == "cosine" then return a.score > b.score end
    return a.score < b.score
  end)
  for i = #found, count + 1, -1 do found[i] = nil end
  return found
end

return nearest
