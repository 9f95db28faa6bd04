--- walk: goes through the tree and ties each name to its binding. What happens at each kind of
--- node is said by the files beside this one.

local walk = {}

--- By the type of a node: `fn(node, scope)`.
walk.expression_rules, walk.statement_rules = {}, {}

function walk.nothing() end

function walk.expression(node, scope)
  walk.expression_rules[node.type](node, scope)
end

function walk.statement(node, scope)
  walk.statement_rules[node.type](node, scope)
end

function walk.statements(list, scope)
  for _, node in ipairs(list) do walk.statement(node, scope) end
end

function walk.each(list, scope)
  for _, node in ipairs(list) do walk.expression(node, scope) end
end

return walk
