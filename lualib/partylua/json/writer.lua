--- Writer: Lua values to JSON text, on LuaJIT's `string.buffer`, for what the native module does
--- not write.
---
--- Written for compiled code: the walk over the value holds no inner loops over bytes. Short
--- strings are put as they are, and one pass over the finished text compares its quotes and
--- backslashes with those that belong there; if they differ, some string needed escapes, and
--- the value is written again with each string looked at. Long strings, where escapes are
--- likely, are looked at the first time.
---
--- Whatever cannot be written raises FAULT; `value_fault` then finds out where and why.

local bit = require "bit"
local buffer = require "string.buffer"
local cjson = require "cjson"
local ffi = require "ffi"

local automaton = require "partylua.json.automaton"
local lazy = require "partylua.lazy"
local limits = require "partylua.json.limits"
local number = require "partylua.json.number"
local scan = require "partylua.json.scan"
local shape = require "partylua.json.shape"

local value_fault = lazy "partylua.json.value_fault" ---@module "partylua.json.value_fault"

local band, bor, tobit = bit.band, bit.bor, bit.tobit
local pcall, rawget, sub, type = pcall, rawget, string.sub, type

local DEPTH_MAX = limits.DEPTH_MAX
local UNCHECKED_BYTES_MAX = 24
local EXACT_MAX = 2 ^ 53
local FAULT = "this value has no JSON form"
local null = cjson.null
local is_list, put_finite = shape.is_list, number.put

local has_native, native = pcall(require, "partylua.native") -- not under a plain LuaJIT
local utf8_valid = has_native and native.utf8_valid

local out = buffer.new()
local marks = 0 -- quotes and backslashes put on purpose
local unchecked_max = UNCHECKED_BYTES_MAX -- -1 looks at every string

local bytes = ffi.typeof "const uint8_t *"
local is_mark = ffi.new "uint8_t[256]" -- 1 for bytes that cannot stand in a string unescaped
local escapes, escape_marks = {}, {}

for byte = 0, 0x1F do
  is_mark[byte], escapes[byte], escape_marks[byte] = 1, string.format("\\u%04x", byte), 1
end
for letter, byte in pairs { b = 8, t = 9, n = 10, f = 12, r = 13 } do
  escapes[byte] = "\\" .. letter
end
for _, byte in ipairs { 0x22, 0x5C } do
  is_mark[byte], escapes[byte], escape_marks[byte] = 1, "\\" .. string.char(byte), 2
end

local function put_escaped(text, at)
  local from = 1
  for i = 0, #text - 1 do
    local byte = at[i]
    if is_mark[byte] ~= 0 then
      out:put(sub(text, from, i), escapes[byte])
      marks = marks + escape_marks[byte]
      from = i + 2
    end
  end
  out:put(sub(text, from))
end

local function put_checked(text, tail)
  local table_of_marks, at = is_mark, ffi.cast(bytes, text)
  local found = 0
  for i = 0, #text - 1 do found = bor(found, table_of_marks[at[i]]) end
  marks = marks + 2
  if found == 0 then
    out:put('"', text, tail)
  else
    out:put '"'
    put_escaped(text, at)
    out:put(tail)
  end
end

-- `tail` is the closing quote, with a colon after names.
local function put_string(text, tail)
  if #text > unchecked_max then return put_checked(text, tail) end
  out:put('"', text, tail)
  marks = marks + 2
end

local put_value

local function put_list(list, depth)
  local length = shape.length(list) or error(FAULT, 0)
  out:put "["
  for i = 1, length do
    if i > 1 then out:put "," end
    local item = rawget(list, i)
    if item == nil then out:put "null" else put_value(item, depth) end
  end
  out:put "]"
end

local function put_fields(fields, depth)
  local before = "{"
  for key, value in next, fields do
    out:put(before)
    before = ","
    put_string(type(key) == "string" and key or shape.name(fields, key) or error(FAULT, 0), '":')
    put_value(value, depth)
  end
  out:put(before == "{" and "{}" or "}")
end

-- A 64-bit integer that a double holds exactly.
local function put_integer64(value)
  if not (ffi.istype("int64_t", value) or ffi.istype("uint64_t", value)) then error(FAULT, 0) end
  local double = tonumber(value)
  if math.abs(double) > EXACT_MAX or double ~= value then error(FAULT, 0) end
  put_finite(out, double)
end

-- `depth` counts the tables around the value.
function put_value(value, depth)
  local kind = type(value)
  if kind == "string" then
    put_string(value, '"')
  elseif kind == "number" then
    if not put_finite(out, value) then error(FAULT, 0) end
  elseif kind == "table" then
    if depth == DEPTH_MAX then error(FAULT, 0) end
    if is_list(value) then put_list(value, depth + 1) else put_fields(value, depth + 1) end
  elseif kind == "boolean" then
    out:put(value and "true" or "false")
  elseif kind == "userdata" and value == null then
    out:put "null"
  elseif kind == "cdata" then
    put_integer64(value)
  else
    error(FAULT, 0)
  end
end

local function write(value)
  out:reset()
  marks = 0
  put_value(value, 0)
end

-- How many bytes of a text are marks or control characters, and all its bytes or'ed together.
local function survey(text)
  local table_of_marks, at = is_mark, ffi.cast(bytes, text)
  local count, all = 0, 0
  for i = 0, #text - 1 do
    local byte = at[i]
    count = tobit(count + table_of_marks[byte])
    all = bor(all, byte)
  end
  return count, all
end

-- The text is well-formed JSON but for its strings, so a scan refuses bad UTF-8 alone.
local function is_utf8(text)
  if utf8_valid then return utf8_valid(text) end
  return band(scan.flags(text), automaton.BROKEN) == 0
end

local function take_text()
  local text = out:get()
  if #text > limits.KEPT_BUFFER_BYTES then out:free() end
  return text
end

local writer = {}

--- The JSON text of a value: true and the text, or false and which part of it has none.
---@param value any
---@return boolean ok
---@return string text_or_message
function writer.try(value)
  local ok, message = pcall(write, value)
  if not ok then
    out:free() -- however much was written before the fault
    return false, value_fault.describe(value) or tostring(message)
  end
  local text = take_text()
  local count, all = survey(text)
  if count ~= marks then
    unchecked_max = -1
    write(value)
    unchecked_max = UNCHECKED_BYTES_MAX
    text = take_text()
  end
  if all >= 0x80 and not is_utf8(text) then return false, value_fault.describe(value) end
  return true, text
end

return writer
