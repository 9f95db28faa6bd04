--- parser: a regular expression as a tree.
---
--- Nodes: { kind = "character", point }, { kind = "set", test }, { kind = "sequence", list },
--- { kind = "choice", list }, { kind = "group", node, number }, { kind = "repeat", node, least,
--- most, is_lazy, first, last }, { kind = "look", node, is_behind, is_negative },
--- { kind = "reference", number or name }, { kind = "start" }, { kind = "finish" },
--- { kind = "boundary", is_negative }.

local characters = require "ts2lua.runtime.pattern.characters"
local letters = require "ts2lua.runtime.letters"
local utf8 = require "ts2lua.utf8"

local byte, match, sub = string.byte, string.match, string.sub

local parser = {}

--- Brackets inside brackets, and how often something may be repeated by number.
local LEVELS_MAX, REPEATS_MAX = 100, 1000

---@class ts2lua.PatternParser
---@field source string
---@field at integer
---@field flags table<string, boolean>
---@field groups integer
---@field names table<string, integer>
---@field level integer
local Parser = {}
Parser.__index = Parser

function Parser:fail(message)
  error({ pattern_fault = ("Invalid regular expression: /%s/: %s"):format(self.source, message) },
    0)
end

function Parser:peek(text)
  return sub(self.source, self.at, self.at + #text - 1) == text
end

function Parser:accept(text)
  if not self:peek(text) then return false end
  self.at = self.at + #text
  return true
end

--- Takes what a Lua pattern matches here; its first capture.
function Parser:take(lua_pattern)
  local found, after = match(self.source, "^" .. lua_pattern .. "()", self.at)
  if found then self.at = after end
  return found
end

function Parser:property(letter)
  local name = self:take "{([%w_=]+)}"
  local test = name and characters.PROPERTY[match(name, "[^=]+$")]
  if not test then self:fail "Invalid property name" end
  if letter == "p" then return test end
  return function(point) return not test(point) end
end

local CONTROL = { n = 10, t = 9, r = 13, v = 11, f = 12 }

function Parser:unicode_escape()
  local digits = self.flags.u and self:take "{(%x+)}"
  if digits then
    local point = #digits <= 8 and tonumber(digits, 16) or 0x110000
    if point > 0x10FFFF then self:fail "Invalid Unicode escape" end
    return point
  end
  digits = self:take "(%x%x%x%x)"
  if not digits then
    if self.flags.u then self:fail "Invalid Unicode escape" end
    return byte "u"
  end
  local point = tonumber(digits, 16)
  if self.flags.u and point >= 0xD800 and point < 0xDC00 then
    local low = self:take "\\u([dD][c-fC-F]%x%x)"
    if low then point = 0x10000 + (point - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00 end
  end
  return point
end

--- What stands behind a backslash: a point, or nil and a test.
function Parser:escape()
  local letter = sub(self.source, self.at, self.at)
  if letter == "" then self:fail "\\ at end of pattern" end
  self.at = self.at + 1
  if characters.CLASS[letter] then return nil, characters.CLASS[letter] end
  if (letter == "p" or letter == "P") and self.flags.u then return nil, self:property(letter) end
  if CONTROL[letter] then return CONTROL[letter] end
  if letter == "0" and not match(self.source, "^%d", self.at) then return 0 end
  if letter == "x" then
    local digits = self:take "(%x%x)"
    return digits and tonumber(digits, 16) or byte "x"
  end
  if letter == "u" then return self:unicode_escape() end
  if letter == "c" then
    local control = self:take "(%a)"
    if control then return byte(control) % 32 end
  end
  local point, after = utf8.decode(self.source, self.at - 1)
  self.at = after
  return point
end

--- One member of a class: a point, or nil and a test.
function Parser:class_member()
  if self:accept "\\" then
    if self:accept "b" then return 8 end
    if self:accept "-" then return 45 end
    return self:escape()
  end
  local point, after = utf8.decode(self.source, self.at)
  self.at = after
  return point
end

--- A test for points, ranges and other tests, with or without regard to case.
local function class_test(points, ranges, tests, ignores_case)
  local function plain(point)
    if points[point] then return true end
    for i = 1, #ranges, 2 do
      if point >= ranges[i] and point <= ranges[i + 1] then return true end
    end
    for i = 1, #tests do
      if tests[i](point) then return true end
    end
    return false
  end
  if not ignores_case then return plain end
  return function(point)
    if plain(point) then return true end
    local text = utf8.encode(point)
    local lower, upper = letters.lower(text), letters.upper(text)
    return lower ~= text and plain((utf8.decode(lower, 1)))
      or upper ~= text and plain((utf8.decode(upper, 1)))
  end
end

--- `[…]`, behind the bracket.
function Parser:class()
  local is_negative = self:accept "^"
  local points, ranges, tests = {}, {}, {}
  while not self:accept "]" do
    if self.at > #self.source then self:fail "Unterminated character class" end
    local first, test = self:class_member()
    local is_range = self:peek "-" and not self:peek "-]"
    if is_range then
      self.at = self.at + 1
      if self.at > #self.source then self:fail "Unterminated character class" end
      local last, last_test = self:class_member()
      if first and last then
        if last < first then self:fail "Range out of order in character class" end
        ranges[#ranges + 1], ranges[#ranges + 2] = first, last
      else
        if self.flags.u then self:fail "Invalid character class" end
        points[45] = true
        if first then points[first] = true else tests[#tests + 1] = test end
        if last then points[last] = true else tests[#tests + 1] = last_test end
      end
    elseif first then
      points[first] = true
    else
      tests[#tests + 1] = test
    end
  end
  local test = class_test(points, ranges, tests, self.flags.i)
  if not is_negative then return { kind = "set", test = test } end
  return { kind = "set", test = function(point) return not test(point) end }
end

local LOOK = { ["?="] = { false, false }, ["?!"] = { false, true }, ["?<="] = { true, false },
  ["?<!"] = { true, true } }

function Parser:group_head()
  for _, opening in ipairs { "?<=", "?<!", "?=", "?!" } do
    if self:accept(opening) then
      return { kind = "look", is_behind = LOOK[opening][1], is_negative = LOOK[opening][2] }
    end
  end
  if self:accept "?:" then return { kind = "group" } end
  local name = self:take "%?<([%a_$][%w_$]*)>"
  if not name and self:peek "?" then self:fail "Invalid group" end
  self.groups = self.groups + 1
  if name then
    if self.names[name] then self:fail "Duplicate capture group name" end
    self.names[name] = self.groups
  end
  return { kind = "group", number = self.groups }
end

function Parser:group()
  self.level = self.level + 1
  if self.level > LEVELS_MAX then self:fail "too deeply nested" end
  local node = self:group_head()
  node.node = self:choice()
  if not self:accept ")" then self:fail "Unterminated group" end
  self.level = self.level - 1
  return node
end

function Parser:escaped_atom()
  if self:accept "b" then return { kind = "boundary" } end
  if self:accept "B" then return { kind = "boundary", is_negative = true } end
  local number = self:take "([1-9]%d?)"
  if number then return { kind = "reference", number = tonumber(number) } end
  local name = self:take "k<([%w_$]+)>"
  if name then return { kind = "reference", name = name } end
  local point, test = self:escape()
  if test then return { kind = "set", test = test } end
  return { kind = "character", point = point }
end

function Parser:atom()
  if self:accept "(" then return self:group() end
  if self:accept "[" then return self:class() end
  if self:accept "." then
    local ends_line = characters.ends_line
    return { kind = "set", test = self.flags.s and function() return true end
      or function(point) return not ends_line(point) end }
  end
  if self:accept "^" then return { kind = "start" } end
  if self:accept "$" then return { kind = "finish" } end
  if self:accept "\\" then return self:escaped_atom() end
  local character = sub(self.source, self.at, self.at)
  if match(character, "[*+?]") then self:fail "Nothing to repeat" end
  if self.flags.u and match(character, "[{}%]]") then self:fail "Lone quantifier brackets" end
  local point, after = utf8.decode(self.source, self.at)
  self.at = after
  return { kind = "character", point = point }
end

--- How often the atom before is repeated: least and most, or nil.
function Parser:quantifier()
  if self:accept "*" then return 0, math.huge end
  if self:accept "+" then return 1, math.huge end
  if self:accept "?" then return 0, 1 end
  local least, rest = match(self.source, "^{(%d+)(,?%d*)}", self.at)
  if not least then return nil end
  self.at = self.at + #least + #rest + 2
  least = tonumber(least)
  if rest == "" then return least, least end
  local most = rest == "," and math.huge or tonumber(sub(rest, 2))
  if most < least then self:fail "numbers out of order in {} quantifier" end
  return least, most
end

function Parser:check_repeats(least, most)
  if least > REPEATS_MAX or most ~= math.huge and most > REPEATS_MAX * 65 then
    self:fail "a repetition is too large"
  end
end

function Parser:term()
  local first = self.groups + 1
  local node = self:atom()
  local least, most = self:quantifier()
  if not least then return node end
  if node.kind == "start" or node.kind == "finish" or node.kind == "boundary" then
    self:fail "Nothing to repeat"
  end
  self:check_repeats(least, most)
  return { kind = "repeat", node = node, least = least, most = most, is_lazy = self:accept "?",
    first = first, last = self.groups }
end

function Parser:sequence()
  local list = {}
  while self.at <= #self.source and not self:peek "|" and not self:peek ")" do
    list[#list + 1] = self:term()
  end
  return { kind = "sequence", list = list }
end

function Parser:choice()
  local list = { self:sequence() }
  while self:accept "|" do list[#list + 1] = self:sequence() end
  return #list == 1 and list[1] or { kind = "choice", list = list }
end

--- Parses a pattern. Raises { pattern_fault = message } for what is none.
---@param source string
---@param flags table<string, boolean>
---@return table node
---@return integer groups
---@return table<string, integer> names
function parser.parse(source, flags)
  local self = setmetatable({ source = source, at = 1, flags = flags, groups = 0, names = {},
    level = 0 }, Parser)
  local node = self:choice()
  if self.at <= #source then self:fail "Unmatched ')'" end
  return node, self.groups, self.names
end

return parser
