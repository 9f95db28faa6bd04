--- resolve: walks the tree once and ties each name to its binding.
---
--- Afterwards an Identifier has `binding` (nil for a global), and what opens a scope has `scope`.

local absent = require "ts2lua.scopes.absent"
local constants = require "ts2lua.scopes.constants"
local fault = require "ts2lua.fault"
local hoist = require "ts2lua.scopes.hoist"
local Scope = require "ts2lua.scopes.scope"

local resolve = {}

local expression, statement, statements, pattern, target_of

local EXPRESSION, STATEMENT = {}, {}

local function nothing() end

local function each(list, scope)
  for _, node in ipairs(list) do expression(node, scope) end
end

-- Names and targets.

local function use(node, scope)
  node.binding = scope:use(node.name, node.start or 0)
  return node.binding
end

--- `eval(…)` sees the names around it, which have others in Lua.
local function refuse_eval(node, program)
  table.insert(program.refusals, fault.at(program.source, program.file, node.start,
    "eval is not supported", "JSON.parse reads data"))
end

--- A name whose value is wanted.
local function read(node, scope)
  if use(node, scope) then return end
  local program = scope.program
  if constants.replace(program, node, scope) then return expression(node, scope) end
  if node.name == "eval" then return refuse_eval(node, program) end
  absent.note(program, node)
end

local function open_values(node, scope)
  local binding = use(node, scope)
  if binding then binding.is_assigned = true end
  return binding
end

local function keys(properties, scope)
  for _, property in ipairs(properties) do
    if property.computed then expression(property.key, scope) end
  end
end

--- Walks the parts of a pattern; `leaf(node, scope)` takes each target in it.
local function parts(node, scope, leaf)
  if not node then return end
  if node.type == "AssignPattern" then
    parts(node.target, scope, leaf)
    expression(node.default, scope)
  elseif node.type == "ObjectPattern" then
    keys(node.properties, scope)
    for _, property in ipairs(node.properties) do parts(property.value, scope, leaf) end
    parts(node.rest, scope, leaf)
  elseif node.type == "ArrayPattern" then
    for i = 1, node.count do parts(node.elements[i], scope, leaf) end
    parts(node.rest, scope, leaf)
  else
    leaf(node, scope)
  end
end

--- The names that a declaration or a parameter introduces.
function pattern(node, scope)
  parts(node, scope, function(leaf) leaf.binding = scope:find(leaf.name) end)
end

--- What an assignment writes to. `value` is known when the target is a plain name.
function target_of(node, scope, value)
  parts(node, scope, function(leaf)
    if leaf.type ~= "Identifier" then return expression(leaf, scope) end
    local binding = open_values(leaf, scope)
    if not binding then return end
    if value and leaf == node then
      table.insert(binding.values, value)
    else
      binding.is_open = true
    end
  end)
end

-- Functions and classes.

local function parameters(fn, scope)
  for _, parameter in ipairs(fn.parameters) do
    hoist.each_name(parameter.target, function(identifier)
      scope:declare(identifier.name, "parameter", 0).is_open = true
    end)
  end
  for _, parameter in ipairs(fn.parameters) do
    pattern(parameter.target, scope)
    if parameter.default then expression(parameter.default, scope) end
  end
end

local function func(fn, outer)
  local scope = Scope.new(outer, true)
  scope.can_box = true
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
  if fn.result then return expression(fn.result, scope) end
  hoist.variables(fn.body, scope)
  hoist.block(fn.body, scope)
  statements(fn.body, scope)
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

local function private_use(node, scope)
  if not node.is_private then return end
  node.owner = private_owner(scope, node.name or node.key)
  if not node.owner then
    scope:fail(node, ("no class around this declares #%s"):format(node.name or node.key))
  end
end

local function member(node, scope)
  if node.computed then expression(node.key, scope) end
  private_use(node, scope)
  if node.type == "Method" then return func(node.value, scope) end
  local inner = Scope.new(scope, true)
  node.scope = inner
  if node.type == "StaticBlock" then
    inner.can_box = true
    hoist.variables(node.body, inner)
    hoist.block(node.body, inner)
    return statements(node.body, inner)
  end
  if node.value then expression(node.value, inner) end
end

