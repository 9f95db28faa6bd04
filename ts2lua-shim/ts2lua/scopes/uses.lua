--- uses: names that are read or written, and what takes values apart.

local absent = require "ts2lua.scopes.absent"
local constants = require "ts2lua.scopes.constants"
local fault = require "ts2lua.fault"
local walk = require "ts2lua.scopes.walk"
local zones = require "ts2lua.scopes.zones"

local uses = {}

local function use(node, scope)
  node.binding = scope:use(node.name, node.start or 0)
  if node.binding and node.start then zones.note(node.binding, node, scope) end
  return node.binding
end

--- `eval(…)` sees the names around it, which have others in Lua.
local function refuse_eval(node, program)
  table.insert(program.refusals, fault.at(program.source, program.file, node.start,
    "eval is not supported", "JSON.parse reads data"))
end

--- A name whose value is wanted.
function uses.read(node, scope)
  if use(node, scope) then return end
  local program = scope.program
  if constants.replace(program, node, scope) then return walk.expression(node, scope) end
  if node.name == "eval" then return refuse_eval(node, program) end
  absent.note(program, node)
end

--- A name that is written to.
function uses.open_values(node, scope)
  local binding = use(node, scope)
  if binding then binding.is_assigned = true end
  return binding
end

local function keys(properties, scope)
  for _, property in ipairs(properties) do
    if property.computed then walk.expression(property.key, scope) end
  end
end

--- Walks the parts of a pattern; `leaf(node, scope)` takes each target in it.
local function parts(node, scope, leaf)
  if not node then return end
  if node.type == "AssignPattern" then
    parts(node.target, scope, leaf)
    walk.expression(node.default, scope)
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
function uses.pattern(node, scope)
  parts(node, scope, function(leaf) leaf.binding = scope:find(leaf.name) end)
end

--- What an assignment writes to. `value` is known when the target is a plain name.
function uses.target_of(node, scope, value)
  parts(node, scope, function(leaf)
    if leaf.type ~= "Identifier" then return walk.expression(leaf, scope) end
    local binding = uses.open_values(leaf, scope)
    if not binding then return end
    if value and leaf == node then
      table.insert(binding.values, value)
    else
      binding.is_open = true
    end
  end)
end

return uses
