--- json_plain: the JSON of plain data, which is what programs send: objects without accessors or
--- toJSON, arrays, texts, numbers. It gives up on everything else, having called nothing of the
--- program's, so that json_text can begin anew.

local buffer = require "string.buffer"
local json_string = require "ts2lua.runtime.json_string"
local null = require "ts2lua.runtime.null"
local number_text = require "ts2lua.number_text"
local shape = require "ts2lua.runtime.shape"

local format = string.format
local floor = math.floor
local getmetatable, pcall, rawget, tonumber, type = getmetatable, pcall, rawget, tonumber, type

--- Deeper values, and circles, are left to json_text.
local LEVELS_MAX = 100

local out = buffer.new()

--- `"key":` and `,"key":` for each key; kept with shapes that are shared.
local function prefixes_of(metatable, keys, count)
  local made = metatable.json_prefixes
  if made then return made end
  made = { first = {}, next = {} }
  for i = 1, count do
    made.first[i] = json_string(keys[i]) .. ":"
    made.next[i] = "," .. made.first[i]
  end
  if metatable.transitions then metatable.json_prefixes = made end
  return made
end

local function put_number(value)
  if value == floor(value) and value < 1e14 and value > -1e14 then
    out:put(value == 0 and 0 or value)
    return
  end
  -- Fourteen digits that read back as the same number are its shortest form.
  local size = value < 0 and -value or value
  if size >= 1e-4 and size < 1e14 then
    local text = format("%.14g", value)
    if tonumber(text) == value then
      out:put(text)
      return
    end
  end
  if value ~= value or size == 1 / 0 then
    out:put "null"
  else
    out:put(number_text(value))
  end
end

local write

--- Returns false for what is not plain.
local function write_object(object, metatable, level)
  if metatable.accessors or metatable.closing then return false end
  if type(object.toJSON) == "function" then return false end
  local keys, count = shape.own_keys(object)
  local prefixes = prefixes_of(metatable, keys, count)
  local before = prefixes.first
  out:put "{"
  for i = 1, count do
    local value = rawget(object, keys[i])
    if value ~= nil and type(value) ~= "function" then
      out:put(before[i])
      before = prefixes.next
      if not write(value, level) then return false end
    end
  end
  out:put "}"
  return true
end

local function write_array(array, level)
  local length = array.length
  out:put "["
  for i = 0, length - 1 do
    if i > 0 then out:put "," end
    local value = rawget(array, i)
    if value == nil or type(value) == "function" then
      out:put "null"
    elseif not write(value, level) then
      return false
    end
  end
  out:put "]"
  return true
end

function write(value, level)
  local kind = type(value)
  if kind == "string" then
    out:put(json_string(value))
  elseif kind == "number" then
    put_number(value)
  elseif kind == "boolean" then
    out:put(value and "true" or "false")
  elseif kind == "table" then
    if level > LEVELS_MAX then return false end
    local metatable = getmetatable(value)
    if metatable.is_object and not metatable.get_element then
      return write_object(value, metatable, level + 1)
    end
    if metatable.is_array and not value.toJSON then return write_array(value, level + 1) end
    return false
  elseif value == null then
    out:put "null"
  else
    return false
  end
  return true
end

--- The JSON of a table; nil when it is not plain.
---@param value table
---@return string?
local function plain(value)
  local ok, is_plain = pcall(write, value, 0)
  local text = ok and is_plain and out:get() or nil
  out:reset()
  return text
end

return plain
