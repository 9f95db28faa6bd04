--- loops: `for`, `while` and `do`.

local grammar = require "ts2lua.parser.grammar"

local function loop_head(c)
  if c:at ";" then return nil end
  c.no_in = true
  local head = grammar.at_declaration(c) and grammar.variables(c) or grammar.expression(c)
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
  if head and head.type == "Variables" then grammar.check_values(c, head) end
  node.head = head
  c:expect ";"
  if not c:at ";" then node.test = grammar.expression(c) end
  c:expect ";"
  if not c:at ")" then node.update = grammar.expression(c) end
end

function grammar.for_statement(c)
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
  node.body = grammar.body(c)
  return node
end

function grammar.while_statement(c)
  local node = c:node "While"
  c:advance()
  c:expect "("
  node.test = grammar.expression(c)
  c:expect ")"
  node.body = grammar.body(c)
  return node
end

function grammar.do_statement(c)
  local node = c:node "DoWhile"
  c:advance()
  node.body = grammar.body(c)
  c:expect_word "while"
  c:expect "("
  node.test = grammar.expression(c)
  c:expect ")"
  c:accept ";"
  return node
end
