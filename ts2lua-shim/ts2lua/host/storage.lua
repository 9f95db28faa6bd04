--- storage: room.storage as programs see it. Slot 1 holds the host's.
---
--- The host's storage answers at once, so that the promises are settled from the beginning. Only
--- `sync` and transactions wait.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local tasks = require "ts2lua.runtime.tasks"
local values = require "ts2lua.host.values"
local waiting = require "ts2lua.host.waiting"

local collections = later "collections"

local storage = {}

local Storage = class.builtin("Storage")
local prototype = Storage.prototype

--- Options as a plain table: those that are undefined are not given.
local function options_of(options)
  if type(options) ~= "table" then return nil end
  local made = {}
  local keys, count = property.own_keys(options)
  for i = 1, count do
    local value = options[keys[i]]
    if value ~= nil and value ~= null then made[keys[i]] = value end
  end
  return made
end

local function list_of(array)
  local list = {}
  for i = 0, array.length - 1 do list[i + 1] = array[i] end
  return list
end

--- A method that answers at once, as a promise.
local function method(name, fn)
  rawset(prototype, name, function(self, ...)
    local count, arguments = select("#", ...), { ... }
    return tasks.run(function() return fn(self[1], unpack(arguments, 1, count)) end, false)
  end)
end

local function map_of(keys, found)
  local map = class.new(collections.Map)
  for _, key in ipairs(keys) do
    if found[key] ~= nil then map:set(key, values.from_native(found[key])) end
  end
  return map
end

method("get", function(native, key)
  if iterate.is_array(key) then
    local keys = list_of(key)
    local found = native:get(keys)
    table.sort(keys)
    return map_of(keys, found)
  end
  return values.from_native(native:get(key))
end)

method("put", function(native, key, value, options)
  if type(key) == "table" then
    local entries = {}
    local keys, count = property.own_keys(key)
    for i = 1, count do
      local each = property.get(key, keys[i])
      if each == nil then raise.type_error "put() called with undefined value." end
      entries[keys[i]] = values.to_native(each)
    end
    return native:put(entries, options_of(value))
  end
  if value == nil then raise.type_error "put() called with undefined value." end
  native:put(key, values.to_native(value), options_of(options))
end)

method("delete", function(native, key, options)
  if iterate.is_array(key) then return native:delete(list_of(key), options_of(options)) end
  return native:delete(key, options_of(options))
end)

method("list", function(native, options)
  local map = class.new(collections.Map)
  for key, value in native:list(options_of(options)) do map:set(key, values.from_native(value)) end
  return map
end)

method("deleteAll", function(native, options) native:deleteAll(options_of(options)) end)

method("getAlarm", function(native)
  local due = native:getAlarm()
  return due == nil and null or due
end)

method("setAlarm", function(native, time, options)
  native:setAlarm(convert.to_number(time), options_of(options))
end)

method("deleteAlarm", function(native, options) native:deleteAlarm(options_of(options)) end)

function prototype.sync(self)
  return tasks.run(function() self[1]:sync() end, true)
end

function prototype.rollback(self) self[1]:rollback() end

function prototype.transaction(self, fn)
  return tasks.run(function()
    return self[1]:transaction(function(txn)
      return waiting.call(fn, nil, storage.wrap(txn))
    end)
  end, true)
end

--- The program's object for the host's storage or transaction.
function storage.wrap(native)
  return class.instance(Storage, { native })
end

return storage
