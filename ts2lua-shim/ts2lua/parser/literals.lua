--- literals: objects, arrays, templates and regular expressions.

local grammar = require "ts2lua.parser.grammar"
local number_text = require "ts2lua.number_text"

--- A `...` and what it spreads.
local function spread(c)
  local node = c:node "Spread"
  c:expect "..."
  node.argument = grammar.assignment(c)
  return node
end
grammar.spread = spread

--- The name of a property or member, put into `node`: `key` is a text or, where `computed`, an
--- expression.
function grammar.property_key(c, node)
  if c:accept "[" then
    node.computed = true
    node.key = grammar.outside_head(c, grammar.assignment)
    c:expect "]"
    return
  end
  if c.kind == "string" or c.kind == "name" then
    node.key = c.value
  elseif c.kind == "number" then
    node.key = number_text(c.value)
  elseif c.kind == "private" then
    node.key, node.is_private = c.value, true
  else
    c:fail_expected "a name"
  end
  c:advance()
end

--- Words before a method count as such only when a name follows.
function grammar.at_modifier(c)
  local kind, value = c:peek()
  if kind ~= "punctuation" then return kind ~= "end" end
  return value == "[" or value == "*" or value == "{" and c.value == "static"
end

local function method(c, is_async, is_generator)
  local fn = c:node "Function"
  fn.is_async, fn.is_generator, fn.is_method = is_async, is_generator, true
  grammar.function_rest(c, fn)
  return fn
end
grammar.method = method

--- A function that has to have a body.
local function check_body(c, fn)
  if fn.is_signature then c:fail_expected "'{'" end
  return fn
end
grammar.check_body = check_body

--- `{ a }` and, in what will be a pattern, `{ a = 1 }`.
local function shorthand(c, property, kind, name, start)
  if kind ~= "name" or grammar.RESERVED[name] then c:fail_expected "':'" end
  property.value = { type = "Identifier", name = name, line = property.line, start = start }
  property.value = grammar.with_default(c, property.value)
end

local function property(c)
  local node = c:node "Property"
  local is_async, is_generator
  if (c:at_word "async" or c:at_word "get" or c:at_word "set") and grammar.at_modifier(c) then
    if c.value == "async" then is_async = true else node.accessor = c.value end
    c:advance()
  end
  if c:accept "*" then is_generator = true end
  local kind, name, start = c.kind, c.value, c.start
  grammar.property_key(c, node)
  if c:at "(" or c:at "<" then
    node.is_method = true
    node.value = check_body(c, method(c, is_async, is_generator))
    node.value.given_name, node.value.text_start = not node.computed and node.key, node.start
  elseif c:accept ":" then
    node.value = grammar.named(grammar.assignment(c), not node.computed and node.key or nil)
  else
    shorthand(c, node, kind, name, start)
  end
  return node
end

function grammar.object(c)
  local node = c:node "Object"
  node.properties = {}
  c:expect "{"
  while not c:at "}" do
    table.insert(node.properties, c:at "..." and spread(c) or property(c))
    if not c:accept "," then break end
  end
  c:expect "}"
  return node
end

function grammar.array(c)
  local node = c:node "Array"
  node.elements, node.count = {}, 0
  c:expect "["
  while not c:at "]" do
    node.count = node.count + 1
    if not c:at "," then
      node.elements[node.count] = c:at "..." and spread(c) or grammar.assignment(c)
    end
    if not c:accept "," then break end
  end
  c:expect "]"
  return node
end

--- A template. Behind a tag, a part with an escape that does not exist is undefined; its raw text
--- is there.
function grammar.template(c, is_tagged)
  local node = c:node "Template"
  node.strings, node.raws, node.expressions = {}, {}, {}
  while true do
    local text, raw, closed, unreadable = c:template_chunk()
    if unreadable and not is_tagged then c:fail_at(unreadable, "there is no such escape") end
    table.insert(node.strings, not unreadable and text)
    table.insert(node.raws, raw)
    c:advance()
    if closed then return node end
    table.insert(node.expressions, grammar.expression(c))
    if not c:at "}" then c:fail_expected "'}'" end
    c:resume_template()
  end
end

function grammar.tagged_template(c) return grammar.template(c, true) end

function grammar.regular_expression(c)
  local node = c:node "RegExp"
  node.source, node.flags = c:regular_expression()
  c:advance()
  return node
end
