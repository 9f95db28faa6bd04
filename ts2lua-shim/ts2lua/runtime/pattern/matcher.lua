--- matcher: runs a pattern's instructions against a text, going back where it must.
---
--- Choices lie on a stack of its own, so that no pattern can exhaust Lua's. Each instruction is a
--- step, and steps are bounded: a pattern that would take for ever on some text is an error.

local characters = require "ts2lua.runtime.pattern.characters"
local letters = require "ts2lua.runtime.letters"
local utf8 = require "ts2lua.utf8"

local byte, find, sub = string.byte, string.find, string.sub
local decode, is_word, ends_line = utf8.decode, characters.is_word, characters.ends_line

local matcher = {}

--- Steps of one operation, and more for each byte of the text; choices that may be open.
local STEPS_MAX, STEPS_PER_BYTE, CHOICES_MAX = 1000000, 10, 300000

local function exhausted()
  error({ pattern_fault = "the regular expression takes too long on this text" }, 0)
end

local function at_boundary(text, at)
  local before, after = byte(text, at - 1), byte(text, at)
  local is_before = at > 1 and before ~= nil and before < 128 and is_word(before)
  local is_after = after ~= nil and after < 128 and is_word(after)
  return (is_before or false) ~= (is_after or false)
end

local function at_start(text, at, is_multiline)
  if at == 1 then return true end
  if not is_multiline then return false end
  local b = byte(text, at - 1)
  return b == 10 or b == 13 or find(text, "^\226\128[\168\169]", at - 3) ~= nil
end

local function at_finish(text, at, is_multiline)
  if at == #text + 1 then return true end
  return (is_multiline and ends_line((decode(text, at)))) or false
end

