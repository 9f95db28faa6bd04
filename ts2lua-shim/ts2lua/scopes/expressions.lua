--- expressions: the names in each kind of expression.

local constants = require "ts2lua.scopes.constants"
local functions = require "ts2lua.scopes.functions"
local uses = require "ts2lua.scopes.uses"
local walk = require "ts2lua.scopes.walk"

local EXPRESSION = walk.expression_rules

for _, kind in ipairs { "Number", "BigInt", "String", "Null", "Boolean", "RegExp", "This",
  "Super", "ImportMeta", "NewTarget" } do
  EXPRESSION[kind] = walk.nothing
end

EXPRESSION.Identifier = uses.read
EXPRESSION.Function, EXPRESSION.Class = functions.func, functions.class

function EXPRESSION.Template(node, scope) walk.each(node.expressions, scope) end

function EXPRESSION.Tagged(node, scope)
  walk.expression(node.tag, scope)
  walk.each(node.template.expressions, scope)
end

function EXPRESSION.Array(node, scope)
  for i = 1, node.count do
    if node.elements[i] then walk.expression(node.elements[i], scope) end
  end
end

function EXPRESSION.Object(node, scope)
  for _, property in ipairs(node.properties) do
    if property.type == "Spread" then
      walk.expression(property.argument, scope)
    else
      if property.computed then walk.expression(property.key, scope) end
      walk.expression(property.value, scope)
    end
  end
end

function walk.argument(node, scope)
  if node.argument then walk.expression(node.argument, scope) end
end
EXPRESSION.Spread, EXPRESSION.Await, EXPRESSION.Yield = walk.argument, walk.argument, walk.argument

--- Asking for the type of a name is how programs find out whether it is there.
function EXPRESSION.Unary(node, scope)
  local name = node.operator == "typeof" and constants.dotted(node.argument)
  if name then scope.program.tested[name:gsub("^globalThis%.", "")] = true end
  walk.argument(node, scope)
end

function EXPRESSION.ImportCall(node, scope)
  local name = node.argument
  if name.type == "String" then
    table.insert(scope.program.imports,
      { source = name.value, start = name.start, is_dynamic = true })
  end
  walk.expression(name, scope)
end

--- `i++` keeps a number a number.
function EXPRESSION.Update(node, scope)
  if node.argument.type ~= "Identifier" then return walk.expression(node.argument, scope) end
  local binding = uses.open_values(node.argument, scope)
  if binding then table.insert(binding.values, node) end
end

local function both(node, scope)
  walk.expression(node.left, scope)
  walk.expression(node.right, scope)
end
EXPRESSION.Binary, EXPRESSION.Logical = both, both

function EXPRESSION.Conditional(node, scope)
  walk.expression(node.test, scope)
  walk.expression(node.yes, scope)
  walk.expression(node.no, scope)
end

function EXPRESSION.Assign(node, scope)
  if node.operator == "=" then
    uses.target_of(node.target, scope, node.value)
  elseif node.target.type == "Identifier" then
    local binding = uses.open_values(node.target, scope)
    if binding then table.insert(binding.values, node) end
  else
    walk.expression(node.target, scope)
  end
  walk.expression(node.value, scope)
end

function EXPRESSION.Call(node, scope)
  walk.expression(node.callee, scope)
  walk.each(node.arguments, scope)
end
EXPRESSION.New = EXPRESSION.Call

function EXPRESSION.Member(node, scope)
  if constants.replace(scope.program, node, scope) then return walk.expression(node, scope) end
  walk.expression(node.object, scope)
  functions.private_use(node, scope)
end

function EXPRESSION.PrivateIn(node, scope)
  walk.expression(node.object, scope)
  node.is_private = true
  functions.private_use(node, scope)
end

function EXPRESSION.Index(node, scope)
  walk.expression(node.object, scope)
  walk.expression(node.index, scope)
end

function EXPRESSION.Sequence(node, scope) walk.each(node.expressions, scope) end

--- `{ a = 1 }` that turned out to be no pattern.
function EXPRESSION.AssignPattern(node, scope)
  scope:fail(node.target, "'=' does not belong into an object",
    "a property is written 'name: value'")
end
