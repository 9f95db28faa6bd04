--- shape: the order of an object's keys.
---
--- An object is a Lua table; its metatable is a shape, which lists its keys in order. Objects
--- that were given the same keys in the same order share one. A new key leads to another shape
--- through `__newindex`; a key that is there is a plain table access. Dictionaries, and objects
--- that lost a key, get a shape of their own.
---
--- Internal state of built-in objects lies under integer keys: property names are always texts,
--- so no program can reach it.

local byte, find, format = string.byte, string.find, string.format
local getmetatable, rawset, setmetatable, tonumber, type =
  getmetatable, rawset, setmetatable, tonumber, type

--- A shape is shared up to this many keys,
local KEYS_MAX = 40
--- has up to this many shapes behind it,
local TRANSITIONS_MAX = 24
--- and data makes up to this many in all: keys may come from strangers.
local SHAPES_MAX = 4096

---@class ts2lua.Traits        what all objects of a kind have in common
---@field __index table|function
---@field prototype table
---@field class? table
---@field accessors? table<any, { get?: function, set?: function }>

---@class ts2lua.Shape: ts2lua.Traits
---@field traits ts2lua.Traits
---@field keys any[]                 in order of creation; GONE where one was deleted
---@field places table<any, integer>
---@field count integer
---@field transitions? table<any, ts2lua.Shape>    none when it belongs to one object
---@field order? string[]            what own_keys found, of a shared shape
---@field closing? ts2lua.Closing    see closed.lua
local shape = {}

local GONE = {}
local made = 0

local function create(traits, keys, places, count, is_shared)
  local new = {}
  for name, value in next, traits do new[name] = value end
  new.traits, new.is_object = traits, true
  new.keys, new.places, new.count = keys, places, count
  if is_shared then
    new.transitions, new.transition_count = {}, 0
  end
  return new
end

local function copy_keys(from)
  local keys, places, count = {}, {}, 0
  for i = 1, from.count do
    local key = from.keys[i]
    if key ~= GONE then
      count = count + 1
      keys[count], places[key] = key, count
    end
  end
  return keys, places, count
end

--- The shape of an object without keys.
---@param traits ts2lua.Traits
---@return ts2lua.Shape
function shape.root(traits)
  return create(traits, {}, {}, 0, true)
end

local function transition(from, key)
  local keys, places, count = copy_keys(from)
  keys[count + 1], places[key] = key, count + 1
  local to = create(from.traits, keys, places, count + 1, true)
  from.transitions[key] = to
  from.transition_count = from.transition_count + 1
  return to
end

--- The shape with one more key; nil when shapes are not shared that far.
local function after(from, key)
  local to = from.transitions[key]
  if to then return to end
  if from.count >= KEYS_MAX or from.transition_count >= TRANSITIONS_MAX or made >= SHAPES_MAX then
    return nil
  end
  made = made + 1
  return transition(from, key)
end
shape.after = after

--- Set by closed.lua: refuse a new property, and the loss of one.
shape.refuse_new, shape.refuse_delete = nil, nil

--- Gives an object a shape of its own.
---@return ts2lua.Shape
local function own(object)
  local current = getmetatable(object)
  if not current.transitions then return current end
  local keys, places, count = copy_keys(current)
  local new = create(current.traits, keys, places, count, false)
  setmetatable(object, new)
  return new
end
shape.own = own

--- Lists a key without asking what the object's class thinks of it.
local function add_key(object, key)
  local current = getmetatable(object)
  if current.places[key] then return end
  -- Private names begin with a byte that no text has; they are not kept out.
  if current.closing and (type(key) ~= "string" or byte(key) ~= 255) then
    return shape.refuse_new(object, key)
  end
  if current.transitions then
    local to = after(current, key)
    if to then
      setmetatable(object, to)
      return
    end
    current = own(object)
  end
  local count = current.count + 1
  current.count, current.keys[count], current.places[key] = count, key, count
end

--- `__newindex` of objects: a new property.
local function add(object, key, value)
  add_key(object, key)
  rawset(object, key, value)
end
shape.add = add

--- The shape of a literal with these keys; those of a program are not counted.
---@param traits ts2lua.Traits
---@param root ts2lua.Shape
---@param keys string[]
function shape.of_literal(root, keys)
  local current = root
  for i = 1, #keys do
    current = current.transitions[keys[i]] or transition(current, keys[i])
  end
  return current
