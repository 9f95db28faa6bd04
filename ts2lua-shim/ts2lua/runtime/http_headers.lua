--- http_headers: Headers. Slot 1 holds partylua's own.

local Native = require "partylua.headers"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"

local to_text = convert.to_text

local http_headers = {}

--- Calls a method of the native headers; what it refuses is a TypeError.
local function call(native, method, ...)
  local ok, result = pcall(native[method], native, ...)
  if ok then return result end
  raise.type_error((tostring(result):gsub("^[^:\n]*:%d+: ", "")))
end

local Headers

local function append_all(native, init)
  if getmetatable(init).is_headers or type(init[symbol.iterator]) == "function" then
    for _, pair in iterate.iterate(init) do
      call(native, "append", to_text(property.get(pair, 0)), to_text(property.get(pair, 1)))
    end
    return
  end
  local keys, count = property.own_keys(init)
  for i = 1, count do call(native, "append", keys[i], to_text(init[keys[i]])) end
end

Headers = class.builtin("Headers", nil, function(self, init)
  rawset(self, 1, Native())
  if type(init) == "table" then append_all(self[1], init) end
end, { is_headers = true, tag = "Headers" })
http_headers.Headers = Headers

--- Headers that share a native object.
function http_headers.wrap(native)
  return class.instance(Headers, { native })
end

--- Native headers of what a program gives as headers.
function http_headers.to_native(init)
  if init == nil then return nil end
  if type(init) == "table" and getmetatable(init).is_headers then return init[1] end
  return class.new(Headers, init)[1]
end

local prototype = Headers.prototype

function prototype.get(self, name)
  local value = call(self[1], "get", to_text(name))
  if value == nil then return null end
  return value
end
function prototype.has(self, name) return call(self[1], "has", to_text(name)) end
function prototype.set(self, name, value)
  call(self[1], "set", to_text(name), convert.trim(to_text(value)))
end
function prototype.append(self, name, value)
  call(self[1], "append", to_text(name), convert.trim(to_text(value)))
end
prototype["delete"] = function(self, name) call(self[1], "delete", to_text(name)) end
function prototype.getSetCookie(self) return iterate.from_list(self[1]:getSetCookie()) end

--- Names and values in the order of names.
local function pairs_of(self)
  local list = {}
  for name, value in self[1]:entries() do
    list[#list + 1] = iterate.array { [0] = name, value, length = 2 }
  end
  return iterate.from_list(list)
end

function prototype.entries(self) return pairs_of(self):values() end
prototype[symbol.iterator] = prototype.entries
function prototype.keys(self)
  return pairs_of(self):map(function(_, pair) return pair[0] end):values()
end
function prototype.values(self)
  return pairs_of(self):map(function(_, pair) return pair[1] end):values()
end
function prototype.forEach(self, fn, this)
  local list = pairs_of(self)
  for i = 0, list.length - 1 do fn(this, list[i][1], list[i][0], self) end
end

--- As an object, for whoever wants to look at it.
function prototype.toJSON(self)
  local object = shape.object()
  for name, value in self[1]:entries() do object[name] = value end
  return object
end

return http_headers