local function class(node, outer)
  if node.parent then expression(node.parent, outer) end
  local scope = Scope.new(outer)
  node.scope = scope
  scope.class, scope.private_names = node, private_names(node)
  if node.is_declaration then
    node.binding = outer:find(node.name)
  elseif node.name then
    node.binding = scope:declare(node.name, "own name", 0)
    node.binding.is_open = true
  end
  if node.constructor then func(node.constructor, scope) end
  for _, each_member in ipairs(node.members) do member(each_member, scope) end
end

-- Expressions.

for _, kind in ipairs { "Number", "BigInt", "String", "Null", "Boolean", "RegExp", "This",
  "Super", "ImportMeta", "NewTarget" } do
  EXPRESSION[kind] = nothing
end

EXPRESSION.Identifier = read
EXPRESSION.Function, EXPRESSION.Class = func, class

function EXPRESSION.Template(node, scope) each(node.expressions, scope) end

function EXPRESSION.Tagged(node, scope)
  expression(node.tag, scope)
  each(node.template.expressions, scope)
end

function EXPRESSION.Array(node, scope)
  for i = 1, node.count do
    if node.elements[i] then expression(node.elements[i], scope) end
  end
end

function EXPRESSION.Object(node, scope)
  for _, property in ipairs(node.properties) do
    if property.type == "Spread" then
      expression(property.argument, scope)
    else
      if property.computed then expression(property.key, scope) end
      expression(property.value, scope)
    end
  end
end

local function argument(node, scope)
  if node.argument then expression(node.argument, scope) end
end
EXPRESSION.Spread, EXPRESSION.Await, EXPRESSION.Yield = argument, argument, argument

--- Asking for the type of a name is how programs find out whether it is there.
function EXPRESSION.Unary(node, scope)
  local name = node.operator == "typeof" and constants.dotted(node.argument)
  if name then scope.program.tested[name:gsub("^globalThis%.", "")] = true end
  argument(node, scope)
end

function EXPRESSION.ImportCall(node, scope)
  local name = node.argument
  if name.type == "String" then
    table.insert(scope.program.imports,
      { source = name.value, start = name.start, is_dynamic = true })
  end
  expression(name, scope)
end

--- `i++` keeps a number a number.
function EXPRESSION.Update(node, scope)
  if node.argument.type ~= "Identifier" then return expression(node.argument, scope) end
  local binding = open_values(node.argument, scope)
  if binding then table.insert(binding.values, node) end
end

local function both(node, scope)
  expression(node.left, scope)
  expression(node.right, scope)
end
EXPRESSION.Binary, EXPRESSION.Logical = both, both

function EXPRESSION.Conditional(node, scope)
  expression(node.test, scope)
  expression(node.yes, scope)
  expression(node.no, scope)
end

function EXPRESSION.Assign(node, scope)
  if node.operator == "=" then
    target_of(node.target, scope, node.value)
  elseif node.target.type == "Identifier" then
    local binding = open_values(node.target, scope)
    if binding then table.insert(binding.values, node) end
  else
    expression(node.target, scope)
  end
  expression(node.value, scope)
end

function EXPRESSION.Call(node, scope)
  expression(node.callee, scope)
  each(node.arguments, scope)
end
EXPRESSION.New = EXPRESSION.Call

function EXPRESSION.Member(node, scope)
  if constants.replace(scope.program, node, scope) then return expression(node, scope) end
  expression(node.object, scope)
  private_use(node, scope)
end

function EXPRESSION.PrivateIn(node, scope)
  expression(node.object, scope)
  node.is_private = true
  private_use(node, scope)
end

function EXPRESSION.Index(node, scope)
  expression(node.object, scope)
  expression(node.index, scope)
end

function EXPRESSION.Sequence(node, scope) each(node.expressions, scope) end

--- `{ a = 1 }` that turned out to be no pattern.
function EXPRESSION.AssignPattern(node, scope)
  scope:fail(node.target, "'=' does not belong into an object",
    "a property is written 'name: value'")
end

function expression(node, scope)
  EXPRESSION[node.type](node, scope)
end

-- Statements.

function statements(list, scope)
  for _, node in ipairs(list) do statement(node, scope) end
end

local function block_scope(list, outer)
  local scope = Scope.new(outer)
  scope.can_box = true
  hoist.block(list, scope)
  statements(list, scope)
  return scope
end

function STATEMENT.Variables(node, scope)
  for _, declaration in ipairs(node.declarations) do
    pattern(declaration.target, scope)
    if node.kind == "var" then
      hoist.each_name(declaration.target, function(leaf) leaf.binding.is_assigned = true end)
    end
    if declaration.value then expression(declaration.value, scope) end
  end
