--- hoist: which names a list of statements declares, before any of it runs.

local inert = require "ts2lua.scopes.inert"

local hoist = {}

local each_name

local function each_property_name(pattern, take)
  for _, property in ipairs(pattern.properties) do each_name(property.value, take) end
  each_name(pattern.rest, take)
end

local function each_element_name(pattern, take)
  for i = 1, pattern.count do each_name(pattern.elements[i], take) end
  each_name(pattern.rest, take)
end

--- Calls `take(identifier)` for each name of a pattern.
function each_name(target, take)
  if not target then return end
  if target.type == "Identifier" then take(target) end
  if target.type == "AssignPattern" then each_name(target.target, take) end
  if target.type == "ObjectPattern" then each_property_name(target, take) end
  if target.type == "ArrayPattern" then each_element_name(target, take) end
end
hoist.each_name = each_name

--- The statement that an export declares, or the statement itself.
function hoist.declared(statement)
  if statement.type == "Export" or statement.type == "ExportDefault" then
    return statement.declaration or statement
  end
  return statement
end

local walk

local function walk_list(list, take)
  for _, statement in ipairs(list) do walk(statement, take) end
end

local WALK = {
  Variables = function(node, take)
    if node.kind ~= "var" then return end
    for _, declaration in ipairs(node.declarations) do each_name(declaration.target, take) end
  end,
  Block = function(node, take) walk_list(node.body, take) end,
  If = function(node, take)
    for _, clause in ipairs(node.clauses) do walk(clause.body, take) end
    walk(node.otherwise, take)
  end,
  For = function(node, take)
    walk(node.head, take)
    walk(node.body, take)
  end,
  Try = function(node, take)
    walk(node.block, take)
    if node.handler then walk(node.handler.body, take) end
    walk(node.finalizer, take)
  end,
  Switch = function(node, take)
    for _, case in ipairs(node.cases) do walk_list(case.body, take) end
  end,
  Export = function(node, take) walk(node.declaration, take) end,
}
local function walk_each(node, take)
  if node.kind == "var" then each_name(node.target, take) end
  walk(node.body, take)
end
local function walk_body(node, take) walk(node.body, take) end
WALK.ForOf, WALK.ForIn = walk_each, walk_each
WALK.While, WALK.DoWhile, WALK.Labelled = walk_body, walk_body, walk_body

function walk(node, take)
  if node and WALK[node.type] then WALK[node.type](node, take) end
end

--- Declares the `var`s of a function's body, however deep they stand.
---@param list table[]
---@param scope ts2lua.Scope
function hoist.variables(list, scope)
  walk_list(list, function(identifier) scope:declare(identifier.name, "var", 0).is_open = true end)
end

local function declare_variables(node, scope, is_late)
  if node.kind == "var" then return end
  for _, declaration in ipairs(node.declarations) do
    local is_name = declaration.target.type == "Identifier"
    each_name(declaration.target, function(identifier)
      local binding = scope:declare(identifier.name, node.kind, identifier.start)
      binding.zone = { is_late = is_late, value = declaration.value, case = scope.case }
      table.insert(binding.values, declaration.value)
      if not is_name or not declaration.value then binding.is_open = true end
    end)
    is_late = is_late or not inert.value(declaration.value)
  end
end

local function declare_import(node, scope)
  for _, name in ipairs(node.names) do
    local binding = scope:declare(name.name, "import", 0)
    binding.is_open, binding.import = true, name
    name.binding = binding
  end
end

local DECLARE = {
  Variables = declare_variables,
  Import = declare_import,
  Function = function(node, scope)
    if node.name then scope:declare(node.name, "function", 0).is_open = true end
  end,
  Class = function(node, scope, is_late)
    if not node.name then return end
    local binding = scope:declare(node.name, "class", node.start)
    binding.is_open, binding.zone = true, { is_late = is_late, case = scope.case }
  end,
  Enum = function(node, scope) scope:declare(node.name, "const", node.start).is_open = true end,
}
DECLARE.Namespace = DECLARE.Enum

--- Declares what a block's own statements declare.
---@param list table[]
---@param scope ts2lua.Scope
function hoist.block(list, scope)
  local is_late = false
  for _, statement in ipairs(list) do
    local node = hoist.declared(statement)
    if DECLARE[node.type] then DECLARE[node.type](node, scope, is_late) end
    is_late = is_late or not inert.statement(statement)
  end
end

return hoist
