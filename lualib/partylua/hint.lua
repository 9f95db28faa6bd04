--- hint: "did you mean": the known name nearest to a misspelt one.
---
--- Case, `_` and `-` do not count, so `on_connect` and `onconnect` both find `onConnect`.
--- Otherwise the distance is the number of letters inserted, removed, replaced, or swapped with
--- a neighbour.

local hint = {}

local WORD_BYTES_MAX = 64 -- the work grows with the square, and no name of ours is longer

local function plain(word)
  return (word:lower():gsub("[_-]", ""))
end

--- One more row of the distance table; `above` and `before` are the two rows over it.
local function next_row(a, b, i, above, before)
  local row = { [0] = i }
  for j = 1, #b do
    local replaced = a:byte(i) == b:byte(j) and 0 or 1
    local best = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + replaced)
    if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
      best = math.min(best, before[j - 2] + 1) -- two neighbours swapped
    end
    row[j] = best
  end
  return row
end

--- How many edits lead from one word to the other.
---@param a string
---@param b string
---@return integer
function hint.distance(a, b)
  local above, before = {}, nil
  for j = 0, #b do above[j] = j end
  for i = 1, #a do
    above, before = next_row(a, b, i, above, before), above
  end
  return above[#b]
end

--- The candidate nearest to `word`, or nil when none is near: one edit for every three letters.
---@param word string
---@param candidates string[]    the first of equally near ones wins
---@return string?
function hint.nearest(word, candidates)
  if #word > WORD_BYTES_MAX then return nil end
  local wanted = plain(word)
  local nearest, least = nil, math.max(1, math.floor(#wanted / 3)) + 1
  for _, candidate in ipairs(candidates) do
    local known = plain(candidate)
    -- A distance that replaces every letter says nothing about what was meant.
    local edits = hint.distance(wanted, known)
    if edits < least and edits < #known then nearest, least = candidate, edits end
  end
  return nearest
end

--- "did you mean 'serve'?", or nil when nothing is near.
---@param word string
---@param candidates string[]
---@return string?
function hint.did_you_mean(word, candidates)
  local nearest = hint.nearest(word, candidates)
  return nearest and ("did you mean '%s'?"):format(nearest)
end

return hint
