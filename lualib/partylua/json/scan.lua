--- Scan: one pass over a JSON text for what lua-cjson does not see, or does not tell.
---
--- lua-cjson checks the grammar. It lets pass, in strict settings: control characters and bad
--- UTF-8 in strings, a NUL as the end of the text, `1.` and `-.5`, and numbers that overflow
--- to infinity; and it gives `[]` and `{}` the same empty table. The automaton below refuses
--- the first three and reports the other two. It keeps to its subject: in a text that breaks
--- the grammar it may see nothing, because lua-cjson will.
---
---   VALUE     outside strings; `rest` and everything else unremarkable stays here
---   OPENED    after `[` and white space        BRACED   the same after `{`
---   MINUS     after `-`
---   INTEGER1… that many integer digits         POINT    after their `.`
---   FRACTION  digits after the point           EXPONENT after `e`
---   STRING    inside quotes                    ESCAPED  after a backslash in it
---   MORE1…    that many continuation bytes are due; E0, ED, F0, F4 narrow the next one
---             (RFC 3629 section 4)
---   ENDED     after a NUL, which had better be the one that Lua puts behind each string
---   BROKEN    refused; the rest does not matter
---
--- It takes two bytes a step, because each step waits for a load from the table and for
--- nothing else: that is twice the speed, in 90 KB.

local bit = require "bit"
local ffi = require "ffi"

local band, bor = bit.band, bit.bor

local scan = {}

-- Flags, above the bits that hold a state's place in the table.
scan.BROKEN = 0x10000 -- not JSON
scan.EMPTY_ARRAY = 0x20000 -- `[]`
scan.EMPTY_OBJECT = 0x40000 -- `{}`
scan.ARRAY = 0x80000 -- any `[`
scan.LARGE = 0x100000 -- an exponent or so many digits that a number may overflow
scan.QUOTED_BRACKET = 0x200000 -- a `[` inside a string
local PLACE = 0xffff

local INTEGER_DIGITS_MAX = 14 -- times in milliseconds have 13; more is LARGE

local CLASSES = {
  { "nul", 0x00, 0x00 },
  { "control", 0x01, 0x1f }, -- but for the next line
  { "line", 0x09, 0x0a, 0x0d, 0x0d },
  { "space", 0x20, 0x20 },
  { "rest", 0x21, 0x7f }, -- but for the next ten
  { "quote", 0x22, 0x22 },
  { "backslash", 0x5c, 0x5c },
  { "minus", 0x2d, 0x2d },
  { "point", 0x2e, 0x2e },
  { "digit", 0x30, 0x39 },
  { "e", 0x45, 0x45, 0x65, 0x65 },
  { "[", 0x5b, 0x5b },
  { "]", 0x5d, 0x5d },
  { "{", 0x7b, 0x7b },
  { "}", 0x7d, 0x7d },
  { "tail_low", 0x80, 0x8f },
  { "tail_mid", 0x90, 0x9f },
  { "tail_high", 0xa0, 0xbf },
  { "never", 0xc0, 0xc1, 0xf5, 0xff },
  { "lead2", 0xc2, 0xdf },
  { "lead3", 0xe1, 0xef }, -- but for ED
  { "E0", 0xe0, 0xe0 },
  { "ED", 0xed, 0xed },
  { "lead4", 0xf1, 0xf3 },
  { "F0", 0xf0, 0xf0 },
  { "F4", 0xf4, 0xf4 },
}

