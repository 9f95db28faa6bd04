--- emitter: what the productions of this folder share: the statements written so far, names for
--- what is in between, helpers of the runtime.
---
--- An expression becomes a Lua text and a form. What must run before the text is evaluated is
--- pushed as statements. The forms say what may be done with a text:
---
---   constant   a literal, nil or true: evaluated whenever one likes
---   fixed      a name that does not change any more
---   local      a name that only statements of this function change
---   shared     a name that a call may change
---   function   a new function
---   table      a new table or other value in brackets of its own
---   prefix     an access or an operation in parentheses
---   call       a call, which may return none or several values
---   spread     a call whose values are all meant

local fault = require "ts2lua.fault"
local names = require "ts2lua.scopes.names"

---@class ts2lua.Emitter
---@field program table
---@field out string[]             the statements of the innermost capture
---@field helpers table<string, boolean>
---@field shapes string[][]        key lists of object literals
---@field fn ts2lua.FunctionState  of the function being emitted
---@field is_compact boolean       helpers are reached through one table
---@field holder string           the table that `export` writes to
---@field counter integer
---@field functions ts2lua.FunctionRecord[]
local Emitter = {}
Emitter.__index = Emitter

---@class ts2lua.FunctionState
---@field targets table[]      what `break`, `continue` and `return` have to cross, outermost first
---@field class? table         the class around, for super
---@field is_static? boolean
---@field self? string        the name that `this` has in Lua
---@field is_constructor? boolean    it may be run by `new`
---@field is_async? boolean
---@field is_generator? boolean

---@param program table
---@param is_compact boolean
function Emitter.new(program, is_compact)
  return setmetatable({
    program = program, out = {}, helpers = {}, shapes = {}, shape_numbers = {}, counter = 0,
    holder = "__E",
    is_compact = is_compact, locals = 0, fn = { targets = {} }, functions = {},
  }, Emitter)
end

--- Raises a fault that points at `node`.
function Emitter:fail(node, message, hint)
  fault.raise(self.program.source, self.program.file, node.start or 1, message, hint)
end

--- Adds a statement.
function Emitter:push(text)
  local out = self.out
  out[#out + 1] = text
end

function Emitter:append(list)
  local out = self.out
  for i = 1, #list do out[#out + 1] = list[i] end
end

--- Runs `write` with a list of its own; returns the list and what `write` returned.
---@return string[] statements
---@return any ...
function Emitter:capture(write, ...)
  local outer, mine = self.out, {}
  self.out = mine
  local a, b = write(...)
  self.out = outer
  return mine, a, b
end

--- A name of its own, for a label or a temporary.
function Emitter:unique(word)
  self.counter = self.counter + 1
  return "__" .. word .. self.counter
end

--- A new local; `value` may be left out.
---@return string name
function Emitter:temporary(value)
  local name = self:unique "t"
  self.locals = self.locals + 1
  self:push(value and ("local " .. name .. " = " .. value .. ";") or ("local " .. name .. ";"))
  return name
end

--- A function of the runtime.
function Emitter:helper(name)
  if self.is_compact then return "__rt." .. name end
  self.helpers[name] = true
  return "__" .. name
end

--- A call of a function of the runtime.
function Emitter:call(name, ...)
  return self:helper(name) .. "(" .. table.concat({ ... }, ", ") .. ")"
end

--- What the layout replaces by the newlines that lead to `line`.
function Emitter:mark(line)
  return line and ("\1" .. line .. "\2") or ""
end

--- Runs `write`; when it made temporaries, a block keeps them from what follows.
function Emitter:block(write, ...)
  local before = self.locals
  local statements = self:capture(write, ...)
  local needs_block = self.locals > before
  if needs_block then self:push "do" end
  self:append(statements)
  if needs_block then self:push "end;" end
end

--- The metatable of an object literal with these keys.
function Emitter:shape(keys)
  local id = table.concat(keys, "\0")
  local number = self.shape_numbers[id]
  if not number then
    number = #self.shapes + 1
    self.shapes[number], self.shape_numbers[id] = keys, number
  end
  return "__S[" .. number .. "]"
end

--- How a binding is reached.
---@param binding ts2lua.Binding
function Emitter:place(binding)
  if binding.enum then
    return names.member(self:place(binding.enum.binding), binding.name)
  end
  return binding.place or binding.lua
end

--- Is the binding one that uses look at first? What is exported and changes is not: it lies where
--- other modules find it.
---@param binding ts2lua.Binding
function Emitter:is_checked(binding)
  return binding.is_checked and (not binding.place or binding.is_boxed)
end

--- Writes the local of a binding unless that has been done or it has none. Returns whether it did.
function Emitter:declare(binding)
  if binding.is_declared or binding.place then return false end
  binding.is_declared = true
  return true
end

return Emitter