--- Where the text behind a back reference ends; nil when it does not stand here.
local function reference_end(search, number, at)
  local first, last = search.slots[2 * number - 1], search.slots[2 * number]
  if not first or not last then return at end
  local wanted = sub(search.text, first, last - 1)
  local found = sub(search.text, at, at + #wanted - 1)
  if found == wanted then return at + #wanted end
  if search.program.ignores_case and letters.lower(found) == letters.lower(wanted) then
    return at + #wanted
  end
  return nil
end

---@class ts2lua.PatternSearch
---@field text string
---@field slots (integer?)[]     captures and counters
---@field budget { steps: integer }
---@field program ts2lua.PatternProgram

--- One run through a list of instructions. What lies on the stack are three values each: a place
--- with where to go on in the text, and false; or a slot, the value it had, and true; or a place,
--- where to go on, and a repetition of single characters.
---@class ts2lua.PatternRun
---@field search ts2lua.PatternSearch
---@field code table[]
---@field place integer
---@field at integer
---@field must_end? integer     where a match has to end
---@field stack any[]
---@field top integer

local run

--- Looks ahead, or behind by trying where the inner pattern may begin.
local function look(search, code, is_behind, at)
  if not is_behind then return run(search, code, at, nil) ~= nil end
  for start = at, 1, -1 do
    local b = byte(search.text, start)
    if not b or b < 0x80 or b >= 0xC0 then
      if run(search, code, start, at) then return true end
    end
  end
  return false
end

--- Looks around; captures stay only when a positive look holds.
local function look_around(search, instruction, at)
  local kept = {}
  for i = 1, search.program.slots do kept[i] = search.slots[i] end
  local holds = look(search, instruction[2], instruction[3], at)
  if not holds or instruction[4] then
    for i = 1, search.program.slots do search.slots[i] = kept[i] end
  end
  return holds ~= instruction[4], kept
end

--- The end of at most `most` characters that pass the test; nil when they are fewer than `least`.
local function run_of(search, test, least, most, at)
  local text, count = search.text, 0
  while count < most do
    local point, after = decode(text, at)
    if not point or not test(point) then break end
    at, count = after, count + 1
  end
  search.budget.steps = search.budget.steps - count
  if count < least then return nil end
  return at
end

local function one_back(text, at)
  repeat
    at = at - 1
    local b = byte(text, at)
  until b < 0x80 or b >= 0xC0
  return at
end

local function push(r, a, b, c)
  local top = r.top
  if top > CHOICES_MAX * 3 then exhausted() end
  local stack = r.stack
  stack[top + 1], stack[top + 2], stack[top + 3] = a, b, c
  r.top = top + 3
end

--- Writes a slot so that going back restores it.
local function set(r, slot, value)
  local slots = r.search.slots
  push(r, slot, slots[slot] or false, true)
  slots[slot] = value
end

--- Takes up a repetition again: one character fewer, or one more where it is lazy.
local function repeat_differently(r, place, at, repetition)
  if repetition.is_lazy then
    local point, after = decode(r.search.text, at)
    if repetition.left == 0 or not point or not repetition.test(point) then return false end
    repetition.left = repetition.left - 1
    push(r, place, after, repetition)
    at = after
  else
    at = one_back(r.search.text, at)
    if at > repetition.least then push(r, place, at, repetition) end
  end
  r.place, r.at = place, at
  return true
end

--- Takes up the last choice; false when there is none left.
local function go_back(r)
  local stack, slots = r.stack, r.search.slots
  while r.top > 0 do
    local top = r.top
    local a, b, c = stack[top - 2], stack[top - 1], stack[top]
    r.top = top - 3
    if c == true then
      slots[a] = b or nil
    elseif c == false then
      r.place, r.at = a, b
      return true
    elseif repeat_differently(r, a, b, c) then
      return true
    end
  end
  return false
end

--- What each instruction does: true when it goes on, at `r.at` and `r.place`.
---@type table<string, fun(r: ts2lua.PatternRun, instruction: table): boolean?>
local RUN = {}

local function advance(r, at)
  if not at then return false end
  r.at, r.place = at, r.place + 1
  return true
end

function RUN.text(r, instruction)
  local wanted, at = instruction[2], r.at
  local after = at + #wanted
  return advance(r, sub(r.search.text, at, after - 1) == wanted and after or nil)
end

function RUN.set(r, instruction)
  local point, after = decode(r.search.text, r.at)
  return advance(r, point and instruction[2](point) and after or nil)
end

function RUN.many(r, instruction)
  local test, least, most = instruction[2], instruction[3], instruction[4]
  local from = run_of(r.search, test, least, least, r.at)
  if not from then return false end
  local last = run_of(r.search, test, 0, most - least, from)
  if last > from then push(r, r.place + 1, last, { least = from }) end
  return advance(r, last)
end

function RUN.few(r, instruction)
  local test, least, most = instruction[2], instruction[3], instruction[4]
  local from = run_of(r.search, test, least, least, r.at)
  if not from then return false end
  push(r, r.place + 1, from, { is_lazy = true, left = most - least, test = test })
  return advance(r, from)
end

function RUN.split(r, instruction)
  push(r, instruction[3], r.at, false)
  r.place = instruction[2]
  return true
end

function RUN.jump(r, instruction)
  r.place = instruction[2]
  return true
end

function RUN.save(r, instruction)
  set(r, instruction[2], r.at)
  return advance(r, r.at)
end

function RUN.clear(r, instruction)
  for slot = instruction[2], instruction[3] do
    if r.search.slots[slot] then set(r, slot, nil) end
  end
  return advance(r, r.at)
end

function RUN.begin(r, instruction)
  set(r, instruction[2], 0)
  set(r, instruction[2] + 1, r.at)
  return advance(r, r.at)
end

--- Another turn of a loop, or what stands behind it.
function RUN.loop(r, instruction)
  local counter, inside, behind = instruction[2], instruction[6], instruction[7]
  local count = r.search.slots[counter]
  if count >= instruction[4] then
    r.place = behind
    return true
  end
  local goes_inside = true
  if count >= instruction[3] then
    goes_inside = not instruction[5]
    push(r, goes_inside and behind or inside, r.at, false)
  end
  if goes_inside then set(r, counter + 1, r.at) end
  r.place = goes_inside and inside or behind
  return true
end

function RUN.again(r, instruction)
  local counter, slots = instruction[2], r.search.slots
  local count = slots[counter]
  -- A turn that took nothing would go on for ever.
  if slots[counter + 1] == r.at and count >= r.code[instruction[3]][3] then return false end
  set(r, counter, count + 1)
  r.place = instruction[3]
  return true
end

function RUN.reference(r, instruction)
  local number = instruction[2]
  if number > r.search.program.groups then return advance(r, r.at) end
  return advance(r, reference_end(r.search, number, r.at))
end

function RUN.start(r, instruction)
  return advance(r, at_start(r.search.text, r.at, instruction[2]) and r.at or nil)
end

function RUN.finish(r, instruction)
  return advance(r, at_finish(r.search.text, r.at, instruction[2]) and r.at or nil)
end

function RUN.boundary(r, instruction)
  return advance(r, at_boundary(r.search.text, r.at) ~= instruction[2] and r.at or nil)
end

function RUN.look(r, instruction)
  local holds, before = look_around(r.search, instruction, r.at)
  if not holds then return false end
  for slot = 1, r.search.program.slots do
    local value = r.search.slots[slot]
    if value ~= before[slot] then push(r, slot, before[slot] or false, true) end
  end
  return advance(r, r.at)
end

--- Runs code from `at`; where the match ends, or nil.
---@param search ts2lua.PatternSearch
---@param code table[]
---@param must_end? integer
---@return integer?
function run(search, code, at, must_end)
  local r = { search = search, code = code, place = 1, at = at, stack = {}, top = 0 }
  local budget = search.budget
  while true do
    budget.steps = budget.steps - 1
    if budget.steps < 0 then exhausted() end
    local instruction = code[r.place]
    local goes_on = false
    if instruction[1] ~= "match" then
      goes_on = RUN[instruction[1]](r, instruction)
    elseif not must_end or r.at == must_end then
      return r.at
    end
    if not goes_on and not go_back(r) then return nil end
  end
end

--- Where a search may begin at or behind `at`: a literal start is looked for directly.
local function candidate(program, text, at)
  if not program.prefix then return at end
  return find(text, program.prefix, at, true)
end

--- What one operation on a text may spend.
---@param text string
function matcher.budget(text)
  return { steps = STEPS_MAX + STEPS_PER_BYTE * #text }
end

--- Finds the first match that begins at byte `at` or, unless it is sticky, behind it.
---@param program ts2lua.PatternProgram
---@param text string
---@param at integer
---@param is_sticky boolean
---@param budget { steps: integer }    shared by the searches of one operation
---@return integer? first
---@return integer? after      the byte behind the match
---@return (integer?)[]? slots    where groups begin and end
function matcher.find(program, text, at, is_sticky, budget)
  local search = { text = text, program = program, slots = {}, budget = budget }
  while at <= #text + 1 do
    if not is_sticky then
      at = candidate(program, text, at)
      if not at then return nil end
    end
    search.slots = {}
    local after = run(search, program.code, at, nil)
    if after then return at, after, search.slots end
    local b = byte(text, at)
    if is_sticky or not b then return nil end
    at = at + (b < 0x80 and 1 or b < 0xE0 and 2 or b < 0xF0 and 3 or 4)
  end
  return nil
end

return matcher
