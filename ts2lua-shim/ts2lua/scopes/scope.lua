--- scope: the names of one block or function, and what becomes of them.

local fault = require "ts2lua.fault"
local names = require "ts2lua.scopes.names"

---@class ts2lua.Binding
---@field name string
---@field kind string           "let", "const", "var", "function", "class", "parameter", "import",
---                             "own name", "arguments", "enum member"
---@field scope ts2lua.Scope
---@field start integer         where it is declared; 0 when it exists from the beginning
---@field lua string            its name in Lua
---@field place? string         the Lua expression it is reached by, where that is no local
---@field is_assigned boolean   after its declaration
---@field is_captured boolean   by a function inside
---@field is_hoisted boolean    used before its declaration, so that its local stands at the start
---@field is_used boolean       by name, anywhere
---@field is_declared boolean   the emitter has written its local
---@field values table[]        the expressions it may hold
---@field is_open boolean       it may hold anything else as well
---@field zone? ts2lua.Zone     of what is not there before its declaration
---@field is_checked? boolean   a use has to look whether the declaration has run

---@class ts2lua.Scope
---@field parent? ts2lua.Scope
---@field fn ts2lua.Scope           the function's scope this one lies in
---@field bindings table<string, ts2lua.Binding>
---@field list ts2lua.Binding[]     in order
---@field start integer             of a function: where its text begins
---@field case? integer             of a switch: the clause being walked
---@field declared_in? ts2lua.Scope     of a function declaration: where it is hoisted to
---@field free? table<ts2lua.Binding, boolean>    of a function: what it takes from outside
---@field free_count integer
---@field can_box boolean           the emitter can keep its bindings in a table
---@field program table             the whole tree
local Scope = {}
Scope.__index = Scope

---@param parent? ts2lua.Scope
---@param is_function? boolean
---@return ts2lua.Scope
function Scope.new(parent, is_function)
  local scope = setmetatable({ parent = parent, bindings = {}, list = {}, free_count = 0 }, Scope)
  scope.fn = is_function and scope or parent and parent.fn or scope
  scope.program = parent and parent.program
  if is_function and parent then table.insert(scope.program.functions, scope) end
  return scope
end

--- Raises a fault that points at `node`.
function Scope:fail(node, message, hint)
  local program = self.program
  fault.raise(program.source, program.file, node.start or 1, message, hint)
end

---@return ts2lua.Binding
function Scope:declare(name, kind, start)
  local binding = self.bindings[name]
  if binding then
    if kind ~= "var" and binding.kind ~= "parameter" then binding.kind = kind end
    binding.is_open = true
    return binding
  end
  binding = { name = name, kind = kind, scope = self, start = start or 0, values = {},
    lua = names.variable(name) }
  self.bindings[name] = binding
  table.insert(self.list, binding)
  return binding
end

---@return ts2lua.Binding?
function Scope:find(name)
  local scope = self
  while scope do
    local binding = scope.bindings[name]
    if binding then return binding end
    scope = scope.parent
  end
  return nil
end

--- Notes that the function of `scope` reaches `binding` from inside, at `start`.
local function capture(scope, binding, start)
  binding.is_captured = true
  local fn = scope.fn
  while fn and fn ~= binding.scope.fn do
    fn.free = fn.free or {}
    if not fn.free[binding] then
      fn.free[binding] = true
      fn.free_count = fn.free_count + 1
    end
    if fn.declared_in == binding.scope then binding.is_hoisted = true end
    fn = fn.parent and fn.parent.fn
  end
end

--- The binding that `name` means here, now that it is used at `start`; nil for a global.
---@return ts2lua.Binding?
function Scope:use(name, start)
  local binding = self:find(name)
  if not binding then return nil end
  binding.is_used = true
  if start < binding.start then binding.is_hoisted = true end
  if binding.scope.fn ~= self.fn then capture(self, binding, start) end
  return binding
end

return Scope
