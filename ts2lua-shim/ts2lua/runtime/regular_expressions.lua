--- regular_expressions: RegExp, and what the methods of texts do with one.
---
--- Slot 1 holds the compiled program. Without the flag `u` a pattern sees the units of a text, of
--- which a character beyond U+FFFF has two: such texts are matched with these apart.

local class = require "ts2lua.runtime.class"
local compiler = require "ts2lua.runtime.pattern.compiler"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local matcher = require "ts2lua.runtime.pattern.matcher"
local null = require "ts2lua.runtime.null"
local parser = require "ts2lua.runtime.pattern.parser"
local raise = require "ts2lua.runtime.raise"
local replacement = require "ts2lua.runtime.replacement"
local shape = require "ts2lua.runtime.shape"
local strings = require "ts2lua.runtime.strings"
local utf16 = require "ts2lua.runtime.utf16"

local sub = string.sub
local to_text = convert.to_text

local regular_expressions = {}

--- Compiled programs by flags and source; forgotten when they become many.
local compiled, compiled_count = {}, 0
local COMPILED_MAX = 200

local function flag_set(flags)
  local set = {}
  for flag in flags:gmatch "." do
    if set[flag] or not flag:find "[dgimsuyv]" then
      raise.syntax_error(("Invalid flags supplied to RegExp constructor '%s'"):format(flags))
    end
    set[flag] = true
  end
  if set.v then set.u = true end
  return set
end

--- A fault of a pattern or of a search as an error.
local function guarded(fn, make, ...)
  local ok, a, b, c = pcall(fn, ...)
  if ok then return a, b, c end
  if type(a) == "table" and a.pattern_fault then make(a.pattern_fault) end
  error(a, 0)
end

local function compile(source, flags)
  local set = flag_set(flags)
  local node, groups, names = parser.parse(set.u and source or utf16.halves(source), set)
  local program = compiler.compile(node, set, groups, names)
  program.sees_characters = set.u
  return program
end

local function program_of(source, flags)
  local key = flags .. "/" .. source
  local program = compiled[key]
  if program then return program end
  program = guarded(compile, raise.syntax_error, source, flags)
  if compiled_count >= COMPILED_MAX then compiled, compiled_count = {}, 0 end
  compiled[key], compiled_count = program, compiled_count + 1
  return program
end

--- The text as the pattern sees it.
local function seen_by(pattern, text)
  return pattern[1].sees_characters and text or utf16.halves(text)
end

--- A part of such a text, as programs know it.
local function part(text, first, last)
  return utf16.mend(sub(text, first, last or -1))
end

local function find(pattern, text, at, is_sticky, budget)
  return guarded(matcher.find, function(message) error(raise.make("Error", message), 0) end,
    pattern[1], text, at, is_sticky, budget)
end

local function is_pattern(value)
  return type(value) == "table" and getmetatable(value).is_regular_expression == true
end

local RegExp = class.builtin("RegExp", nil, function(self, source, flags)
  if is_pattern(source) then
    flags = flags == nil and source.flags or flags
    source = source.source
  end
  source = source == nil and "(?:)" or to_text(source)
  flags = flags == nil and "" or to_text(flags)
  rawset(self, 1, program_of(source, flags))
  rawset(self, "source", source == "" and "(?:)" or source)
  rawset(self, "flags", flags)
  rawset(self, "lastIndex", 0)
  for name, flag in pairs { global = "g", ignoreCase = "i", multiline = "m", sticky = "y",
    unicode = "u", dotAll = "s", hasIndices = "d" } do
    rawset(self, name, flags:find(flag, 1, true) ~= nil)
  end
end, {
  is_regular_expression = true, tag = "RegExp",
  show = function(self) return self:toString() end,
  copy = function(self) return class.new(regular_expressions.RegExp, self.source, self.flags) end,
})
regular_expressions.RegExp = RegExp
class.callable(RegExp, function(_, _, source, flags)
  if is_pattern(source) and flags == nil then return source end
  return class.new(RegExp, source, flags)
end)

--- A literal.
function regular_expressions.literal(source, flags)
  return class.new(RegExp, source, flags)
end

function strings.make_pattern(source, flags)
  return class.new(RegExp, source == nil and "" or source, flags)
end

--- The text of a group, or undefined.
local function group_text(text, slots, number)
  local first, last = slots[2 * number - 1], slots[2 * number]
  if first and last then return part(text, first, last - 1) end
  return nil
end

