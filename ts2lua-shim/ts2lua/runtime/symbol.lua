--- symbol: property keys that are no texts.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local symbol = {}

local prototype = setmetatable({}, { __index = shape.object_prototype })
local Symbol = { __index = prototype, prototype = prototype, is_symbol = true }

--- A new symbol.
---@param description? string
function symbol.new(description)
  return setmetatable({ description = description }, Symbol)
end

function prototype.toString(self)
  return "Symbol(" .. (self.description or "") .. ")"
end

symbol.iterator = symbol.new "Symbol.iterator"
symbol.async_iterator = symbol.new "Symbol.asyncIterator"
symbol.has_instance = symbol.new "Symbol.hasInstance"
symbol.to_primitive = symbol.new "Symbol.toPrimitive"
symbol.to_string_tag = symbol.new "Symbol.toStringTag"

symbol.Symbol = class.builtin("Symbol")
getmetatable(symbol.Symbol).make = function() raise.type_error "Symbol is not a constructor" end
class.callable(symbol.Symbol, function(_, _, description)
  return symbol.new(description ~= nil and convert.to_text(description) or nil)
end)
rawset(symbol.Symbol, "iterator", symbol.iterator)
rawset(symbol.Symbol, "asyncIterator", symbol.async_iterator)
for name, key in pairs { hasInstance = symbol.has_instance, toPrimitive = symbol.to_primitive,
  toStringTag = symbol.to_string_tag } do
  rawset(symbol.Symbol, name, key)
end
convert.to_primitive_key = symbol.to_primitive

local registered = {}
rawset(symbol.Symbol, "for", function(_, key)
  key = convert.to_text(key)
  registered[key] = registered[key] or symbol.new(key)
  return registered[key]
end)
rawset(symbol.Symbol, "prototype", prototype)

function symbol.is(value)
  return type(value) == "table" and getmetatable(value) == Symbol
end

return symbol
