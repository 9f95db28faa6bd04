--- functions: what JavaScript's functions have beyond being called.
---
--- A function is a Lua function that takes `this` first. Its properties lie in a table beside it.
--- The metatable below is that of all Lua functions.

local class = require "ts2lua.runtime.class"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local texts = later "function_texts"

local functions = {}

---@class ts2lua.ProgramText
---@field functions ts2lua.FunctionRecord[]
---@field source string

--- What is known of the functions of each file.
---@type table<string, ts2lua.ProgramText>
functions.programs = {}

local prototype = class.function_prototype

--- Properties of functions.
---@type table<function, table>
local properties = setmetatable({}, { __mode = "k" })
functions.properties = properties

--- Instances' first shapes, by the prototype.
local shapes = setmetatable({}, { __mode = "k" })

local function own_properties(fn)
  local own = properties[fn]
  if not own then
    own = shape.object()
    properties[fn] = own
  end
  return own
end

--- What `new fn()` makes gets this object's methods; it is made when first asked for.
local function own_prototype(fn)
  local own = own_properties(fn)
  local made = rawget(own, "prototype")
  if not made then
    made = shape.object()
    rawset(made, "constructor", fn)
    rawset(own, "prototype", made)
  end
  return made
end

debug.setmetatable(own_prototype, {
  prototype = prototype,
  __index = function(fn, key)
    local own = properties[fn]
    local value = own and own[key]
    if value ~= nil and value ~= shape.object_prototype[key] then return value end
    if key == "prototype" then return own_prototype(fn) end
    if key == "name" then return texts.name(fn) end
    if key == "length" then return texts.length(fn) end
    return prototype[key]
  end,
  __newindex = function(fn, key, value) own_properties(fn)[key] = value end,
})

--- The accessor that objects behind `parent` have, from it or from those behind it.
local function inherited_accessor(parent, key)
  while parent do
    local metatable = getmetatable(parent)
    local accessors = metatable and metatable.accessors
    if accessors and accessors[key] then return accessors[key] end
    if rawget(parent, key) ~= nil then return nil end
    parent = class.prototype_of(parent)
  end
  return nil
end

--- Traits for which accessors of prototypes are called with the object that is asked.
local function traits_with_accessors(parent)
  return {
    prototype = parent,
    __index = function(object, key)
      local accessor = inherited_accessor(parent, key)
      if accessor then return accessor.get and accessor.get(object) end
      return parent[key]
    end,
    __newindex = function(object, key, value)
      local accessor = inherited_accessor(parent, key)
      if not accessor then return shape.add(object, key, value) end
      if accessor.set then accessor.set(object, value) end
    end,
  }
end

local function has_accessors(parent)
  while parent do
    local metatable = getmetatable(parent)
    if metatable and metatable.accessors then return true end
    parent = class.prototype_of(parent)
  end
  return false
end

--- The first shape of objects whose prototype is `parent`.
function functions.shape_of(parent)
  local root = shapes[parent]
  local needs_accessors = has_accessors(parent)
  if not root or needs_accessors and type(root.__index) == "table" then
    root = shape.root(needs_accessors and traits_with_accessors(parent)
      or { __index = parent, __newindex = shape.add, prototype = parent })
    shapes[parent] = root
  end
  return root
end

function class.new_by_function(fn, ...)
  local object = setmetatable({}, functions.shape_of(fn.prototype))
  local result = fn(object, ...)
  if type(result) == "table" then return result end
  return object
end

rawset(prototype, "call", function(fn, this, ...) return fn(this, ...) end)

rawset(prototype, "apply", function(fn, this, arguments)
  if arguments == nil or arguments == null then return fn(this) end
  return fn(this, unpack(arguments, 0, arguments.length - 1))
end)

rawset(prototype, "bind", function(fn, this, ...)
  local count = select("#", ...)
  if count == 0 then return function(_, ...) return fn(this, ...) end end
  local first = { ... }
  return function(_, ...)
    local all, more = { unpack(first, 1, count) }, select("#", ...)
    for i = 1, more do all[count + i] = (select(i, ...)) end
    return fn(this, unpack(all, 1, count + more))
  end
end)

rawset(prototype, "toString", function(fn) return texts.text(fn) end)

functions.Function = class.builtin("Function")
getmetatable(functions.Function).make = function()
  raise.type_error "functions cannot be made from texts here"
end
rawset(functions.Function, "prototype", prototype)
rawset(prototype, "constructor", functions.Function)

return functions
