--- errors: Error and its kind, and how Lua's own errors become them.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local null = require "ts2lua.runtime.null"
local percent = require "partylua.percent"
local raise = require "ts2lua.runtime.raise"

local find, match = string.find, string.match

local errors = {}

--- Where the host's own library lies: its frames tell a program nothing.
local LIBRARY = match(debug.getinfo(percent.encode, "S").source, "^@(.*/)[^/]*$") or "@"

local function is_of_program(source)
  return not find(source, "ts2lua", 1, true) and not find(source, LIBRARY, 1, true)
end

--- Places in programs that lead to an error, from the inside out.
local function trace()
  local lines = {}
  for level = 3, 40 do
    local info = debug.getinfo(level, "Sl")
    if not info or #lines == 10 then break end
    if info.currentline > 0 and is_of_program(info.source) then
      lines[#lines + 1] = ("\n    at %s:%d"):format(info.short_src, info.currentline)
    end
  end
  return table.concat(lines)
end

local function headline(self)
  local name = convert.to_text(self.name or "Error")
  local message = convert.to_text(self.message or "")
  if message == "" then return name end
  return name == "" and message or name .. ": " .. message
end

local function construct(self, message, options)
  if message ~= nil then rawset(self, "message", convert.to_text(message)) end
  if type(options) == "table" and options.cause ~= nil then
    rawset(self, "cause", options.cause)
  end
  rawset(self, "stack", headline(self) .. trace())
end

errors.Error = class.builtin("Error", nil, construct, {
  is_error = true,
  -- What a log of the host shows.
  __tostring = function(self)
    local head, stack = headline(self), rawget(self, "stack") or ""
    return head .. (match(stack, "\n.*") or "")
  end,
})
rawset(errors.Error.prototype, "name", "Error")
rawset(errors.Error.prototype, "message", "")
rawset(errors.Error.prototype, "toString", headline)
rawset(errors.Error, "captureStackTrace", function() end)

for _, name in ipairs { "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError",
  "URIError" } do
  errors[name] = class.builtin(name, errors.Error)
  rawset(errors[name].prototype, "name", name)
end

errors.AggregateError = class.builtin("AggregateError", errors.Error,
  function(self, list, message, options)
    construct(self, message, options)
    rawset(self, "errors", list)
  end)
rawset(errors.AggregateError.prototype, "name", "AggregateError")

errors.DOMException = class.builtin("DOMException", errors.Error, function(self, message, name)
  construct(self, message)
  rawset(self, "name", name or "Error")
end)

-- `Error(message)` makes one, as `new Error(message)` does.
for name, each in next, errors do
  if name ~= "DOMException" then
    class.callable(each, function(made, _, ...) return class.new(made, ...) end)
  end
end

function raise.make(name, message)
  return class.new(errors[name], message)
end

--- A thrown value that is no object, so that it differs from Lua's own errors.
local Thrown = {
  __tostring = function(self) return "Uncaught " .. convert.describe(self.value) end,
}

--- `throw value`
function errors.throw(value)
  if type(value) == "table" then error(value, 0) end
  error(setmetatable({ value = value }, Thrown), 0)
end

--- Throws on what a pcall caught.
function errors.rethrow(caught)
  error(caught, 0)
end

--- What Lua says about an undefined that was used as an object or function.
local function from_lua(message)
  local text = match(message, "^[^\n]-:%d+: (.*)$") or message
  if find(text, "stack overflow", 1, true) then
    return raise.make("RangeError", "Maximum call stack size exceeded")
  end
  local name = match(text, "'([^']*)' %(a %w+ value%)")
  if name and find(name, "^__self") then name = "this" end
  if find(text, "^attempt to index") then
    return raise.make("TypeError", "Cannot read properties of undefined"
      .. (name and (" (%s)"):format(name) or ""))
  elseif find(text, "^attempt to call") then
    return raise.make("TypeError", (name or "this") .. " is not a function")
  end
  return raise.make("Error", text)
end

--- The JavaScript value of what a pcall caught.
---@param caught any
---@return any
function errors.caught(caught)
  local kind = type(caught)
  if kind == "table" then
    local metatable = getmetatable(caught)
    if metatable == Thrown then return caught.value end
    if metatable and (metatable.prototype or metatable.is_class) then return caught end
    return raise.make("Error", tostring(caught))
  end
  if kind == "string" then
    local value = from_lua(caught)
    local place = match(caught, "^([^\n]-:%d+): ")
    -- The frames between there and here are gone.
    if place then rawset(value, "stack", headline(value) .. "\n    at " .. place) end
    return value
  end
  if caught == null then return null end
  return raise.make("Error", tostring(caught))
end

return errors
