--- console: messages to the log of the host.

local convert = require "ts2lua.runtime.convert"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local shape = require "ts2lua.runtime.shape"
local world = require "ts2lua.runtime.world"

local collections = later "collections"

local console = {}

local DEPTH_MAX, ITEMS_MAX = 3, 100

local show

local function show_items(open, close, list, count, prefix)
  if count == 0 then return prefix .. open .. close end
  local more = count > #list and (", ... %d more items"):format(count - #list) or ""
  return prefix .. open .. " " .. table.concat(list, ", ") .. more .. " " .. close
end

local function show_array(array, depth)
  local list = {}
  for i = 0, math.min(array.length, ITEMS_MAX) - 1 do list[i + 1] = show(array[i], depth + 1) end
  return show_items("[", "]", list, array.length, "")
end

local function show_map(map, depth)
  local list = {}
  collections.each_entry(map, function(key, value)
    if #list < ITEMS_MAX then
      list[#list + 1] = show(key, depth + 1) .. " => " .. show(value, depth + 1)
    end
  end)
  return show_items("{", "}", list, map.size, ("Map(%d) "):format(map.size))
end

local function show_set(set, depth)
  local list = {}
  collections.each_entry(set, function(key)
    if #list < ITEMS_MAX then list[#list + 1] = show(key, depth + 1) end
  end)
  return show_items("{", "}", list, set.size, ("Set(%d) "):format(set.size))
end

local function show_key(key)
  return key:find "^[%a_$][%w_$]*$" and key or "'" .. key .. "'"
end

local function class_prefix(object)
  local of = getmetatable(object).class
  local name = of and rawget(of, "name")
  return name and name ~= "" and name .. " " or ""
end

local function show_object(object, depth)
  local keys, count = property.own_keys(object)
  local list = {}
  for i = 1, math.min(count, ITEMS_MAX) do
    list[i] = show_key(keys[i]) .. ": " .. show(property.get(object, keys[i]), depth + 1)
  end
  return show_items("{", "}", list, count, class_prefix(object))
end

local function show_table(value, depth)
  local metatable = getmetatable(value)
  if metatable.is_symbol then return value:toString() end
  if metatable.is_bigint then return value:toString() .. "n" end
  if metatable.is_class then return ("[class %s]"):format(value.name) end
  if metatable.is_error then return tostring(value) end
  if metatable.show then return metatable.show(value) end
  if depth >= DEPTH_MAX then return metatable.is_array and "[Array]" or "[Object]" end
  if metatable.is_array then return show_array(value, depth) end
  if metatable.is_map then return show_map(value, depth) end
  if metatable.is_set then return show_set(value, depth) end
  return show_object(value, depth)
end

function show(value, depth)
  if type(value) == "string" then
    return depth == 0 and value or "'" .. value:gsub("\n", "\\n"):gsub("'", "\\'") .. "'"
  end
  if type(value) == "function" then return "[Function]" end
  if type(value) == "table" and value ~= null then return show_table(value, depth) end
  return convert.to_text(value)
end

--- The arguments as one line, as Node shows them.
function console.format(...)
  local parts, first = {}, 1
  local text = ...
  if type(text) == "string" and text:find "%%[sdifoOjc]" then
    local arguments, next_one = { select(2, ...) }, 1
    parts[1] = text:gsub("%%([sdifoOjc%%])", function(letter)
      if letter == "%" then return "%" end
      local value = arguments[next_one]
      next_one = next_one + 1
      if letter == "c" then return "" end
      if letter == "d" or letter == "i" or letter == "f" then
        return convert.to_text(convert.to_number(value))
      end
      return show(value, letter == "s" and 0 or 1)
    end)
    first = next_one + 1
  end
  for i = first, select("#", ...) do parts[#parts + 1] = show(select(i, ...), 0) end
  return table.concat(parts, " ")
end

local LEVELS = { log = "info", info = "info", debug = "debug", trace = "debug", warn = "warn",
  error = "error", table = "info", dir = "info", group = "info", groupCollapsed = "info" }

local object = shape.object()
console.object = object

for name, level in pairs(LEVELS) do
  rawset(object, name, function(_, ...) world.log(level, console.format(...)) end)
end

rawset(object, "groupEnd", function() end)
rawset(object, "assert", function(_, holds, ...)
  if convert.truthy(holds) then return end
  world.log("error", "Assertion failed" .. (select("#", ...) > 0 and ": " or "")
    .. console.format(...))
end)

local counts, times = {}, {}

rawset(object, "count", function(_, label)
  label = label == nil and "default" or convert.to_text(label)
  counts[label] = (counts[label] or 0) + 1
  world.log("info", ("%s: %d"):format(label, counts[label]))
end)
rawset(object, "countReset", function(_, label)
  counts[label == nil and "default" or convert.to_text(label)] = nil
end)

rawset(object, "time", function(_, label)
  times[label == nil and "default" or convert.to_text(label)] = world.now()
end)
local function time_end(_, label)
  label = label == nil and "default" or convert.to_text(label)
  local began = times[label]
  if began then world.log("info", ("%s: %.3fms"):format(label, world.now() - began)) end
end
rawset(object, "timeEnd", time_end)
rawset(object, "timeLog", time_end)

return console
