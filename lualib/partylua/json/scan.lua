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

-- The names of the states, those that no text may end in behind the others, and how many the
-- others are. The start is the first.
local function list_states()
  local names = { automaton.start }
  for name in pairs(automaton.states) do
    if name ~= automaton.start and not automaton.open_ends[name] then names[#names + 1] = name end
  end
  local count = #names
  for name in pairs(automaton.open_ends) do names[#names + 1] = name end
  return names, count
end

-- What one byte of each class leads to from a state, and what is seen on that way.
local function steps_of(state)
  local to, flags = {}, {}
  for number, class in ipairs(classes) do
    local transition = state[class[1]] or state.default
    local has_flags = type(transition) == "table"
    to[number] = has_flags and transition[1] or transition
    flags[number] = has_flags and transition[2] or 0
  end
  return to, flags
end

local Places, Flags = ffi.typeof "uint16_t[?]", ffi.typeof "uint8_t[?]"

local function row_of(Kind, numbers)
  return ffi.string(Kind(#numbers, numbers), #numbers * ffi.sizeof(Kind, 1))
end

-- A row of flags to which those of a first byte are added. Few are different.
local function flags_with(row, seen, made)
  if seen == 0 then return row end
  local key = seen .. row
  if not made[key] then
    made[key] = row:gsub(".", function(flags) return string.char(bor(seen, flags:byte())) end)
  end
  return made[key]
end

local function array_of(Kind, rows)
  local text = table.concat(rows)
  local array = Kind(#text / ffi.sizeof(Kind, 1))
  ffi.copy(array, text, #text)
  return array
end

-- The tables of pairs: at the place of a state plus a pair of classes, `next_place` has the
-- place of the state two bytes later and `pair_flags` what was seen on the way. The start is
-- at place 0; at `ends` and beyond are the states that no text may end in. They are put together
-- of rows, one for all the second bytes: number by number, they would take longer to make than the
-- rest of the library.
local function build()
  local names, count = list_states()
  local to, flags, places = {}, {}, {}
  for number, name in ipairs(names) do
    places[name] = (number - 1) * PAIRS
    to[name], flags[name] = steps_of(automaton.states[name])
  end
  local place_rows, flag_rows = {}, {}
  for name, row in pairs(to) do
    local row_places = {}
    for number, state in ipairs(row) do row_places[number] = places[state] end
    place_rows[name], flag_rows[name] = row_of(Places, row_places), row_of(Flags, flags[name])
  end
  local next_places, pair_flags, made = {}, {}, {}
  for _, name in ipairs(names) do
    for first, between in ipairs(to[name]) do
      next_places[#next_places + 1] = place_rows[between]
      pair_flags[#pair_flags + 1] = flags_with(flag_rows[between], flags[name][first], made)
    end
  end
  return array_of(Places, next_places), array_of(Flags, pair_flags), count * PAIRS
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
