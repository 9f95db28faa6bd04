--- patterns: what a value is taken apart into, in declarations, parameters and assignments.

local grammar = require "ts2lua.parser.grammar"

local binding

local RESERVED = {}
for word in ([[break case catch class const continue debugger default delete do else enum export
    extends false finally for function if import in instanceof new null return super switch this
    throw true try typeof var void while with]]):gmatch "%a+" do
  RESERVED[word] = true
end
grammar.RESERVED = RESERVED

--- A value when there is none: `target = default`.
local function with_default(c, target)
  if not c:accept "=" then return target end
  return { type = "AssignPattern", line = target.line, target = target,
    default = grammar.named(grammar.assignment(c), target.name) }
end

local function object_property(c)
  local property = c:node "Property"
  local kind, name, line, start = c.kind, c.value, c.token_line, c.start
  grammar.property_key(c, property)
  if c:accept ":" then
    property.value = binding(c)
  else
    if kind ~= "name" or RESERVED[name] then c:fail_expected "':'" end
    property.value = { type = "Identifier", name = name, line = line, start = start }
  end
  property.value = with_default(c, property.value)
  return property
end

local function object_pattern(c)
  local pattern = c:node "ObjectPattern"
  pattern.properties = {}
  c:expect "{"
  while not c:at "}" do
    if c:accept "..." then
      pattern.rest = binding(c)
    else
      table.insert(pattern.properties, object_property(c))
    end
    if not c:accept "," then break end
  end
  c:expect "}"
  return pattern
end

local function array_pattern(c)
  local pattern = c:node "ArrayPattern"
  pattern.elements, pattern.count = {}, 0
  c:expect "["
  while not c:at "]" do
    if c:at "," then
      pattern.count = pattern.count + 1
    elseif c:accept "..." then
      pattern.rest = binding(c)
    else
      pattern.count = pattern.count + 1
      pattern.elements[pattern.count] = with_default(c, binding(c))
    end
    if not c:accept "," then break end
  end
  c:expect "]"
  return pattern
end

--- A name, or a pattern of names.
function binding(c)
  c:enter()
  local target
  if c:at "{" then
    target = object_pattern(c)
  elseif c:at "[" then
    target = array_pattern(c)
  elseif c.kind == "name" and (not RESERVED[c.value] or c.value == "this" or c.escaped) then
    target = c:node "Identifier"
    target.name = c.value
    c:advance()
  else
    c:fail_expected "a name"
  end
  c:leave()
  return target
end

local to_pattern

local function object_to_pattern(c, object)
  local pattern = { type = "ObjectPattern", line = object.line, start = object.start,
    properties = {} }
  for _, property in ipairs(object.properties) do
    if property.type == "Spread" then
      pattern.rest = to_pattern(c, property.argument, true)
    elseif property.accessor or property.is_method then
      c:fail_at(property.start, "a method cannot be assigned to")
    else
      table.insert(pattern.properties, { type = "Property", line = property.line,
        key = property.key, computed = property.computed,
        value = to_pattern(c, property.value, true) })
    end
  end
  return pattern
end

local function array_to_pattern(c, array)
  local pattern = { type = "ArrayPattern", line = array.line, start = array.start,
    elements = {}, count = 0 }
  for i = 1, array.count do
    local element = array.elements[i]
    if element and element.type == "Spread" then
      pattern.rest = to_pattern(c, element.argument, true)
    else
      pattern.count = pattern.count + 1
      pattern.elements[pattern.count] = element and to_pattern(c, element, true)
    end
  end
  return pattern
end

local TARGETS = { Identifier = true, Member = true, Index = true, ObjectPattern = true,
  ArrayPattern = true }

--- Reads an expression once more, as what is assigned to. Inside of a pattern it may have a
--- default.
function to_pattern(c, node, is_inside)
  if node.type == "Object" then return object_to_pattern(c, node) end
  if node.type == "Array" then return array_to_pattern(c, node) end
  if is_inside and node.type == "Assign" and node.operator == "=" and not node.parenthesised then
    return { type = "AssignPattern", line = node.line, start = node.start, target = node.target,
      default = node.value }
  end
  if is_inside and node.type == "AssignPattern" then return node end
  if not TARGETS[node.type] or node.optional then
    c:fail_at(node.start or c.start, "this cannot be assigned to")
  end
  return node
end

grammar.binding = binding
grammar.to_pattern = to_pattern
grammar.with_default = with_default
