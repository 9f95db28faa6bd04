--- declarations: variables, functions, classes, enums, namespaces, and what is only declared.

local grammar = require "ts2lua.parser.grammar"

--- Does a `const`, `let` or `var` begin here?
function grammar.at_declaration(c)
  if c:at_word "const" or c:at_word "var" then return true end
  if not c:at_word "let" then return false end
  local kind, value = c:peek()
  return kind == "name" and value ~= "in" and value ~= "of"
    or kind == "punctuation" and (value == "[" or value == "{")
end

local function declaration(c)
  local node = c:node "Declaration"
  node.target = grammar.binding(c)
  c:accept "!"
  grammar.skip_annotation(c)
  if c:accept "=" then node.value = grammar.named(grammar.assignment(c), node.target.name) end
  return node
end

function grammar.variables(c)
  local node = c:node "Variables"
  node.kind, node.declarations = c.value, {}
  c:advance()
  repeat table.insert(node.declarations, declaration(c)) until not c:accept ","
  return node
end

--- Refuses a pattern without a value.
function grammar.check_values(c, node)
  for _, each in ipairs(node.declarations) do
    if not each.value and each.target.type ~= "Identifier" then
      c:fail_at(each.start, "what is taken apart here has no value")
    end
  end
end

function grammar.variable_statement(c)
  local node = grammar.variables(c)
  grammar.check_values(c, node)
  c:semicolon()
  return node
end

function grammar.enum(c)
  local node = c:node "Enum"
  c:expect_word "enum"
  node.name, node.members = c:expect_name(), {}
  c:expect "{"
  while not c:at "}" do
    local member = c:node "EnumMember"
    grammar.property_key(c, member)
    if member.computed then c:fail_at(member.start, "a member of an enum has a plain name") end
    if c:accept "=" then member.value = grammar.assignment(c) end
    table.insert(node.members, member)
    if not c:accept "," then break end
  end
  c:expect "}"
  return node
end

--- `A { … }`, or `A.B { … }`, in which A exports B.
local function namespace_rest(c, node)
  node.name = c:expect_name()
  if c:at "." then
    local outer = c:node "Export"
    c:advance()
    outer.declaration = namespace_rest(c, c:node "Namespace")
    node.body = { outer }
  else
    node.body = grammar.block(c).body
  end
  return node
end

function grammar.namespace(c)
  local node = c:node "Namespace"
  c:advance()
  if c.kind == "string" then c:fail "only 'declare module' has a text for a name" end
  return namespace_rest(c, node)
end

--- `declare …` says what exists elsewhere.
function grammar.declared(c)
  c:advance()
  if c:at_word "global" then
    c:advance()
    return grammar.skip_brackets(c)
  end
  if c:at_word "module" or c:at_word "namespace" then
    c:advance()
    c:advance()
    while c:accept "." do c:expect_name() end
    if c:at "{" then return grammar.skip_brackets(c) end
    return c:semicolon()
  end
  grammar.statement(c)
end

function grammar.function_statement(c, is_async, start)
  local fn = grammar.func(c, is_async, start)
  if not fn.name then c:fail_at(fn.start, "this function has no name") end
  fn.is_declaration = true
  return not fn.is_signature and fn or nil
end

function grammar.class_statement(c)
  local class = grammar.class(c)
  if not class.name then c:fail_at(class.start, "this class has no name") end
  class.is_declaration = true
  return class
end
