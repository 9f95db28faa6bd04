--- class: classes, their instances and their accessors.
---
--- A class is a table that holds its static members and its prototype. What JavaScript must not
--- see lies in its metatable: how instances are made, their first shape, the parent.

local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local getmetatable, rawget, rawset, setmetatable, type =
  getmetatable, rawget, rawset, setmetatable, type

---@class ts2lua.ClassMetatable
---@field is_class true
---@field construct fun(self, ...)    fills a new instance
---@field make? fun(class, ...): any  makes an instance in a way of its own
---@field instance ts2lua.Shape
---@field traits ts2lua.Traits        of the instances
---@field parent? table
local class = {}

--- What functions and classes have; filled by functions.lua.
class.function_prototype = setmetatable({}, { __index = shape.object_prototype })

local function nothing() end

local function refuse_call(self)
  raise.type_error(("Class constructor %s cannot be invoked without 'new'"):format(self.name or ""))
end

local function getter(accessors, prototype)
  return function(object, key)
    local accessor = accessors[key]
    if accessor then return accessor.get and accessor.get(object) end
    return prototype[key]
  end
end

local function setter(accessors, add)
  return function(object, key, value)
    local accessor = accessors[key]
    if not accessor then return add(object, key, value) end
    if not accessor.set then
      raise.type_error(("Cannot set property %s of #<Object> which has only a getter")
        :format(raise.name(key)))
    end
    accessor.set(object, value)
  end
end

--- Lets instances ask accessors before the prototype.
local function install_accessors(metatable, accessors)
  local traits = metatable.traits
  traits.accessors = accessors
  traits.__index = getter(accessors, traits.prototype)
  traits.__newindex = setter(accessors, traits.is_array and rawset or shape.add)
  getmetatable(traits.prototype).accessors = accessors
  metatable.instance = shape.root(traits)
end

local function parent_metatable(parent)
  local metatable = getmetatable(parent)
  if type(parent) ~= "table" or not metatable.is_class then
    raise.type_error "Class extends a value that is no class"
  end
  return metatable
end

--- Traits of a child's instances: what its parent's have, such as being an array.
local function inherit(traits, parent_traits)
  for name, value in next, parent_traits do
    if traits[name] == nil and name ~= "__newindex" then traits[name] = value end
  end
  if parent_traits.is_array then traits.__newindex = nil end
end

--- Makes a class.
---@param name string
---@param parent? table
---@return table
function class.class(name, parent)
  local above = parent and parent_metatable(parent)
  local new = {}
  local prototype = setmetatable({ constructor = new },
    { __index = parent and parent.prototype or shape.object_prototype, is_prototype = true,
      order = { "constructor" } })
  local traits = { __index = prototype, __newindex = shape.add, prototype = prototype,
    class = new }
  local metatable = { __index = parent or class.function_prototype, __call = refuse_call,
    is_class = true, construct = nothing, traits = traits, parent = parent }
  if above then
    inherit(traits, above.traits)
    metatable.construct, metatable.make = above.construct, above.make_for_children
    metatable.make_for_children = above.make_for_children
  end
  rawset(new, "prototype", prototype)
  rawset(new, "name", name)
  setmetatable(new, metatable)
  if traits.accessors then
    install_accessors(metatable, setmetatable({}, { __index = traits.accessors }))
  else
    metatable.instance = shape.root(traits)
  end
  return new
end

--- A class of the runtime: `construct` fills instances, `traits` are given to them.
---@param name string
---@param parent? table
---@param construct? fun(self, ...)
---@param traits? table
function class.builtin(name, parent, construct, traits)
  local new = class.class(name, parent)
  local metatable = getmetatable(new)
  if construct then metatable.construct = construct end
  for key, value in next, traits or {} do metatable.traits[key] = value end
  metatable.instance = shape.root(metatable.traits)
  return new
end

--- Lets a class be called without `new`.
---@param call fun(class, this, ...): any
function class.callable(target, call)
  getmetatable(target).__call = call
end

