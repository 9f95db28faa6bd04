--- Automaton: what a JSON text may look like, where lua-cjson does not look closely.
---
--- lua-cjson checks the grammar. It lets pass, in strict settings: control characters and bad
--- UTF-8 in strings, a NUL as the end of the text, `1.` and `-.5`, and numbers that overflow
--- to infinity; and it gives `[]` and `{}` the same empty table. This automaton refuses the
--- first three and reports the other two. It keeps to its subject: in a text that breaks the
--- grammar it may see nothing, because lua-cjson will.
---
---   VALUE     outside strings; whatever is unremarkable stays here
---   OPENED    after `[` and white space        BRACED   the same after `{`
---   MINUS     after `-`
---   INTEGER1… that many integer digits         POINT    after their `.`
---   FRACTION  digits after the point           EXPONENT after `e`
---   STRING    inside quotes                    ESCAPED  after a backslash in it
---   MORE1…    that many continuation bytes are due; E0, ED, F0, F4 narrow the next one
---             (RFC 3629 section 4)
---   ENDED     after a NUL, which had better be the one that Lua puts behind each string
---   BROKEN    refused; the rest does not matter

local automaton = {}

automaton.BROKEN = 0x01 -- not JSON
automaton.EMPTY_ARRAY = 0x02 -- `[]`
automaton.EMPTY_OBJECT = 0x04 -- `{}`
automaton.LARGE = 0x08 -- an exponent, or so many digits, that a number may overflow

local INTEGER_DIGITS_MAX = 14 -- times in milliseconds have 13; more is LARGE

-- Classes of bytes: the name and ranges.
automaton.classes = {
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
  local broken = { "BROKEN", automaton.BROKEN }
  local large = { "VALUE", automaton.LARGE }
  local states = { BROKEN = { default = broken }, ENDED = { default = broken } }

  local function value_like(name, special)
    local state = {
      default = "VALUE",
      nul = "ENDED",
      control = broken,
      quote = "STRING",
      minus = "MINUS",
      digit = "INTEGER1",
      ["["] = "OPENED",
      ["{"] = "BRACED",
    }
    for class, to in pairs(special) do state[class] = to end
    states[name] = state
  end
  value_like("VALUE", {})
  local empty_array = { "VALUE", automaton.EMPTY_ARRAY }
  local empty_object = { "VALUE", automaton.EMPTY_OBJECT }
  value_like("OPENED", { space = "OPENED", line = "OPENED", ["]"] = empty_array })
  value_like("BRACED", { space = "BRACED", line = "BRACED", ["}"] = empty_object })
  value_like("MINUS", { point = broken })
  for digits = 1, INTEGER_DIGITS_MAX do
    local another = digits < INTEGER_DIGITS_MAX and "INTEGER" .. digits + 1
      or { "INTEGER" .. digits, automaton.LARGE }
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

automaton.states = transitions()
automaton.start = "VALUE"
-- A text that stops here is not over.
automaton.open_ends = { POINT = true, ENDED = true }

return automaton
