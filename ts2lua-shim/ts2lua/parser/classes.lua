--- classes: their members, with the types and modifiers left out.

local grammar = require "ts2lua.parser.grammar"

local MODIFIER = { public = true, private = true, protected = true, readonly = true,
  override = true, abstract = true, declare = true, static = true, async = true, accessor = true,
  get = true, set = true }

--- `[key: string]: T`
local function at_index_signature(c)
  if not c:at "[" then return false end
  local saved = c:save()
  c:advance()
  local is = c.kind == "name"
  if is then
    c:advance()
    is = c:at ":"
  end
  c:restore(saved)
  return is
end

local function index_signature(c)
  grammar.skip_brackets(c)
  grammar.skip_annotation(c)
  c:semicolon()
end

--- What only TypeScript writes before a member, or what is no part of a function's text.
local OUTSIDE = { public = true, private = true, protected = true, readonly = true,
  override = true, abstract = true, declare = true, static = true }

--- Reads `static async …` into a set.
local function modifiers(c)
  local found = { text_start = c.start }
  while c.kind == "name" and MODIFIER[c.value] and not c.escaped and grammar.at_modifier(c) do
    local word = c.value
    if (word == "get" or word == "set") and select(3, c:peek()) and not found[word] then break end
    found[word] = true
    c:advance()
    if OUTSIDE[word] then found.text_start = c.start end
    if word == "static" and c:at "{" then break end
  end
  return found
end

local function static_block(c, member)
  member.type = "StaticBlock"
  member.body = grammar.block(c).body
  return member
end

local function method(c, member, found, is_generator)
  member.type = "Method"
  member.accessor = found.get and "get" or found.set and "set" or nil
  member.value = grammar.method(c, found.async, is_generator)
  member.value.given_name = not member.computed and (member.is_private and "#" or "") .. member.key
  member.value.text_start = found.text_start
  if member.accessor and #member.value.parameters ~= (found.get and 0 or 1) then
    c:fail_at(member.start, found.get and "a getter takes nothing" or "a setter takes one value")
  end
  return not member.value.is_signature and member or nil
end

local function field(c, member, found)
  member.type = "Field"
  grammar.skip_annotation(c)
  if c:accept "=" then
    local name = not member.computed and (member.is_private and "#" or "") .. member.key or nil
    member.value = grammar.named(grammar.outside_head(c, grammar.assignment), name)
  end
  c:semicolon()
  return not (found.declare or found.abstract) and member or nil
end

--- One member, or nil for what is only a type.
local function member(c)
  grammar.decorators(c)
  local node = c:node "Member"
  local found = modifiers(c)
  if found.accessor then c:fail("'accessor' is not supported", "write get and set") end
  node.is_static = found.static
  if found.static and c:at "{" then return static_block(c, node) end
  if at_index_signature(c) then return index_signature(c) end
  local is_generator = c:accept "*"
  grammar.property_key(c, node)
  if not c:accept "?" then c:accept "!" end
  if c:at "(" or c:at "<" then return method(c, node, found, is_generator) end
  return field(c, node, found)
end

local function is_constructor(node)
  return node.type == "Method" and not node.is_static and not node.computed
    and not node.is_private and node.key == "constructor"
end

local function members(c, class)
  c:expect "{"
  class.members = {}
  while not c:at "}" do
    if not c:accept ";" then
      local node = member(c)
      if node and is_constructor(node) then
        class.constructor = node.value
      elseif node then
        table.insert(class.members, node)
      end
    end
  end
  class.last_line = c.token_line
  c:expect "}"
  class.stop = c.last_stop
end

function grammar.class(c)
  local class = c:node "Class"
  c:expect_word "class"
  if c.kind == "name" and not c:at_word "extends" and not c:at_word "implements" then
    class.name = c.value
    c:advance()
  end
  if c:at "<" then grammar.skip_type_parameters(c) end
  if c:accept_word "extends" then
    class.parent = grammar.member_tail(c, grammar.primary(c))
    if c:at "<" then grammar.skip_type_arguments(c) end
  end
  if c:accept_word "implements" then grammar.skip_type_list(c) end
  grammar.outside_head(c, function() members(c, class) end)
  return class
end