--- An instance of a built-in class with `slots` as its internal state, past its constructor.
function class.instance(target, slots)
  return setmetatable(slots, getmetatable(target).instance)
end

--- Set by functions.lua: makes an instance with a plain function as the constructor.
class.new_by_function = nil

--- `new target(...)`
function class.new(target, ...)
  local metatable = getmetatable(target)
  if not metatable or not metatable.is_class then
    if type(target) == "function" then return class.new_by_function(target, ...) end
    raise.type_error "this is not a constructor"
  end
  if metatable.make then return metatable.make(target, ...) end
  local object = setmetatable({}, metatable.instance)
  local result = metatable.construct(object, ...)
  if type(result) == "table" then return result end
  return object
end

--- `super(...)`
function class.construct_parent(parent, self, ...)
  return getmetatable(parent).construct(self, ...)
end

function class.set_constructor(target, construct)
  getmetatable(target).construct = construct
end

--- Remembers when a key was given to a prototype.
local function add_to_order(prototype, key)
  local order = getmetatable(prototype).order
  if order then order[#order + 1] = key end
end

--- A method of a class or of its prototype; never enumerable.
function class.set_method(holder, key, fn)
  if rawget(holder, key) == nil then add_to_order(holder, key) end
  rawset(holder, key, fn)
end

--- Names hooks that instances have without their prototype having them.
function class.add_hooks(target, ...)
  getmetatable(target).own_hooks = { ... }
end

--- Is there such a method, or will instances have it?
---@return boolean
function class.has_hook(target, name)
  if target.prototype[name] ~= nil then return true end
  while target do
    local metatable = getmetatable(target)
    for _, own in ipairs(metatable.own_hooks or {}) do
      if own == name then return true end
    end
    target = metatable.parent
  end
  return false
end

local function static_accessor(target, key, kind, fn)
  local metatable = getmetatable(target)
  if not rawget(metatable, "static_accessors") then
    local above = metatable.parent and getmetatable(metatable.parent).static_accessors
    local accessors = setmetatable({}, { __index = above })
    metatable.static_accessors = accessors
    metatable.__index = getter(accessors, metatable.__index)
    metatable.__newindex = setter(accessors, rawset)
  end
  local accessor = rawget(metatable.static_accessors, key) or {}
  accessor[kind] = fn
  metatable.static_accessors[key] = accessor
end

--- A getter or setter of a class or of its instances.
---@param kind "get"|"set"
function class.accessor(target, is_static, key, kind, fn)
  if is_static then return static_accessor(target, key, kind, fn) end
  local metatable = getmetatable(target)
  local traits = metatable.traits
  if not traits.accessors then install_accessors(metatable, {}) end
  local accessor = rawget(traits.accessors, key)
  if not accessor then
    add_to_order(traits.prototype, key)
    local inherited = traits.accessors[key]
    accessor = { get = inherited and inherited.get, set = inherited and inherited.set }
  end
  accessor[kind] = fn
  traits.accessors[key] = accessor
end

--- `super.key` where `base` is the parent or its prototype.
function class.get_super(base, key, self)
  local metatable = getmetatable(base)
  local accessors = metatable.is_class and metatable.static_accessors or metatable.accessors
  local accessor = accessors and accessors[key]
  if accessor then return accessor.get and accessor.get(self) end
  return base[key]
end

--- `super.key = value`: a setter of the parent, or else a property of the object itself.
function class.set_super(base, key, self, value)
  local metatable = getmetatable(base)
  local accessors = metatable.is_class and metatable.static_accessors or metatable.accessors
  local accessor = accessors and accessors[key]
  if accessor and accessor.set then return accessor.set(self, value) end
  if getmetatable(self).is_object then
    shape.add(self, key, value)
  else
    rawset(self, key, value)
  end
end

--- The object where properties are looked up that `value` itself lacks; nil at the end.
function class.prototype_of(value)
  local metatable = getmetatable(value)
  if not metatable then return nil end
  if metatable.prototype then return metatable.prototype end
  local index = metatable.__index
  return type(index) == "table" and index or nil
end

return class
