--- expressions: operands, from unary operators down to names and literals.

local grammar = require "ts2lua.parser.grammar"

local match = string.match

local unary, primary

--- A production whose head rules end: brackets stand around it.
function grammar.outside_head(c, production)
  local no_in, before_colon = c.no_in, c.before_colon
  c.no_in, c.before_colon = false, false
  local node = production(c)
  c.no_in, c.before_colon = no_in, before_colon
  return node
end

--- `( … )`: an arrow function's head, or an expression in parentheses.
local function parenthesised(c)
  local arrow = grammar.arrow(c)
  if arrow then return arrow end
  c:expect "("
  local node = grammar.outside_head(c, grammar.expression)
  c:expect ")"
  node.parenthesised = true
  return node
end

--- `<T>(a) => a`, or the cast `<T>a`.
local function angle(c)
  local arrow = grammar.arrow(c)
  if arrow then return arrow end
  c:expect "<"
  if c:at_word "const" then c:advance() else grammar.skip_type(c) end
  c:expect ">"
  return unary(c)
end

local function new_expression(c)
  local node = c:node "New"
  c:advance()
  if c:accept "." then
    c:expect_word "target"
    node.type = "NewTarget"
    return node
  end
  node.callee = grammar.member_tail(c, primary(c), true)
  if c:at "<" then c:attempt(grammar.skip_type_arguments, c) end
  node.arguments = c:at "(" and grammar.arguments(c) or {}
  return node
end

local function import_expression(c)
  local node = c:node "ImportCall"
  c:advance()
  if c:at "(" then
    node.argument = grammar.arguments(c)[1]
    if not node.argument then c:fail_at(node.start, "import() names no module") end
    return node
  end
  c:expect "."
  c:expect_word "meta"
  node.type = "ImportMeta"
  return node
end

local KEYWORD = {
  ["function"] = function(c) return grammar.check_body(c, grammar.func(c)) end,
  class = function(c) return grammar.class(c) end,
  new = new_expression,
  import = import_expression,
  this = function(c) local node = c:node "This" c:advance() return node end,
  super = function(c) local node = c:node "Super" c:advance() return node end,
  null = function(c) local node = c:node "Null" c:advance() return node end,
}
local function boolean(c)
  local node = c:node "Boolean"
  node.value = c.value == "true"
  c:advance()
  return node
end
KEYWORD["true"], KEYWORD["false"] = boolean, boolean

local function name(c)
  local word = c.value
  if not c.escaped then
    if KEYWORD[word] then return KEYWORD[word](c) end
    if word == "async" then
      local fn = grammar.async(c)
      if fn then return fn end
    end
    if grammar.RESERVED[word] then c:fail(("'%s' does not begin an expression"):format(word)) end
  end
  local node = c:node "Identifier"
  node.name = word
  c:advance()
  if c:at "=>" and not c.after_newline then return grammar.arrow_after_name(c, node) end
  return node
end

local function literal(c, kind)
  local node = c:node(kind)
  node.value = c.value
  c:advance()
  return node
end

local function private_in(c)
  local node = c:node "PrivateIn"
  node.name = c.value
  c:advance()
  if not c:at_word "in" then c:fail_expected "'in'" end
  c:advance()
  node.object = unary(c)
  return node
end

local function decorated_class(c)
  grammar.decorators(c)
  return grammar.class(c)
end

local PUNCTUATION = {
  ["("] = parenthesised,
  ["<"] = angle,
  ["["] = function(c) return grammar.outside_head(c, grammar.array) end,
  ["{"] = function(c) return grammar.outside_head(c, grammar.object) end,
  ["/"] = function(c) return grammar.regular_expression(c) end,
  ["/="] = function(c) return grammar.regular_expression(c) end,
  ["@"] = decorated_class,
}

function primary(c)
  if c.kind == "name" then return name(c) end
  if c.kind == "number" then return literal(c, "Number") end
  if c.kind == "string" then return literal(c, "String") end
  if c.kind == "template" then return grammar.outside_head(c, grammar.template) end
  if c.kind == "punctuation" and PUNCTUATION[c.value] then return PUNCTUATION[c.value](c) end
  if c.kind == "private" then return private_in(c) end
  if c.kind == "bigint" then return literal(c, "BigInt") end
  c:fail_expected "an expression"
end
grammar.primary = primary

local function postfix(c)
  local node = primary(c)
  if node.is_arrow and not node.parenthesised then return node end
  node = grammar.member_tail(c, node)
  if (c:at "++" or c:at "--") and not c.after_newline then
    local update = c:node "Update"
    update.operator, update.argument = c.value, grammar.to_pattern(c, node)
    c:advance()
    return update
  end
  return node
end

local UNARY = { ["!"] = true, ["-"] = true, ["+"] = true, ["~"] = true }
local UNARY_WORD = { typeof = true, void = true, delete = true }

--- Words that end an expression: then `await` was a name.
local function is_await(c)
  if not c:at_word "await" then return false end
  local kind, value = c:peek()
  if kind == "end" then return false end
  return kind ~= "punctuation" or match(value, "^[%(%[{<!/~@+-]$") ~= nil
end

local function prefix(c, kind)
  local node = c:node(kind)
  node.operator = c.value
  c:advance()
  node.argument = unary(c)
  return node
end

local function unary_operand(c)
  if c:at "++" or c:at "--" then
    local node = prefix(c, "Update")
    node.prefix, node.argument = true, grammar.to_pattern(c, node.argument)
    return node
  end
  if c.kind == "punctuation" and UNARY[c.value] then return prefix(c, "Unary") end
  if c.kind == "name" and UNARY_WORD[c.value] and not c.escaped then return prefix(c, "Unary") end
  if is_await(c) then return prefix(c, "Await") end
  return postfix(c)
end

function unary(c)
  c:enter()
  local node = unary_operand(c)
  if c:at "**" and (node.parenthesised or node.type ~= "Unary") then
    local power = c:node "Binary"
    c:advance()
    power.operator, power.left, power.right = "**", node, unary(c)
    node = power
  end
  c:leave()
  return node
end
grammar.unary = unary