end

--- Takes a key away.
function shape.remove(object, key)
  local current = getmetatable(object)
  local place = current.places[key]
  if place then
    if current.closing and current.closing ~= "inextensible" then
      return shape.refuse_delete(object, key)
    end
    current = own(object)
    place = current.places[key]
    current.keys[place], current.places[key] = GONE, nil
    current.gone = (current.gone or 0) + 1
    if current.gone > 8 and current.gone > current.count / 2 then
      current.keys, current.places, current.count = copy_keys(current)
      current.gone = 0
    end
    if current.accessors then current.accessors[key] = nil end
  end
  rawset(object, key, nil)
end

--- Is the text an array index: "0", "17"? Such keys come first, in their order.
local function is_index(key)
  local first = byte(key)
  if not first or first < 48 or first > 57 then return false end
  return (first ~= 48 or #key == 1) and #key < 11 and not find(key, "%D")
    and tonumber(key) < 4294967295
end
shape.is_index = is_index

local function sorted_order(indices, rest, count)
  table.sort(indices)
  local order = {}
  for i = 1, #indices do order[i] = format("%.0f", indices[i]) end
  for i = 1, count do order[#indices + i] = rest[i] end
  return order, #indices + count
end

--- The names of the object's own enumerable properties, in JavaScript's order. The list may be
--- shared: it is not to be changed.
---@return string[] order
---@return integer count
function shape.own_keys(object)
  local current = getmetatable(object)
  if current.order then return current.order, current.order_count end
  local order, count, indices = {}, 0, nil
  for i = 1, current.count do
    local key = current.keys[i]
    -- Private names begin with a byte that no text has.
    if type(key) == "string" and byte(key) ~= 255 then
      if is_index(key) then
        indices = indices or {}
        indices[#indices + 1] = tonumber(key)
      else
        count = count + 1
        order[count] = key
      end
    end
  end
  if indices then order, count = sorted_order(indices, order, count) end
  if current.transitions then current.order, current.order_count = order, count end
  return order, count
end

--- Symbols among the own properties.
function shape.own_symbols(object)
  local current, symbols = getmetatable(object), {}
  for i = 1, current.count do
    local key = current.keys[i]
    if type(key) == "table" and key ~= GONE then symbols[#symbols + 1] = key end
  end
  return symbols
end

-- Plain objects.

--- What every object has.
local prototype = {}
shape.object_prototype = prototype

local plain = { __index = prototype, __newindex = add, prototype = prototype }
shape.plain = plain

local empty = shape.root(plain)
shape.empty = empty

--- A new plain object.
function shape.object()
  return setmetatable({}, empty)
end

--- The shape of a plain object literal.
function shape.literal(keys)
  return shape.of_literal(empty, keys)
end

--- A plain object with these keys and values, in order: `record({ "a", "b" }, { 1, 2 })`.
function shape.record(keys, values)
  local object = setmetatable({}, empty)
  for i = 1, #keys do add(object, keys[i], values[i]) end
  return object
end

local function accessor_index(current, accessors)
  local fallback = current.traits.__index
  return function(object, key)
    local accessor = accessors[key]
    if accessor then return accessor.get and accessor.get(object) end
    if type(fallback) == "function" then return fallback(object, key) end
    return fallback[key]
  end
end

local function accessor_newindex(current, accessors)
  local fallback = current.traits.__newindex
  return function(object, key, value)
    local accessor = accessors[key]
    if not accessor then return fallback(object, key, value) end
    if accessor.set then accessor.set(object, value) end
  end
end

--- Gives one object a getter or setter.
---@param kind "get"|"set"
---@param is_hidden? boolean    it is not among the object's keys
function shape.define_accessor(object, key, kind, fn, is_hidden)
  local current = own(object)
  if not current.accessors or current.accessors == current.traits.accessors then
    local accessors = setmetatable({}, { __index = current.traits.accessors })
    current.accessors = accessors
    current.__index = accessor_index(current, accessors)
    current.__newindex = accessor_newindex(current, accessors)
  end
  rawset(object, key, nil)
  if not is_hidden then add_key(object, key) end
  local accessor = rawget(current.accessors, key) or {}
  accessor[kind] = fn
  current.accessors[key] = accessor
end

return shape
