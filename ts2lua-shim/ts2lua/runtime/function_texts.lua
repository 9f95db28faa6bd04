--- function_texts: the name, the length and the text of functions, for programs that ask.
---
--- A function of a program is known by the name of its first parameter, `__self7` or `__7`, and by
--- its file. Async functions, generators and what `bind` gives are known by what they wrap.

local class = require "ts2lua.runtime.class"
local coroutines = require "ts2lua.runtime.coroutines"
local functions = require "ts2lua.runtime.functions"
local globals = require "ts2lua.runtime.globals"
local iterate = require "ts2lua.runtime.iterate"
local property = require "ts2lua.runtime.property"
local shape = require "ts2lua.runtime.shape"

local getinfo, getlocal, getupvalue = debug.getinfo, debug.getlocal, debug.getupvalue
local match, sub = string.match, string.sub

local texts = {}

local COROUTINES = getinfo(coroutines.async, "S").source
local FUNCTIONS = getinfo(functions.shape_of, "S").source

--- The local `name` that a function takes from around it.
local function taken(fn, name)
  local i = 1
  while true do
    local found, value = getupvalue(fn, i)
    if found == name then return value end
    if not found then return nil end
    i = i + 1
  end
end

--- What the program says of a function; nil for those of the runtime.
---@return ts2lua.FunctionRecord? record
---@return string? source    of the program
local function record_of(fn)
  local info = getinfo(fn, "S")
  if info.source == COROUTINES then
    local inner = taken(fn, "fn")
    if type(inner) == "function" then return record_of(inner) end
  end
  local number = match(getlocal(fn, 1) or "", "^__%a*(%d+)$")
  local program = number and functions.programs[sub(info.source, 2)]
  if not program then return nil end
  return program.functions[tonumber(number)], program.source
end

--- The function that `bind` gave, and how many arguments it adds.
local function bound(fn)
  if getinfo(fn, "S").source ~= FUNCTIONS then return nil end
  local inner = taken(fn, "fn")
  return type(inner) == "function" and inner or nil, taken(fn, "count") or 0
end

local function key_of(object, fn)
  for key, value in next, object do
    if value == fn and type(key) == "string" then return key end
  end
  return nil
end

--- The name of a function of the runtime, which is looked for wherever programs find such.
local function builtin_name(fn)
  local holders = { globals.G, shape.object_prototype, class.function_prototype,
    iterate.array_prototype, property.string_prototype }
  for _, value in next, globals.G do
    if type(value) == "table" then
      holders[#holders + 1] = value
      holders[#holders + 1] = rawget(value, "prototype")
    end
  end
  for _, holder in ipairs(holders) do
    local name = type(holder) == "table" and key_of(holder, fn)
    if name then return name end
  end
  return ""
end

--- `fn.name`
function texts.name(fn)
  local record = record_of(fn)
  if record then return record.name end
  local inner = bound(fn)
  if inner then return "bound " .. inner.name end
  return builtin_name(fn)
end

--- `fn.length`
function texts.length(fn)
  local record = record_of(fn)
  if record then return record.length end
  local inner, count = bound(fn)
  if inner then return math.max(0, inner.length - count) end
  return math.max(0, getinfo(fn, "u").nparams - 1)
end

--- Functions of a class itself, from which its text is found.
local function own_functions(target)
  local metatable, list = getmetatable(target), {}
  local parent = metatable.parent and getmetatable(metatable.parent)
  if not parent or metatable.construct ~= parent.construct then list[1] = metatable.construct end
  for _, holder in ipairs { target.prototype, target } do
    for _, value in next, holder do
      if type(value) == "function" then list[#list + 1] = value end
    end
  end
  return list
end

--- `length` of a class: of its constructor.
function texts.class_length(target)
  local metatable = getmetatable(target)
  local parent = metatable.parent and getmetatable(metatable.parent)
  if parent and metatable.construct == parent.construct then return 0 end
  local record = record_of(metatable.construct)
  return record and record.length or 0
end

local function class_text(target)
  for _, fn in ipairs(own_functions(target)) do
    local record, source = record_of(fn)
    if record and record.class_start then
      return sub(source, record.class_start, record.class_stop)
    end
  end
  local name = rawget(target, "name") or ""
  return "class " .. name .. (name == "" and "{ }" or " { }")
end

--- `String(fn)`: what the program says, types and all.
function texts.text(fn)
  if type(fn) == "table" then return class_text(fn) end
  local record, source = record_of(fn)
  if record then return sub(source, record.start, record.stop) end
  return "function " .. texts.name(fn) .. "() { [native code] }"
end

return texts
