--- Scan: runs the automaton over a text, once, before lua-cjson reads it.
---
--- Two bytes a step: each step waits for a load from the table and for nothing else, so that is
--- twice the speed, for 80 KB of tables.

local bit = require "bit"
local ffi = require "ffi"

local automaton = require "partylua.json.automaton"

local band, bor, tobit = bit.band, bit.bor, bit.tobit
local classes = automaton.classes

local first_class = ffi.new "uint16_t[256]" -- times the number of classes
local second_class = ffi.new "uint16_t[256]"
local PAIRS = #classes * #classes

for number, class in ipairs(classes) do
  for range = 2, #class, 2 do
    for byte = class[range], class[range + 1] do
      first_class[byte] = (number - 1) * #classes
      second_class[byte] = number - 1
    end
  end
end

-- The tables of pairs: at the place of a state plus a pair of classes, `next_place` has the
-- place of the state two bytes later and `pair_flags` what was seen on the way. The start is
-- at place 0; at `ends` and beyond are the states that no text may end in.
local function build()
  local states = automaton.states
  local names = { automaton.start }
  for name in pairs(states) do
    if name ~= automaton.start and not automaton.open_ends[name] then names[#names + 1] = name end
  end
  local ends = #names * PAIRS
  for name in pairs(automaton.open_ends) do names[#names + 1] = name end
  local places = {}
  for number, name in ipairs(names) do places[name] = (number - 1) * PAIRS end

  local to, flags = {}, {} -- [place of a state][class]
  for _, name in ipairs(names) do
    local row_to, row_flags = {}, {}
    for number, class in ipairs(classes) do
      local transition = states[name][class[1]] or states[name].default
      local has_flags = type(transition) == "table"
      row_to[number - 1] = places[has_flags and transition[1] or transition]
      row_flags[number - 1] = has_flags and transition[2] or 0
    end
    to[places[name]], flags[places[name]] = row_to, row_flags
  end

  local next_place = ffi.new("uint16_t[?]", #names * PAIRS)
  local pair_flags = ffi.new("uint8_t[?]", #names * PAIRS)
  for place, row in pairs(to) do
    for first = 0, #classes - 1 do
      local between = row[first]
      for second = 0, #classes - 1 do
        local index = place + first * #classes + second
        next_place[index] = to[between][second]
        pair_flags[index] = bor(flags[place][first], flags[between][second])
      end
    end
  end
  return next_place, pair_flags, ends
end

local next_place, pair_flags, ends = build()
local bytes = ffi.typeof "const uint8_t *"

local scan = {}

--- The flags of a text; BROKEN is among them when the text cannot be JSON.
---@param text string
---@return integer
function scan.flags(text)
  -- As locals these are loop invariants to the compiler, as upvalues they are not.
  local step, seen, first, second = next_place, pair_flags, first_class, second_class
  local at = ffi.cast(bytes, text)
  local length = #text
  local place, flags = 0, 0
  for i = 0, length - 1, 2 do
    local index = tobit(place + (first[at[i]] + second[at[i + 1]]))
    place = step[index]
    flags = bor(flags, seen[index])
  end
  -- An odd text has been read with its NUL. This part works without the tables because it is
  -- often interpreted, where reading them is slow.
  if band(length, 1) == 0 and place >= ends then return bor(flags, automaton.BROKEN) end
  return flags
end

return scan