end

function STATEMENT.Expression(node, scope) expression(node.expression, scope) end

function STATEMENT.Block(node, scope) node.scope = block_scope(node.body, scope) end

function STATEMENT.If(node, scope)
  for _, clause in ipairs(node.clauses) do
    expression(clause.test, scope)
    statement(clause.body, scope)
  end
  if node.otherwise then statement(node.otherwise, scope) end
end

function STATEMENT.For(node, outer)
  local scope = Scope.new(outer)
  node.scope = scope
  if node.head then
    if node.head.type == "Variables" then
      hoist.block({ node.head }, scope)
      statement(node.head, scope)
    else
      expression(node.head, scope)
    end
  end
  if node.test then expression(node.test, scope) end
  if node.update then expression(node.update, scope) end
  statement(node.body, scope)
end

local function each_loop(node, outer)
  expression(node.subject, outer)
  local scope = Scope.new(outer)
  node.scope = scope
  if node.kind and node.kind ~= "var" then
    hoist.each_name(node.target, function(identifier)
      scope:declare(identifier.name, node.kind, 0).is_open = true
    end)
    pattern(node.target, scope)
  else
    target_of(node.target, scope)
  end
  statement(node.body, scope)
end
STATEMENT.ForOf, STATEMENT.ForIn = each_loop, each_loop

function STATEMENT.While(node, scope)
  expression(node.test, scope)
  statement(node.body, scope)
end
STATEMENT.DoWhile = STATEMENT.While

STATEMENT.Return, STATEMENT.Throw = argument, argument
STATEMENT.Break, STATEMENT.Continue = nothing, nothing

function STATEMENT.Labelled(node, scope) statement(node.body, scope) end

function STATEMENT.Try(node, scope)
  statement(node.block, scope)
  local handler = node.handler
  if handler then
    local inner = Scope.new(scope)
    handler.scope = inner
    hoist.each_name(handler.target, function(identifier)
      inner:declare(identifier.name, "let", 0).is_open = true
    end)
    pattern(handler.target, inner)
    statement(handler.body, inner)
  end
  if node.finalizer then statement(node.finalizer, scope) end
end

function STATEMENT.Switch(node, outer)
  expression(node.subject, outer)
  local scope = Scope.new(outer)
  node.scope, scope.can_box = scope, true
  for _, case in ipairs(node.cases) do hoist.block(case.body, scope) end
  -- A jump may not enter the scope of a local.
  for _, binding in ipairs(scope.list) do binding.is_hoisted = true end
  for _, case in ipairs(node.cases) do
    if case.test then expression(case.test, scope) end
    statements(case.body, scope)
  end
end

function STATEMENT.Function(node, scope)
  node.binding = scope:find(node.name)
  func(node, scope)
end

STATEMENT.Class = class

function STATEMENT.Enum(node, outer)
  node.binding = outer:find(node.name)
  local scope = Scope.new(outer)
  for _, each_member in ipairs(node.members) do
    if each_member.value then expression(each_member.value, scope) end
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
  statements(node.body, scope)
end

STATEMENT.Import = nothing
STATEMENT.ExportAll = nothing

function STATEMENT.Export(node, scope)
  node.scope = scope
  statement(node.declaration, scope)
end

function STATEMENT.ExportDefault(node, scope)
  local declaration = node.declaration
  if not declaration then return expression(node.expression, scope) end
  if declaration.name then return statement(declaration, scope) end
  expression(declaration, scope)
end

--- Exporting a name uses it, wherever it is declared.
function STATEMENT.ExportNames(node, scope)
  if node.source then return end
  for _, name in ipairs(node.names) do
    name.binding = scope:use(name.name, math.huge)
    if name.binding then name.binding.is_captured = true end
  end
end

function statement(node, scope)
  STATEMENT[node.type](node, scope)
end

--- Resolves a whole program.
---@param program table
function resolve.program(program)
  local scope = Scope.new(nil, true)
  scope.can_box, scope.program = true, program
  program.functions = { scope }
  program.absent, program.tested, program.imports = {}, {}, {}
  program.scope = scope
  hoist.variables(program.body, scope)
  hoist.block(program.body, scope)
  statements(program.body, scope)
end

return resolve
