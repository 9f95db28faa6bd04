--- constants: names that the configuration defines, replaced where a program uses them.

local constants = {}

--- "process.env.HOST" for such an expression over a global; nil for anything else.
---@param node table
---@return string?
function constants.dotted(node)
  if node.type == "Identifier" then return node.name end
  if node.type ~= "Member" or node.is_private or node.is_optional then return nil end
  local before = constants.dotted(node.object)
  return before and before .. "." .. node.name
end

--- Is the expression about a global, and not about something that the program declares?
local function root_of(node)
  while node.type == "Member" do node = node.object end
  return node
end

--- Gives all of a tree the place of the node that it replaces.
local function move(value, line, start)
  for _, part in next, value do
    if type(part) == "table" then move(part, line, start) end
  end
  if value.type then value.line, value.start = line, start end
end

--- Replaces `node` when it is a constant. Returns whether it was.
---@param program table
---@param node table
---@param scope ts2lua.Scope
---@return boolean
function constants.replace(program, node, scope)
  local make = program.define
  local name = make and constants.dotted(node)
  local value = name and make(name)
  if not value or scope:find(root_of(node).name) then return false end
  move(value, node.line, node.start)
  for key in pairs(node) do node[key] = nil end
  for key, part in pairs(value) do node[key] = part end
  return true
end

return constants
