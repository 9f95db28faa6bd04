--- Decode: JSON text to Lua values, by lua-cjson, with what it leaves out put right.
---
--- `scan` looks over the text first. For nearly every text its flags then say that lua-cjson
--- may simply be believed. Otherwise the decoded value is walked once, to mark the arrays, to
--- tell `[]` from `{}`, or to refuse a number that became infinite.

local cjson = require "cjson"

local limits = require "partylua.json.limits"
local scan = require "partylua.json.scan"
local shape = require "partylua.json.shape"
local text_fault = require "partylua.json.text_fault"

local band = require("bit").band
local gsub, find, sub = string.gsub, string.find, string.sub
local huge = math.huge

local engine = cjson.new()
engine.decode_invalid_numbers(false)
engine.decode_max_depth(limits.DEPTH_MAX)
local engine_decode = engine.decode

local BROKEN, ARRAY, LARGE = scan.BROKEN, scan.ARRAY, scan.LARGE
local EMPTY_ARRAY, EMPTY_OBJECT = scan.EMPTY_ARRAY, scan.EMPTY_OBJECT
local SPECIAL = BROKEN + LARGE + EMPTY_ARRAY
local Array = shape.Array

-- Object keys are strings in a decoded table, so a first item tells an array.
local function mark_arrays(node)
  if node[1] ~= nil then
    for i = 1, #node do
      local child = node[i]
      if type(child) == "table" then mark_arrays(child) end
    end
    setmetatable(node, Array)
  else
    for _, child in next, node do
      if type(child) == "table" then mark_arrays(child) end
    end
  end
end

-- The same, and an empty table is an array too: there is no `{}` in the text.
local function mark_empty_arrays(node)
  if next(node) == nil then
    setmetatable(node, Array)
    return
  end
  if node[1] ~= nil then setmetatable(node, Array) end
  for _, child in next, node do
    if type(child) == "table" then mark_empty_arrays(child) end
  end
end

-- The same where both `[]` and `{}` occur: each `[]` has been read as an infinite number.
local function restore_empty_arrays(node)
  if node == huge then return setmetatable({}, Array) end
  if type(node) ~= "table" then return node end
  if node[1] ~= nil then setmetatable(node, Array) end
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

local EMPTY = "%[[ \t\r\n]*%]"
local INFINITE = " 1e999 " -- with spaces, so that it joins with nothing beside it

-- The text with an infinite number for each `[]` outside strings.
local function without_empty_arrays(text, flags)
  if band(flags, scan.QUOTED_BRACKET) == 0 then return (gsub(text, EMPTY, INFINITE)) end
  local pieces, from = {}, 1
  while true do
    local opening = find(text, '"', from, true)
    pieces[#pieces + 1] = gsub(sub(text, from, (opening or 0) - 1), EMPTY, INFINITE)
    if not opening then return table.concat(pieces) end
    local closing = opening
    repeat
      closing = find(text, '["\\]', closing + 1) or #text
      local escape = sub(text, closing, closing) == "\\"
      if escape then closing = closing + 1 end
    until not escape or closing >= #text
    pieces[#pieces + 1] = sub(text, opening, closing)
    from = closing + 1
  end
end

local function decode_special(text, flags)
  if band(flags, BROKEN) ~= 0 then return false end
  local ok, value = pcall(engine_decode, text)
  if not ok then return false end
  if band(flags, LARGE) ~= 0 and not is_finite(value) then return false end
  if band(flags, EMPTY_ARRAY) == 0 then
    if band(flags, ARRAY) ~= 0 then mark_arrays(value) end
  elseif band(flags, EMPTY_OBJECT) == 0 then
    mark_empty_arrays(value)
  else
    value = restore_empty_arrays(engine_decode(without_empty_arrays(text, flags)))
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
    if ok and band(flags, ARRAY) ~= 0 then mark_arrays(value) end
  else
    ok, value = decode_special(text, flags)
  end
  if ok then return true, value end
  return false, text_fault.describe(text) or "invalid JSON: " .. tostring(value)
end

return decode
