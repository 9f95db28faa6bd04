--- raise: the errors that the runtime itself throws. The classes come from errors.lua, which
--- needs what needs this.

local raise = {}

--- Set by errors.lua: makes an error of the class with that name.
---@type fun(name: string, message: string): table
raise.make = nil

---@param message string
function raise.type_error(message)
  error(raise.make("TypeError", message), 0)
end

---@param message string
function raise.range_error(message)
  error(raise.make("RangeError", message), 0)
end

---@param message string
function raise.syntax_error(message)
  error(raise.make("SyntaxError", message), 0)
end

---@param message string
function raise.reference_error(message)
  error(raise.make("ReferenceError", message), 0)
end

--- A property key in a message.
function raise.name(key)
  if type(key) == "table" then return "Symbol()" end
  return tostring(key)
end

return raise
