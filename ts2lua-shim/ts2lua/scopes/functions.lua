--- functions: the scopes of functions and classes.

local hoist = require "ts2lua.scopes.hoist"
local Scope = require "ts2lua.scopes.scope"
local uses = require "ts2lua.scopes.uses"
local walk = require "ts2lua.scopes.walk"

local functions = {}

local function parameters(fn, scope)
  for _, parameter in ipairs(fn.parameters) do
    hoist.each_name(parameter.target, function(identifier)
      scope:declare(identifier.name, "parameter", 0).is_open = true
    end)
  end
  for _, parameter in ipairs(fn.parameters) do
    uses.pattern(parameter.target, scope)
    if parameter.default then walk.expression(parameter.default, scope) end
  end
end

function functions.func(fn, outer)
  local scope = Scope.new(outer, true)
  scope.can_box, scope.start = true, fn.start
  fn.scope = scope
  if fn.is_declaration then
    scope.declared_in = outer
  elseif fn.name then
    fn.own_name = scope:declare(fn.name, "own name", 0)
    fn.own_name.is_open = true
  end
  if not fn.is_arrow then
    fn.arguments_binding = scope:declare("arguments", "arguments", 0)
    fn.arguments_binding.is_open, fn.arguments_binding.lua = true, "__arguments"
  end
  parameters(fn, scope)
  if fn.result then return walk.expression(fn.result, scope) end
  hoist.variables(fn.body, scope)
  hoist.block(fn.body, scope)
  walk.statements(fn.body, scope)
end

local function private_names(class)
  local found = {}
  for _, member in ipairs(class.members) do
    if member.is_private then found[member.key] = true end
  end
  return found
end

--- The class whose body declares `#name`, from the inside out.
local function private_owner(scope, name)
  while scope do
    if scope.private_names and scope.private_names[name] then return scope.class end
    scope = scope.parent
  end
  return nil
end

--- A private name, which a class around it has to declare.
function functions.private_use(node, scope)
  if not node.is_private then return end
  node.owner = private_owner(scope, node.name or node.key)
  if not node.owner then
    scope:fail(node, ("no class around this declares #%s"):format(node.name or node.key))
  end
end

local function member(node, scope)
  if node.computed then walk.expression(node.key, scope) end
  functions.private_use(node, scope)
  if node.type == "Method" then return functions.func(node.value, scope) end
  local inner = Scope.new(scope, true)
  node.scope, inner.start = inner, node.start
  if node.type == "StaticBlock" then
    inner.can_box = true
    hoist.variables(node.body, inner)
    hoist.block(node.body, inner)
    return walk.statements(node.body, inner)
  end
  if node.value then walk.expression(node.value, inner) end
end

function functions.class(node, outer)
  if node.parent then walk.expression(node.parent, outer) end
  local scope = Scope.new(outer)
  node.scope = scope
  scope.class, scope.private_names = node, private_names(node)
  if node.is_declaration then
    node.binding = outer:find(node.name)
  elseif node.name then
    node.binding = scope:declare(node.name, "own name", 0)
    node.binding.is_open = true
  end
  if node.constructor then functions.func(node.constructor, scope) end
  for _, each_member in ipairs(node.members) do member(each_member, scope) end
end

return functions
