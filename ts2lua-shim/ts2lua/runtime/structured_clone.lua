--- structured_clone: a deep copy of data, of a kind that messages and storage take as well.

local class = require "ts2lua.runtime.class"
local collections = require "ts2lua.runtime.collections"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local property = require "ts2lua.runtime.property"
local shape = require "ts2lua.runtime.shape"

local function refuse(value)
  local name = type(value) == "function" and "function" or "object"
  error(class.new(errors.DOMException, name .. " could not be cloned.", "DataCloneError"), 0)
end

local copy

local function copy_array(array, seen)
  local is_sparse = getmetatable(array).is_sparse
  local new = iterate.array { length = is_sparse and 0 or array.length }
  seen[array] = new
  if is_sparse then property.set_length(new, array.length) end
  for i = 0, array.length - 1 do
    if not is_sparse or property.has_own(array, i) then
      property.set(new, i, copy(array[i], seen))
    end
  end
  return new
end

local function copy_map(map, seen)
  local new = class.new(collections.Map)
  seen[map] = new
  collections.each_entry(map, function(key, value) new:set(copy(key, seen), copy(value, seen)) end)
  return new
end

local function copy_set(set, seen)
  local new = class.new(collections.Set)
  seen[set] = new
  collections.each_entry(set, function(value) new:add(copy(value, seen)) end)
  return new
end

local function copy_error(problem, seen)
  local new = class.new(errors[problem.name] or errors.Error, problem.message)
  seen[problem] = new
  return new
end

local function copy_object(object, seen)
  local new = shape.object()
  seen[object] = new
  local keys, count = property.own_keys(object)
  for i = 1, count do shape.add(new, keys[i], copy(object[keys[i]], seen)) end
  return new
end

local function copy_table(value, seen)
  local metatable = getmetatable(value)
  if metatable.is_bigint then return value end
  if metatable.is_array then return copy_array(value, seen) end
  if metatable.is_map then return copy_map(value, seen) end
  if metatable.is_set then return copy_set(value, seen) end
  if metatable.is_error then return copy_error(value, seen) end
  if metatable.copy then
    local new = metatable.copy(value, seen, copy)
    seen[value] = new
    return new
  end
  if metatable.is_symbol or metatable.is_class or metatable.is_promise or metatable.is_weak
    or not metatable.is_object then
    refuse(value)
  end
  return copy_object(value, seen)
end

function copy(value, seen)
  if type(value) == "function" then refuse(value) end
  if type(value) ~= "table" then return value end
  return seen[value] or copy_table(value, seen)
end

--- A deep copy. Classes other than the built-in ones are lost; functions are refused.
---@param value any
---@return any
local function structured_clone(value)
  return copy(value, {})
end

return structured_clone
