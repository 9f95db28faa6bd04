--- statements: the scopes of blocks, and the names in each kind of statement.

local functions = require "ts2lua.scopes.functions"
local hoist = require "ts2lua.scopes.hoist"
local Scope = require "ts2lua.scopes.scope"
local uses = require "ts2lua.scopes.uses"
local walk = require "ts2lua.scopes.walk"

local STATEMENT = walk.statement_rules

local function block_scope(list, outer)
  local scope = Scope.new(outer)
  scope.can_box = true
  hoist.block(list, scope)
  walk.statements(list, scope)
  return scope
end

--- Says of what a declaration introduces whether its value is being walked.
local function set_zones(declaration, is_open)
  hoist.each_name(declaration.target, function(leaf)
    if leaf.binding.zone then leaf.binding.zone.is_open = is_open end
  end)
end

function STATEMENT.Variables(node, scope)
  for _, declaration in ipairs(node.declarations) do
    uses.pattern(declaration.target, scope)
    if node.kind == "var" then
      hoist.each_name(declaration.target, function(leaf) leaf.binding.is_assigned = true end)
    end
    if declaration.value then
      set_zones(declaration, true)
      walk.expression(declaration.value, scope)
      set_zones(declaration, nil)
    end
  end
end

function STATEMENT.Expression(node, scope) walk.expression(node.expression, scope) end

function STATEMENT.Block(node, scope) node.scope = block_scope(node.body, scope) end

function STATEMENT.If(node, scope)
  for _, clause in ipairs(node.clauses) do
    walk.expression(clause.test, scope)
    walk.statement(clause.body, scope)
  end
  if node.otherwise then walk.statement(node.otherwise, scope) end
end

function STATEMENT.For(node, outer)
  local scope = Scope.new(outer)
  node.scope = scope
  if node.head then
    if node.head.type == "Variables" then
      hoist.block({ node.head }, scope)
      walk.statement(node.head, scope)
    else
      walk.expression(node.head, scope)
    end
  end
  if node.test then walk.expression(node.test, scope) end
  if node.update then walk.expression(node.update, scope) end
  walk.statement(node.body, scope)
end

local function each_loop(node, outer)
  walk.expression(node.subject, outer)
  local scope = Scope.new(outer)
  node.scope = scope
  if node.kind and node.kind ~= "var" then
    hoist.each_name(node.target, function(identifier)
      scope:declare(identifier.name, node.kind, 0).is_open = true
    end)
    uses.pattern(node.target, scope)
  else
    uses.target_of(node.target, scope)
  end
  walk.statement(node.body, scope)
end
STATEMENT.ForOf, STATEMENT.ForIn = each_loop, each_loop

function STATEMENT.While(node, scope)
  walk.expression(node.test, scope)
  walk.statement(node.body, scope)
end
STATEMENT.DoWhile = STATEMENT.While

STATEMENT.Return, STATEMENT.Throw = walk.argument, walk.argument
STATEMENT.Break, STATEMENT.Continue = walk.nothing, walk.nothing

function STATEMENT.Labelled(node, scope) walk.statement(node.body, scope) end

function STATEMENT.Try(node, scope)
  walk.statement(node.block, scope)
  local handler = node.handler
  if handler then
    local inner = Scope.new(scope)
    handler.scope = inner
    hoist.each_name(handler.target, function(identifier)
      inner:declare(identifier.name, "let", 0).is_open = true
    end)
    uses.pattern(handler.target, inner)
    walk.statement(handler.body, inner)
  end
  if node.finalizer then walk.statement(node.finalizer, scope) end
end

function STATEMENT.Switch(node, outer)
  walk.expression(node.subject, outer)
  local scope = Scope.new(outer)
  node.scope, scope.can_box = scope, true
  for i, case in ipairs(node.cases) do
    scope.case = i
    hoist.block(case.body, scope)
  end
  -- A jump may not enter the scope of a local.
  for _, binding in ipairs(scope.list) do binding.is_hoisted = true end
  for i, case in ipairs(node.cases) do
    scope.case = i
    if case.test then walk.expression(case.test, scope) end
    walk.statements(case.body, scope)
  end
end

function STATEMENT.Function(node, scope)
  node.binding = scope:find(node.name)
  functions.func(node, scope)
end

STATEMENT.Class = functions.class

function STATEMENT.Enum(node, outer)
  node.binding = outer:find(node.name)
  local scope = Scope.new(outer)
  for _, each_member in ipairs(node.members) do
    if each_member.value then walk.expression(each_member.value, scope) end
    local binding = scope:declare(each_member.key, "enum member", 0)
    binding.is_open, binding.enum = true, node
  end
end

function STATEMENT.Namespace(node, outer)
  node.binding = outer:find(node.name)
  local scope = Scope.new(outer)
  scope.can_box = true
  node.scope = scope
  hoist.variables(node.body, scope)
  hoist.block(node.body, scope)
  walk.statements(node.body, scope)
end

STATEMENT.Import = walk.nothing
STATEMENT.ExportAll = walk.nothing

function STATEMENT.Export(node, scope)
  node.scope = scope
  walk.statement(node.declaration, scope)
end

function STATEMENT.ExportDefault(node, scope)
  local declaration = node.declaration
  if not declaration then return walk.expression(node.expression, scope) end
  if declaration.name then return walk.statement(declaration, scope) end
  walk.expression(declaration, scope)
end

--- Exporting a name uses it, wherever it is declared.
function STATEMENT.ExportNames(node, scope)
  if node.source then return end
  for _, name in ipairs(node.names) do
    name.binding = scope:use(name.name, math.huge)
    if name.binding then name.binding.is_captured = true end
  end
end
