--- statements: everything that stands by itself, except imports and exports.

local grammar = require "ts2lua.parser.grammar"

local statement

--- A block's statements; those that are only types are left out.
local function block_body(c)
  local node = c:node "Block"
  node.body = {}
  c:expect "{"
  while not c:at "}" do
    if c.kind == "end" then c:fail_at(node.start, "this bracket is never closed") end
    local inner = statement(c)
    if inner then table.insert(node.body, inner) end
  end
  node.last_line = c.token_line
  c:expect "}"
  return node
end

function grammar.block(c)
  return grammar.outside_head(c, block_body)
end

local NEEDS_BLOCK = { Class = true, Function = true, Enum = true, Namespace = true,
  Import = true, Export = true, ExportDefault = true, ExportNames = true, ExportAll = true }

--- The statement under an `if`, a loop or a label.
local function body(c)
  local line, start = c.token_line, c.start
  local node = statement(c) or { type = "Block", line = line, body = {} }
  if NEEDS_BLOCK[node.type] or node.type == "Variables" and node.kind ~= "var" then
    c:fail_at(start, "a declaration cannot stand here", "put it into { … }")
  end
  return node
end

local function declaration(c)
  local node = c:node "Declaration"
  node.target = grammar.binding(c)
  c:accept "!"
  grammar.skip_annotation(c)
  if c:accept "=" then node.value = grammar.assignment(c) end
  return node
end

local function variables(c)
  local node = c:node "Variables"
  node.kind, node.declarations = c.value, {}
  c:advance()
  repeat table.insert(node.declarations, declaration(c)) until not c:accept ","
  return node
end

local function check_values(c, node)
  for _, each in ipairs(node.declarations) do
    if not each.value and each.target.type ~= "Identifier" then
      c:fail_at(each.start, "what is taken apart here has no value")
    end
  end
end

local function variable_statement(c)
  local node = variables(c)
  check_values(c, node)
  c:semicolon()
  return node
end

local function if_statement(c)
  local node = c:node "If"
  node.clauses = {}
  repeat
    local clause = { line = c.token_line }
    c:expect_word "if"
    c:expect "("
    clause.test = grammar.expression(c)
    c:expect ")"
    clause.body = body(c)
    table.insert(node.clauses, clause)
    local has_else = c:accept_word "else"
    if has_else and not c:at_word "if" then node.otherwise = body(c) end
  until not has_else or node.otherwise
  return node
end

local function at_declaration(c)
  if c:at_word "const" or c:at_word "var" then return true end
  if not c:at_word "let" then return false end
  local kind, value = c:peek()
  return kind == "name" and value ~= "in" and value ~= "of"
    or kind == "punctuation" and (value == "[" or value == "{")
end

local function loop_head(c)
  if c:at ";" then return nil end
  c.no_in = true
  local head = at_declaration(c) and variables(c) or grammar.expression(c)
  c.no_in = false
  return head
end

local function each_loop(c, node, head)
  node.type = c.value == "of" and "ForOf" or "ForIn"
  c:advance()
  if head.type == "Variables" then
    node.kind, node.target = head.kind, head.declarations[1].target
  else
    node.target = grammar.to_pattern(c, head)
  end
  node.subject = node.type == "ForOf" and grammar.assignment(c) or grammar.expression(c)
end

local function counted_loop(c, node, head)
  if head and head.type == "Variables" then check_values(c, head) end
  node.head = head
  c:expect ";"
  if not c:at ";" then node.test = grammar.expression(c) end
  c:expect ";"
  if not c:at ")" then node.update = grammar.expression(c) end
end

local function for_statement(c)
  local node = c:node "For"
  c:advance()
  node.is_await = c:accept_word "await"
  c:expect "("
  local head = loop_head(c)
  if head and (c:at_word "of" or c:at_word "in") then
    each_loop(c, node, head)
  else
    counted_loop(c, node, head)
  end
  c:expect ")"
  node.body = body(c)
  return node
end

local function while_statement(c)
  local node = c:node "While"
  c:advance()
  c:expect "("
  node.test = grammar.expression(c)
  c:expect ")"
  node.body = body(c)
  return node
end

local function do_statement(c)
  local node = c:node "DoWhile"
  c:advance()
  node.body = body(c)
  c:expect_word "while"
  c:expect "("
  node.test = grammar.expression(c)
  c:expect ")"
  c:accept ";"
  return node
end

local function return_statement(c)
  local node = c:node "Return"
  c:advance()
  if not (c.after_newline or c:at ";" or c:at "}" or c.kind == "end") then
    node.argument = grammar.expression(c)
  end
  c:semicolon()
  return node
end

local function throw_statement(c)
  local node = c:node "Throw"
  c:advance()
  if c.after_newline then c:fail "a throw and its value stand on one line" end
  node.argument = grammar.expression(c)
  c:semicolon()
  return node
end

local function jump(c, kind)
  local node = c:node(kind)
  c:advance()
  if c.kind == "name" and not c.after_newline and not grammar.RESERVED[c.value] then
    node.label = c.value
    c:advance()
  end
  c:semicolon()
  return node
end

