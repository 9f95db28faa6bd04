--- inert: code that calls nothing and reads no name while it runs: whatever else has to happen may
--- happen before or behind it.

local inert = {}

local ALWAYS = { Number = true, String = true, Boolean = true, Null = true, BigInt = true,
  Function = true }

local COLLECTIONS = { Map = true, Set = true, WeakMap = true, WeakSet = true }

local function all(list, count, is_inert)
  for i = 1, count do
    if list[i] and not is_inert(list[i]) then return false end
  end
  return true
end

local function property(node)
  return node.type ~= "Spread" and not node.computed and inert.value(node.value)
end

local VALUE = {
  Template = function(node) return #node.expressions == 0 end,
  Array = function(node) return all(node.elements, node.count, inert.value) end,
  Object = function(node) return all(node.properties, #node.properties, property) end,
  New = function(node)
    return node.callee.type == "Identifier" and not node.callee.binding
      and COLLECTIONS[node.callee.name] ~= nil and #node.arguments == 0
  end,
  Unary = function(node) return node.operator == "-" and node.argument.type == "Number" end,
  Class = function(node) return inert.class(node) end,
}

--- Is an expression inert? None at all is.
---@param node? table
---@return boolean
function inert.value(node)
  if node == nil or ALWAYS[node.type] then return true end
  return VALUE[node.type] ~= nil and VALUE[node.type](node)
end

local function member(node)
  if node.computed or node.type == "StaticBlock" then return false end
  return node.type == "Method" or not node.is_static or inert.value(node.value)
end

function inert.class(node)
  return not node.parent and all(node.members, #node.members, member)
end

local function declaration(node)
  return node.target.type == "Identifier" and inert.value(node.value)
end

local STATEMENT = {
  Function = function() return true end,
  Class = inert.class,
  Variables = function(node) return all(node.declarations, #node.declarations, declaration) end,
  Import = function(node) return node.holder == nil end,
  Export = function(node) return inert.statement(node.declaration) end,
  ExportNames = function(node) return not node.source end,
  ExportDefault = function(node)
    if node.declaration then return inert.statement(node.declaration) end
    return inert.value(node.expression)
  end,
}

--- Is a statement inert?
---@param node table
---@return boolean
function inert.statement(node)
  return STATEMENT[node.type] ~= nil and STATEMENT[node.type](node)
end

return inert
