--- expressions: from a comma down to names and literals.

local grammar = require "ts2lua.parser.grammar"

local match = string.match

local assignment, unary, member_tail, primary

--- A production whose head rules end: brackets stand around it.
function grammar.outside_head(c, production)
  local no_in, before_colon = c.no_in, c.before_colon
  c.no_in, c.before_colon = false, false
  local node = production(c)
  c.no_in, c.before_colon = no_in, before_colon
  return node
end

local function argument_list(c)
  local arguments = {}
  c:expect "("
  while not c:at ")" do
    if c:at "..." then
      table.insert(arguments, grammar.spread(c))
      arguments.has_spread = true
    else
      table.insert(arguments, assignment(c))
    end
    if not c:accept "," then break end
  end
  c:expect ")"
  return arguments
end

local function arguments(c)
  return grammar.outside_head(c, argument_list)
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
  node.callee = member_tail(c, primary(c), true)
  if c:at "<" then c:attempt(grammar.skip_type_arguments, c) end
  node.arguments = c:at "(" and arguments(c) or {}
  return node
end

local function import_expression(c)
  local node = c:node "ImportCall"
  c:advance()
  if c:at "(" then
    node.argument = arguments(c)[1]
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
  node.tag, node.template = tag, grammar.outside_head(c, grammar.template)
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
function member_tail(c, node, no_call)
  local levels = 0
  while true do
    local longer = tail_step(c, node, no_call)
    if not longer then return node end
    node = longer
    levels = levels + 1
    if levels > 500 then c:fail("this chain is too long", "give a part of it a name") end
  end
end
grammar.member_tail = member_tail

local function postfix(c)
  local node = primary(c)
  if node.is_arrow and not node.parenthesised then return node end
  node = member_tail(c, node)
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

local PRECEDENCE = {
  ["??"] = 1, ["||"] = 2, ["&&"] = 3, ["|"] = 4, ["^"] = 5, ["&"] = 6, ["=="] = 7, ["!="] = 7,
  ["==="] = 7, ["!=="] = 7, ["<"] = 8, [">"] = 8, ["<="] = 8, [">="] = 8, ["instanceof"] = 8,
  ["in"] = 8, ["as"] = 8, ["satisfies"] = 8, ["<<"] = 9, [">>"] = 9, [">>>"] = 9, ["+"] = 10,
  ["-"] = 10, ["*"] = 11, ["/"] = 11, ["%"] = 11,
}
local LOGICAL = { ["??"] = true, ["||"] = true, ["&&"] = true }

--- The binary operator here, or nil.
local function operator(c)
  if c.kind == "punctuation" then
    local text = c:at ">" and c:join_greater() or c.value
    return PRECEDENCE[text] and text or nil
  end
  if c.kind ~= "name" or c.escaped then return nil end
  local word = c.value
  if word == "instanceof" then return word end
  if word == "in" and not c.no_in then return word end
  if (word == "as" or word == "satisfies") and not c.after_newline then return word end
  return nil
end

local function step_over(c, text)
  if c:at ">" then c.position = c.start + #text end
  c:advance()
end

local function cast(c)
  c:advance()
  if c:at_word "const" then c:advance() else grammar.skip_type(c) end
end

--- Operators that bind at least as tightly as `least`.
local function binary(c, least)
  local node = unary(c)
  while true do
    local text = operator(c)
    if not text or PRECEDENCE[text] < least then return node end
    if text == "as" or text == "satisfies" then
      cast(c)
    else
      local joined = { type = LOGICAL[text] and "Logical" or "Binary", line = node.line,
        start = node.start, operator = text, left = node }
      step_over(c, text)
      c:enter()
      joined.right = binary(c, PRECEDENCE[text] + 1)
      c:leave()
      node = joined
    end
  end
end

local ASSIGNMENT = {}
for text in ("= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??="):gmatch "%S+" do
  ASSIGNMENT[text] = true
end

local function yield(c)
  local node = c:node "Yield"
  c:advance()
  if c:accept "*" then node.delegate = true end
  local ends = c.after_newline or c.kind == "end" or c.kind == "punctuation"
    and match(c.value, "^[%)%]},;:]$")
  if not ends then node.argument = assignment(c) end
  return node
end

local function conditional(c, test)
  local node = { type = "Conditional", line = test.line, start = test.start, test = test }
  c:expect "?"
  local no_in, before_colon = c.no_in, c.before_colon
  c.no_in, c.before_colon = false, true
  node.yes = assignment(c)
  c.no_in, c.before_colon = no_in, before_colon
  c:expect ":"
  node.no = assignment(c)
  return node
end

local function assignment_rest(c, target)
  local text = c:at ">" and c:join_greater() or c.value
  if c.kind ~= "punctuation" or not ASSIGNMENT[text] then return target end
  local node = { type = "Assign", line = target.line, start = target.start, operator = text }
  if text == "=" then
    node.target = grammar.to_pattern(c, target)
  elseif target.type == "Object" or target.type == "Array" then
    c:fail(("'%s' cannot take a value apart"):format(text))
  else
    node.target = grammar.to_pattern(c, target)
  end
  step_over(c, text)
  node.value = assignment(c)
  return node
end

function assignment(c)
  c:enter()
  local node
  if c:at_word "yield" then
    node = yield(c)
  else
    node = binary(c, 1)
    if node.is_arrow and not node.parenthesised then
      c:leave()
      return node
    end
    if c:at "?" then node = conditional(c, node) else node = assignment_rest(c, node) end
  end
  c:leave()
  return node
end
grammar.assignment = assignment

--- An expression, with commas.
function grammar.expression(c)
  local first = assignment(c)
  if not c:at "," then return first end
  local node = { type = "Sequence", line = first.line, start = first.start,
    expressions = { first } }
  while c:accept "," do table.insert(node.expressions, assignment(c)) end
  return node
end
