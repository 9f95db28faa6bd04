--- sort: a stable merge sort.

local min = math.min

--- Merges the runs of `from` at `first` to `middle` - 1 and `middle` to `last` - 1 into `to`.
local function merge(from, to, first, middle, last, is_before)
  local left, right, k = first, middle, first
  while left < middle and right < last do
    if is_before(from[right], from[left]) then
      to[k], right = from[right], right + 1
    else
      to[k], left = from[left], left + 1
    end
    k = k + 1
  end
  while left < middle do
    to[k], left, k = from[left], left + 1, k + 1
  end
  while right < last do
    to[k], right, k = from[right], right + 1, k + 1
  end
end

--- Sorts the `count` values of a list. What compares equal stays in its order.
---@param list any[]
---@param count integer
---@param is_before fun(a, b): boolean
---@return any[] sorted    the list or another one
local function sort(list, count, is_before)
  local other, width = {}, 1
  while width < count do
    for first = 1, count, 2 * width do
      merge(list, other, first, min(first + width, count + 1), min(first + 2 * width, count + 1),
        is_before)
    end
    list, other, width = other, list, 2 * width
  end
  return list
end

return sort
