--- compiler: a pattern's tree as instructions for the matcher.
---
--- An instruction is a table { op, … }; a place is an index in the list. Repetitions of one
--- character are single instructions; other repetitions are loops with a counter.

local letters = require "ts2lua.runtime.letters"
local utf8 = require "ts2lua.utf8"

local compiler = {}

--- More than any sensible pattern, and small enough to be made in no time.
local INSTRUCTIONS_MAX = 20000

local emit

local function add(c, instruction)
  if #c.code >= INSTRUCTIONS_MAX then
    error({ pattern_fault = "Invalid regular expression: it is too large" }, 0)
  end
  c.code[#c.code + 1] = instruction
  return #c.code
end

--- A test for one character.
local function test_of(c, node)
  if node.kind == "set" then return node.test end
  local point = node.point
  if not c.flags.i then return function(other) return other == point end end
  local folded = letters.fold(utf8.encode(point))
  return function(other) return other == point or letters.fold(utf8.encode(other)) == folded end
end

local function emit_character(c, node)
  if node.kind == "character" and not c.flags.i then
    add(c, { "text", utf8.encode(node.point) })
  else
    add(c, { "set", test_of(c, node) })
  end
end

local function emit_choice(c, node)
  local ends = {}
  for i, each in ipairs(node.list) do
    if i == #node.list then
      emit(c, each)
    else
      local split = add(c, { "split" })
      c.code[split][2] = split + 1
      emit(c, each)
      ends[#ends + 1] = add(c, { "jump" })
      c.code[split][3] = #c.code + 1
    end
  end
  for _, place in ipairs(ends) do c.code[place][2] = #c.code + 1 end
end

local function emit_group(c, node)
  if not node.number then return emit(c, node.node) end
  add(c, { "save", 2 * node.number - 1 })
  emit(c, node.node)
  add(c, { "save", 2 * node.number })
end

--- A loop: the counter and the place where the turn began are saved like captures.
local function emit_loop(c, node)
  local counter = c.slots + 1
  c.slots = c.slots + 2
  add(c, { "begin", counter })
  local loop = add(c, { "loop", counter, node.least, node.most, node.is_lazy })
  add(c, { "clear", 2 * node.first - 1, 2 * node.last })
  emit(c, node.node)
  add(c, { "again", counter, loop })
  c.code[loop][6], c.code[loop][7] = loop + 1, #c.code + 1
end

local function emit_repeat(c, node)
  local inner = node.node
  if inner.kind == "set" or inner.kind == "character" then
    add(c, { node.is_lazy and "few" or "many", test_of(c, inner), node.least, node.most })
  else
    emit_loop(c, node)
  end
end

local function emit_look(c, node)
  local code = { flags = c.flags, code = {}, slots = c.slots, names = c.names }
  emit(code, node.node)
  add(code, { "match" })
  c.slots = code.slots
  add(c, { "look", code.code, node.is_behind or false, node.is_negative or false })
end

local EMIT = {
  character = emit_character, set = emit_character, choice = emit_choice, group = emit_group,
  ["repeat"] = emit_repeat, look = emit_look,
  sequence = function(c, node)
    for _, each in ipairs(node.list) do emit(c, each) end
  end,
  reference = function(c, node)
    add(c, { "reference", node.number or c.names[node.name] or 0 })
  end,
  start = function(c) add(c, { "start", c.flags.m }) end,
  finish = function(c) add(c, { "finish", c.flags.m }) end,
  boundary = function(c, node) add(c, { "boundary", node.is_negative or false }) end,
}

function emit(c, node)
  EMIT[node.kind](c, node)
end

--- A text that every match begins with, when the pattern shows one.
local function literal_start(code)
  local parts, i = {}, 1
  while code[i] and (code[i][1] == "text" or code[i][1] == "save") do
    if code[i][1] == "text" then parts[#parts + 1] = code[i][2] end
    i = i + 1
  end
  return #parts > 0 and table.concat(parts) or nil
end

---@class ts2lua.PatternProgram
---@field code table[]
---@field slots integer       captures, then counters
---@field groups integer
---@field names table<string, integer>
---@field prefix? string      what each match begins with
---@field ignores_case boolean
---@field multiline boolean

--- Compiles a tree that the parser made.
---@return ts2lua.PatternProgram
function compiler.compile(node, flags, groups, names)
  local c = { flags = flags, code = {}, slots = 2 * groups, names = names }
  emit(c, node)
  add(c, { "match" })
  return { code = c.code, slots = c.slots, groups = groups, names = names,
    prefix = literal_start(c.code), ignores_case = flags.i or false, multiline = flags.m or false }
end

return compiler