--- Named groups as an object, in the order of their numbers.
local function named_groups(program, groups)
  local names = {}
  for name, number in pairs(program.names) do names[#names + 1] = { number, name } end
  if #names == 0 then return nil end
  table.sort(names, function(a, b) return a[1] < b[1] end)
  local named = shape.object()
  for _, each in ipairs(names) do shape.add(named, each[2], groups[each[1]]) end
  return named
end

--- What `exec` gives for a match in `text`, which is what the pattern sees of `input`.
local function match_array(pattern, input, text, first, after, slots)
  local program = pattern[1]
  local groups = {}
  for number = 1, program.groups do groups[number] = group_text(text, slots, number) end
  local array = iterate.from_list(groups, program.groups)
  for i = program.groups, 1, -1 do rawset(array, i, array[i - 1]) end
  rawset(array, 0, part(text, first, after - 1))
  rawset(array, "length", program.groups + 1)
  rawset(array, "index", utf16.to_unit(text, first))
  rawset(array, "input", input)
  rawset(array, "groups", named_groups(program, groups))
  return array
end

local prototype = RegExp.prototype

function prototype.exec(self, value)
  local input = to_text(value)
  local text = seen_by(self, input)
  local is_moving = self.global or self.sticky
  local start = is_moving and convert.to_integer(self.lastIndex) or 0
  if start > utf16.length(text) then
    self.lastIndex = 0
    return null
  end
  local first, after, slots = find(self, text, utf16.to_byte(text, start), self.sticky,
    matcher.budget(text))
  if is_moving then self.lastIndex = first and utf16.to_unit(text, after) or 0 end
  if not first then return null end
  return match_array(self, input, text, first, after, slots)
end

function prototype.test(self, text) return prototype.exec(self, text) ~= null end
function prototype.toString(self) return "/" .. self.source .. "/" .. self.flags end

--- Calls `take(first, after, slots)` for each match from the start, or only for the first, in what
--- the pattern sees.
local function each_match(pattern, text, is_global, take)
  local at, budget = 1, matcher.budget(text)
  while at <= #text + 1 do
    local first, after, slots = find(pattern, text, at, pattern.sticky, budget)
    if not first then return end
    if take(first, after, slots) == false or not is_global then return end
    at = after
    if after == first then
      local b = text:byte(after) or 0
      at = after + (b < 0x80 and 1 or b < 0xE0 and 2 or b < 0xF0 and 3 or 4)
    end
  end
end

local traits = getmetatable(RegExp).traits

function traits.match_text(pattern, text)
  if not pattern.global then return prototype.exec(pattern, text) end
  local list, count = {}, 0
  text = seen_by(pattern, text)
  each_match(pattern, text, true, function(first, after)
    list[count] = part(text, first, after - 1)
    count = count + 1
  end)
  pattern.lastIndex = 0
  if count == 0 then return null end
  list.length = count
  return iterate.array(list)
end

function traits.match_all(pattern, text)
  if not pattern.global then
    raise.type_error "String.prototype.matchAll called with a non-global RegExp argument"
  end
  local list, count, seen = {}, 0, seen_by(pattern, text)
  each_match(pattern, seen, true, function(first, after, slots)
    list[count] = match_array(pattern, text, seen, first, after, slots)
    count = count + 1
  end)
  list.length = count
  return iterate.array(list):values()
end

function traits.search_text(pattern, text)
  text = seen_by(pattern, text)
  local first = find(pattern, text, 1, pattern.sticky, matcher.budget(text))
  return first and utf16.to_unit(text, first) or -1
end

function traits.replace_text(pattern, input, with)
  local parts, last, program, text = {}, 1, pattern[1], seen_by(pattern, input)
  if type(with) ~= "function" then with = to_text(with) end
  each_match(pattern, text, pattern.global, function(first, after, slots)
    local groups = {}
    for number = 1, program.groups do groups[number] = group_text(text, slots, number) end
    parts[#parts + 1] = sub(text, last, first - 1)
    parts[#parts + 1] = replacement.text(with, { text = part(text, first, after - 1),
      first = first, last = after - 1, groups = groups, count = program.groups,
      named = named_groups(program, groups) }, type(with) == "function" and input or text,
      utf16.to_unit(text, first))
    last = after
  end)
  if pattern.global then pattern.lastIndex = 0 end
  parts[#parts + 1] = sub(text, last)
  return utf16.mend(table.concat(parts))
end

function traits.split_text(pattern, text, limit)
  limit = limit == nil and 4294967295 or convert.to_number(limit) % 4294967296
  local list, count, last = {}, 0, 1
  text = seen_by(pattern, text)
  local function add(value)
    if count < limit then
      list[count] = value
      count = count + 1
    end
  end
  if text == "" and find(pattern, text, 1, true, matcher.budget(text)) then
    return iterate.array { length = 0 }
  end
  each_match(pattern, text, true, function(first, after, slots)
    -- An empty match at the start or the end splits nothing.
    if first > #text or after == first and first == last then return end
    add(part(text, last, first - 1))
    for number = 1, pattern[1].groups do add(group_text(text, slots, number)) end
    last = after
    return count < limit
  end)
  if text ~= "" or count == 0 then add(part(text, last)) end
  list.length = count
  return iterate.array(list)
end

getmetatable(RegExp).instance = shape.root(traits)

return regular_expressions
