--- json_text: JSON.stringify.

local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local json_plain = require "ts2lua.runtime.json_plain"
local json_string = require "ts2lua.runtime.json_string"
local null = require "ts2lua.runtime.null"
local number_text = require "ts2lua.number_text"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local utf16 = require "ts2lua.runtime.utf16"

local format = string.format
local floor, huge = math.floor, math.huge
local getmetatable, type = getmetatable, type

--- Deeper values than this are refused: the writer calls itself for each level.
local LEVELS_MAX = 4000

local function number_json(value)
  if value == floor(value) and value < 1e15 and value > -1e15 then
    return value == 0 and "0" or format("%d", value)
  end
  if value ~= value or value == huge or value == -huge then return "null" end
  return number_text(value)
end

---@class ts2lua.JsonWriter
---@field parts string[]
---@field count integer
---@field replacer? function
---@field allowed_list? string[]
---@field gap string          what a level is indented by
---@field indent string       of the current level
---@field open table<table, boolean>    values being written
---@field level integer

local write_value

local function put(writer, text)
  local count = writer.count + 1
  writer.count = count
  writer.parts[count] = text
end

local function enter(writer, value)
  if writer.open[value] then
    raise.type_error "Converting circular structure to JSON"
  end
  writer.level = writer.level + 1
  if writer.level > LEVELS_MAX then raise.range_error "Maximum call stack size exceeded" end
  writer.open[value] = true
  writer.indent = writer.indent .. writer.gap
end

local function leave(writer, value)
  writer.level = writer.level - 1
  writer.open[value] = nil
  writer.indent = writer.indent:sub(1, #writer.indent - #writer.gap)
end

local function new_line(writer)
  if writer.gap ~= "" then put(writer, "\n" .. writer.indent) end
end

local function write_array(writer, array)
  local length = array.length
  if length == 0 then return put(writer, "[]") end
  enter(writer, array)
  put(writer, "[")
  for i = 0, length - 1 do
    if i > 0 then put(writer, ",") end
    new_line(writer)
    if not write_value(writer, array[i], i, array) then put(writer, "null") end
  end
  leave(writer, array)
  new_line(writer)
  put(writer, "]")
end

--- `"key":` for each key, kept with the list: shapes that are shared keep their lists.
local prefixes = setmetatable({}, { __mode = "k" })

local function prefixes_of(keys, count)
  local made = prefixes[keys]
  if not made then
    made = {}
    for i = 1, count do made[i] = json_string(keys[i]) .. ":" end
    prefixes[keys] = made
  end
  return made
end

local function write_property(writer, prefix, value, key, object, is_first)
  local before = writer.count
  if not is_first then put(writer, ",") end
  new_line(writer)
  put(writer, writer.gap == "" and prefix or prefix .. " ")
  if write_value(writer, value, key, object) then return true end
  writer.count = before
  return false
end

local function write_object(writer, object)
  local keys, count = writer.allowed_list, writer.allowed_list and #writer.allowed_list
  if not keys then keys, count = property.own_keys(object) end
  enter(writer, object)
  put(writer, "{")
  local made, is_first = prefixes_of(keys, count), true
  for i = 1, count do
    local value = property.get(object, keys[i])
    if value ~= nil or writer.replacer then
      if write_property(writer, made[i], value, keys[i], object, is_first) then is_first = false end
    end
  end
  leave(writer, object)
  if not is_first then new_line(writer) end
  put(writer, "}")
end

local function key_text(key)
  return type(key) == "number" and format("%d", key) or key
end

local function write_table(writer, value)
  local metatable = getmetatable(value)
  if metatable.is_bigint then raise.type_error "Do not know how to serialize a BigInt" end
  if metatable.is_symbol or metatable.is_class then return false end
  if metatable.is_array then write_array(writer, value) else write_object(writer, value) end
  return true
end

--- Writes a value; false for what JSON leaves out.
---@param key string|integer
function write_value(writer, value, key, holder)
  local kind = type(value)
  if kind == "table" then
    local to_json = value.toJSON
    if type(to_json) == "function" then value = to_json(value, key_text(key)) end
  end
  if writer.replacer then value = writer.replacer(holder, key_text(key), value) end
  kind = type(value)
  if kind == "string" then
    put(writer, json_string(value))
  elseif kind == "number" then
    put(writer, number_json(value))
  elseif kind == "boolean" then
    put(writer, value and "true" or "false")
  elseif kind == "table" then
    return write_table(writer, value)
  elseif value == null then
    put(writer, "null")
  else
    return false
  end
  return true
end

local function gap_of(space)
  if type(space) == "number" then
    return (" "):rep(math.max(0, math.min(10, convert.to_integer(space))))
  end
  if type(space) == "string" then return utf16.sub(space, 0, math.min(10, utf16.length(space))) end
  return ""
end

--- The keys that an array as the replacer lets through.
local function allowed_list(replacer)
  if not iterate.is_array(replacer) then return nil end
  local list, seen = {}, {}
  for i = 0, replacer.length - 1 do
    local key = replacer[i]
    if type(key) == "string" or type(key) == "number" then
      key = convert.to_text(key)
      if not seen[key] then list[#list + 1] = key end
      seen[key] = true
    end
  end
  return list
end

--- `JSON.stringify(value, replacer, space)`
---@return string?
local function stringify(value, replacer, space)
  if replacer == nil and space == nil and type(value) == "table" then
    local text = json_plain(value)
    if text then return text end
  end
  local writer = {
    parts = {}, count = 0, open = {}, level = 0, indent = "", gap = gap_of(space),
    replacer = type(replacer) == "function" and replacer or nil,
    allowed_list = allowed_list(replacer),
  }
  local holder
  if writer.replacer then
    holder = shape.object()
    rawset(holder, "", value)
  end
  if not write_value(writer, value, "", holder) then return nil end
  return table.concat(writer.parts, "", 1, writer.count)
end

return stringify
