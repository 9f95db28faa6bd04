--- Decode: JSON text to Lua values, by lua-cjson, with what it leaves out put right.
---
--- `scan` looks over the text first. For nearly every text its flags then say that lua-cjson
--- may simply be believed. Otherwise the decoded value is walked once, to mark what was `[]`, or
--- to refuse a number that became infinite.
---
--- Only empty arrays are marked: the others show what they are by their items, and to mark
--- them all would cost a walk over every message, a quarter of the time that decoding takes.

local buffer = require "string.buffer"
local cjson = require "cjson"

local automaton = require "partylua.json.automaton"
local lazy = require "partylua.lazy"
local limits = require "partylua.json.limits"
local scan = require "partylua.json.scan"
local shape = require "partylua.json.shape"

local text_fault = lazy "partylua.json.text_fault" ---@module "partylua.json.text_fault"

local band = require("bit").band
local byte, sub = string.byte, string.sub
local huge = math.huge

local engine = cjson.new()
engine.decode_invalid_numbers(false)
engine.decode_max_depth(limits.DEPTH_MAX)
local engine_decode = engine.decode

local BROKEN, LARGE = automaton.BROKEN, automaton.LARGE
local EMPTY_ARRAY, EMPTY_OBJECT = automaton.EMPTY_ARRAY, automaton.EMPTY_OBJECT
local SPECIAL = BROKEN + LARGE + EMPTY_ARRAY
local Array = shape.Array

-- Where the text has no `{}`, each empty table is an array.
local function mark_empty_arrays(node)
  if next(node) == nil then
    setmetatable(node, Array)
    return
  end
  for _, child in next, node do
    if type(child) == "table" then mark_empty_arrays(child) end
  end
end

-- Where it has both, each `[]` has been read as an infinite number.
local function restore_empty_arrays(node)
  if node == huge then return setmetatable({}, Array) end
  if type(node) ~= "table" then return node end
  for key, child in next, node do
    if child == huge then
      node[key] = setmetatable({}, Array)
    elseif type(child) == "table" then
      restore_empty_arrays(child)
    end
  end
  return node
end

local function is_finite(node)
  if type(node) ~= "table" then return node ~= huge and node ~= -huge end
  for _, child in next, node do
    if child == huge or child == -huge then return false end
    if type(child) == "table" and not is_finite(child) then return false end
  end
  return true
end

local INFINITE = " 1e999 " -- with spaces, so that it joins with nothing beside it

-- The position of the closing quote of the string that opens at a position.
local function closing_quote(text, at)
  repeat
    at = at + 1
    local code = byte(text, at)
    if code == 0x5C then at = at + 1 end
  until code == 0x22
  return at
end

-- The position of the first byte after a position that is not white space.
local function after_space(text, at)
  repeat
    at = at + 1
    local code = byte(text, at)
  until code > 0x20
  return at
end

-- The text, which is valid, with an infinite number for each `[]` outside strings.
local function without_empty_arrays(text)
  local out = buffer.new(#text)
  local from, at = 1, 1
  while at <= #text do
    local code = byte(text, at)
    if code == 0x22 then
      at = closing_quote(text, at)
    elseif code == 0x5B then
      local following = after_space(text, at)
      if byte(text, following) == 0x5D then
        out:put(sub(text, from, at - 1), INFINITE)
        at, from = following, following + 1
      else
        at = following - 1
      end
    end
    at = at + 1
  end
  return out:put(sub(text, from)):get()
end

local function decode_special(text, flags)
  if band(flags, BROKEN) ~= 0 then return false end
  local ok, value = pcall(engine_decode, text)
  if not ok then return false end
  if band(flags, LARGE) ~= 0 and not is_finite(value) then return false end
  if band(flags, EMPTY_ARRAY) ~= 0 then
    if band(flags, EMPTY_OBJECT) == 0 then
      mark_empty_arrays(value)
    else
      value = restore_empty_arrays(engine_decode(without_empty_arrays(text)))
    end
  end
  return true, value
end

local decode = {}

--- The value of a JSON text: true and the value, or false and what is wrong with the text.
---@param text string
---@return boolean ok
---@return any value_or_message
function decode.try(text)
  local flags = scan.flags(text)
  local ok, value
  if band(flags, SPECIAL) == 0 then
    ok, value = pcall(engine_decode, text)
  else
    ok, value = decode_special(text, flags)
  end
  if ok then return true, value end
  return false, text_fault.describe(text) or "invalid JSON: " .. tostring(value)
end

return decode