local function try_statement(c)
  local node = c:node "Try"
  c:advance()
  node.block = grammar.block(c)
  if c:at_word "catch" then
    node.handler = c:node "Catch"
    c:advance()
    if c:accept "(" then
      node.handler.target = grammar.binding(c)
      grammar.skip_annotation(c)
      c:expect ")"
    end
    node.handler.body = grammar.block(c)
  end
  if c:accept_word "finally" then node.finalizer = grammar.block(c) end
  if not node.handler and not node.finalizer then c:fail_expected "'catch' or 'finally'" end
  return node
end

local function case(c)
  local node = c:node "Case"
  node.body = {}
  if c:accept_word "default" then
    node.is_default = true
  else
    c:expect_word "case"
    node.test = grammar.expression(c)
  end
  c:expect ":"
  while not (c:at "}" or c:at_word "case" or c:at_word "default") do
    if c.kind == "end" then c:fail_expected "'}'" end
    local inner = statement(c)
    if inner then table.insert(node.body, inner) end
  end
  return node
end

local function switch_statement(c)
  local node = c:node "Switch"
  c:advance()
  c:expect "("
  node.subject, node.cases = grammar.expression(c), {}
  c:expect ")"
  c:expect "{"
  while not c:at "}" do table.insert(node.cases, case(c)) end
  c:expect "}"
  return node
end

local function enum(c)
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

local function namespace(c)
  local node = c:node "Namespace"
  c:advance()
  if c.kind == "string" then c:fail "only 'declare module' has a text for a name" end
  node.name = c:expect_name()
  node.body = grammar.block(c).body
  return node
end

--- `declare …` says what exists elsewhere.
local function declared(c)
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
  statement(c)
end

local function function_statement(c, is_async)
  local fn = grammar.func(c, is_async)
  if not fn.name then c:fail_at(fn.start, "this function has no name") end
  fn.is_declaration = true
  return not fn.is_signature and fn or nil
end

local function class_statement(c)
  local class = grammar.class(c)
  if not class.name then c:fail_at(class.start, "this class has no name") end
  class.is_declaration = true
  return class
end
grammar.function_statement, grammar.class_statement = function_statement, class_statement

local WORD = {
  const = function(c)
    local kind, value = c:peek()
    if kind == "name" and value == "enum" then
      c:advance()
      return enum(c)
    end
    return variable_statement(c)
  end,
  var = variable_statement,
  ["function"] = function(c) return function_statement(c) end,
  class = class_statement,
  enum = enum,
  ["if"] = if_statement,
  ["for"] = for_statement,
  ["while"] = while_statement,
  ["do"] = do_statement,
  ["return"] = return_statement,
  throw = throw_statement,
  ["break"] = function(c) return jump(c, "Break") end,
  ["continue"] = function(c) return jump(c, "Continue") end,
  try = try_statement,
  switch = switch_statement,
  export = function(c) return grammar.export(c) end,
  debugger = function(c)
    c:advance()
    c:semicolon()
  end,
  with = function(c)
    c:refuse("'with' is not supported", "name the object in each place")
    c:advance()
    c:expect "("
    grammar.expression(c)
    c:expect ")"
    return body(c)
  end,
}

--- Words that are keywords only where something certain follows: returns whether it does.
local function names_follow(c) return (c:peek_name()) end
local CONTEXTUAL = {
  let = { at_declaration, variable_statement },
  async = {
    function(c)
      local is_name, word = c:peek_name()
      return is_name and word == "function"
    end,
    function(c)
      c:advance()
      return function_statement(c, true)
    end,
  },
  abstract = {
    function(c)
      local is_name, word = c:peek_name()
      return is_name and word == "class"
    end,
    function(c)
      c:advance()
      return class_statement(c)
    end,
  },
  import = {
    function(c) return not (c:peek_at "(" or c:peek_at ".") end,
    function(c) return grammar.import(c) end,
  },
  interface = { names_follow, function(c) grammar.skip_interface(c) end },
  type = { names_follow, function(c) grammar.skip_type_alias(c) end },
  declare = { names_follow, declared },
  namespace = { names_follow, namespace },
  module = { names_follow, namespace },
}

local function labelled(c)
  local node = c:node "Labelled"
  node.label = c.value
  c:advance()
  c:expect ":"
  node.body = body(c)
  return node
end

local function word_statement(c)
  local word = c.value
  if c.escaped then return false end
  if WORD[word] then return true, WORD[word](c) end
  local contextual = CONTEXTUAL[word]
  if contextual and contextual[1](c) then return true, contextual[2](c) end
  if not grammar.RESERVED[word] and c:peek_at ":" then return true, labelled(c) end
  return false
end

local function expression_statement(c)
  local node = c:node "Expression"
  node.expression = grammar.expression(c)
  c:semicolon()
  return node
end

local function any_statement(c)
  if c:at "{" then return grammar.block(c) end
  if c:accept ";" then return nil end
  if c:at "@" then grammar.decorators(c) end
  if c.kind == "name" then
    local is_statement, node = word_statement(c)
    if is_statement then return node end
  end
  return expression_statement(c)
end

--- A statement, or nil for what has no effect.
function statement(c)
  c:enter()
  local node = any_statement(c)
  c:leave()
  return node
end
grammar.statement = statement