-- state -> class -> the next state, or { next state, flags }. `default` is for other classes.
local function transitions()
  local broken = { "BROKEN", scan.BROKEN }
  local large = { "VALUE", scan.LARGE }
  local states = { BROKEN = { default = broken }, ENDED = { default = broken } }

  local function value_like(name, special)
    local state = {
      default = "VALUE",
      nul = "ENDED",
      control = broken,
      quote = "STRING",
      minus = "MINUS",
      digit = "INTEGER1",
      ["["] = { "OPENED", scan.ARRAY },
      ["{"] = "BRACED",
    }
    for class, to in pairs(special) do state[class] = to end
    states[name] = state
  end
  value_like("VALUE", {})
  value_like("OPENED", { space = "OPENED", line = "OPENED", ["]"] = { "VALUE", scan.EMPTY_ARRAY } })
  value_like("BRACED", { space = "BRACED", line = "BRACED", ["}"] = { "VALUE", scan.EMPTY_OBJECT } })
  value_like("MINUS", { point = broken })
  for digits = 1, INTEGER_DIGITS_MAX do
    local another = digits < INTEGER_DIGITS_MAX and "INTEGER" .. digits + 1
      or { "INTEGER" .. digits, scan.LARGE }
    value_like("INTEGER" .. digits, { digit = another, point = "POINT", e = "EXPONENT" })
  end
  states.POINT = { default = broken, digit = "FRACTION" }
  value_like("FRACTION", { digit = "FRACTION", e = "EXPONENT" })
  value_like("EXPONENT", { digit = large, default = large, minus = "VALUE" })

  states.STRING = {
    default = "STRING",
    nul = broken, control = broken, line = broken, never = broken,
    tail_low = broken, tail_mid = broken, tail_high = broken,
    quote = "VALUE",
    backslash = "ESCAPED",
    ["["] = { "STRING", scan.QUOTED_BRACKET },
    lead2 = "MORE1", lead3 = "MORE2", lead4 = "MORE3",
    E0 = "E0", ED = "ED", F0 = "F0", F4 = "F4",
  }
  states.ESCAPED = { default = "STRING", nul = broken, control = broken, line = broken }
  local function tail(name, to, low, mid, high)
    states[name] = {
      default = broken,
      tail_low = low and to or broken,
      tail_mid = mid and to or broken,
      tail_high = high and to or broken,
    }
  end
  tail("MORE1", "STRING", true, true, true)
  tail("MORE2", "MORE1", true, true, true)
  tail("MORE3", "MORE2", true, true, true)
  tail("E0", "MORE1", false, false, true)
  tail("ED", "MORE1", true, true, false)
  tail("F0", "MORE2", false, true, true)
  tail("F4", "MORE2", true, false, false)
  return states
end

local first_class = ffi.new "uint16_t[256]" -- times the number of classes
local second_class = ffi.new "uint16_t[256]"
local PAIRS = #CLASSES * #CLASSES

for number, class in ipairs(CLASSES) do
  for range = 2, #class, 2 do
    for byte = class[range], class[range + 1] do
      first_class[byte] = (number - 1) * #CLASSES
      second_class[byte] = number - 1
    end
  end
end

-- The table of pairs: pairs_table[place of the state + pair] is the place of the next state
-- and the flags of both steps. VALUE is at place 0, from `ends` on a text must not end.
local function build()
  local states = transitions()
  local names = { "VALUE" }
  for name in pairs(states) do
    if name ~= "VALUE" and name ~= "POINT" and name ~= "ENDED" then names[#names + 1] = name end
  end
  local ends = #names * PAIRS
  names[#names + 1] = "POINT"
  names[#names + 1] = "ENDED"
  local places = {}
  for number, name in ipairs(names) do places[name] = (number - 1) * PAIRS end

  local single = {} -- [place][class] = place of the next state and flags
  for _, name in ipairs(names) do
    local row = {}
    for number, class in ipairs(CLASSES) do
      local to = states[name][class[1]] or states[name].default
      row[number - 1] = type(to) == "table" and places[to[1]] + to[2] or places[to]
    end
    single[places[name]] = row
  end

  local pairs_table = ffi.new("int32_t[?]", #names * PAIRS)
  for place, row in pairs(single) do
    for first = 0, #CLASSES - 1 do
      local after = row[first]
      local next_row = single[band(after, PLACE)]
      for second = 0, #CLASSES - 1 do
        pairs_table[place + first * #CLASSES + second] = bor(after - band(after, PLACE), next_row[second])
      end
    end
  end
  return pairs_table, ends
end

local pairs_table, ends = build()
local bytes = ffi.typeof "const uint8_t *"

--- The flags of a text; BROKEN is among them when the text cannot be JSON.
---@param text string
---@return integer
function scan.flags(text)
  -- As locals these are loop invariants to the compiler, as upvalues they are not.
  local step, first, second = pairs_table, first_class, second_class
  local at = ffi.cast(bytes, text)
  local length = #text
  local entry, flags = 0, 0
  for i = 0, length - 1, 2 do
    entry = step[band(entry, PLACE) + (first[at[i]] + second[at[i + 1]])]
    flags = bor(flags, entry)
  end
  -- An odd text has been read with its NUL. This part works without the tables because it is
  -- often interpreted, where reading them is slow.
  local place = band(entry, PLACE)
  if band(length, 1) == 0 and place >= ends then flags = bor(flags, scan.BROKEN) end
  return flags - band(flags, PLACE)
end

return scan
