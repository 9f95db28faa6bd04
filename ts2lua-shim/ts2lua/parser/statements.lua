--- statements: everything that stands by itself, except loops, declarations, imports and exports.

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

local WORD = {
  const = function(c)
    local kind, value = c:peek()
    if kind == "name" and value == "enum" then
      c:advance()
      return grammar.enum(c)
    end
    return grammar.variable_statement(c)
  end,
  var = grammar.variable_statement,
  ["function"] = function(c) return grammar.function_statement(c) end,
  class = grammar.class_statement,
  enum = grammar.enum,
  ["if"] = if_statement,
  ["for"] = grammar.for_statement,
  ["while"] = grammar.while_statement,
  ["do"] = grammar.do_statement,
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
  let = { grammar.at_declaration, grammar.variable_statement },
  async = {
    function(c)
      local is_name, word = c:peek_name()
      return is_name and word == "function"
    end,
    function(c)
      local start = c.start
      c:advance()
      return grammar.function_statement(c, true, start)
    end,
  },
  abstract = {
    function(c)
      local is_name, word = c:peek_name()
      return is_name and word == "class"
    end,
    function(c)
      c:advance()
      return grammar.class_statement(c)
    end,
  },
  import = {
    function(c) return not (c:peek_at "(" or c:peek_at ".") end,
    function(c) return grammar.import(c) end,
  },
  interface = { names_follow, function(c) grammar.skip_interface(c) end },
  type = { names_follow, function(c) grammar.skip_type_alias(c) end },
  declare = { names_follow, grammar.declared },
  namespace = { names_follow, grammar.namespace },
  module = { names_follow, grammar.namespace },
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
grammar.statement, grammar.body = statement, body
