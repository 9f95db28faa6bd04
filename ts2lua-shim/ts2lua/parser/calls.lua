--- calls: what stands behind an expression: members, indices, calls, templates.

local grammar = require "ts2lua.parser.grammar"

local function argument_list(c)
  local arguments = {}
  c:expect "("
  while not c:at ")" do
    if c:at "..." then
      table.insert(arguments, grammar.spread(c))
      arguments.has_spread = true
    else
      table.insert(arguments, grammar.assignment(c))
    end
    if not c:accept "," then break end
  end
  c:expect ")"
  return arguments
end

local function arguments(c)
  return grammar.outside_head(c, argument_list)
end

grammar.arguments = arguments

local function member(c, object)
  local node = c:node "Member"
  if c.kind ~= "name" and c.kind ~= "private" then c:fail_expected "a name" end
  node.object, node.name, node.is_private = object, c.value, c.kind == "private"
  c:advance()
  return node
end

local function index(c, object)
  local node = c:node "Index"
  c:expect "["
  node.object, node.index = object, grammar.outside_head(c, grammar.expression)
  c:expect "]"
  return node
end

local function call(c, callee)
  local node = c:node "Call"
  node.start = callee.start or node.start
  node.callee, node.arguments = callee, arguments(c)
  return node
end

--- What stands behind a `?.`.
local function optional(c, object)
  local node
  if c:at "<" then grammar.skip_type_arguments(c) end
  if c:at "(" then
    node = call(c, object)
  elseif c:at "[" then
    node = index(c, object)
  else
    node = member(c, object)
  end
  node.optional = true
  return node
end

local function tagged(c, tag)
  local node = c:node "Tagged"
  node.tag, node.template = tag, grammar.outside_head(c, grammar.tagged_template)
  return node
end

local function call_type_arguments(c)
  grammar.skip_type_arguments(c)
  return c:at "(" or c.kind == "template"
end

--- One more step behind an expression, or nil where none follows.
local function tail_step(c, node, no_call)
  if c:accept "." then return member(c, node) end
  if c:at "[" then return index(c, node) end
  if c.kind == "template" then return tagged(c, node) end
  if c:at "!" and not c.after_newline then
    c:advance()
    return node
  end
  if no_call then return nil end
  if c:at "(" then return call(c, node) end
  if c:accept "?." then return optional(c, node) end
  if c:at "<" and c:attempt(call_type_arguments, c) then return node end
  return nil
end

--- `.a`, `[b]`, `(c)`, `?.d`, `!` and templates behind an expression.
function grammar.member_tail(c, node, no_call)
  local levels = 0
  while true do
    local longer = tail_step(c, node, no_call)
    if not longer then return node end
    node = longer
    levels = levels + 1
    if levels > 500 then c:fail("this chain is too long", "give a part of it a name") end
  end
end
