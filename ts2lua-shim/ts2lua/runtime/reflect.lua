--- reflect: Reflect, which says by an answer what other ways say by an error.

local class = require "ts2lua.runtime.class"
local iterate = require "ts2lua.runtime.iterate"
local objects = require "ts2lua.runtime.objects"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local Object = objects.Object

local reflect = { object = shape.object() }

local function define(name, fn)
  rawset(reflect.object, name, function(_, target, ...)
    if type(target) ~= "table" and type(target) ~= "function" then
      raise.type_error("Reflect." .. name .. " called on non-object")
    end
    return fn(target, ...)
  end)
end

--- Calls a function of Object that refuses by an error; says whether it did not.
local function succeeds(name)
  return function(...) return (pcall(Object[name], nil, ...)) end
end

define("apply", function(fn, this, arguments) return fn(this, iterate.spread(arguments)) end)
define("construct", function(target, arguments)
  return class.new(target, iterate.spread(arguments))
end)
define("get", function(target, key) return property.get(target, key) end)
define("set", function(target, key, value) return (pcall(property.set, target, key, value)) end)
define("has", function(target, key) return property.has_property(key, target) end)
define("deleteProperty", function(target, key) return (pcall(property.delete, target, key)) end)
define("ownKeys", function(target)
  local keys = Object.getOwnPropertyNames(nil, target)
  return keys:concat(Object.getOwnPropertySymbols(nil, target))
end)
for _, name in ipairs { "getPrototypeOf", "getOwnPropertyDescriptor", "isExtensible" } do
  define(name, function(...) return Object[name](nil, ...) end)
end
for _, name in ipairs { "defineProperty", "setPrototypeOf", "preventExtensions" } do
  define(name, succeeds(name))
end

return reflect
