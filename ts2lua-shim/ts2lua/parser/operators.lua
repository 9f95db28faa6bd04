--- operators: binary operators by their precedence, `? :`, assignments and the comma.

local grammar = require "ts2lua.parser.grammar"

local match = string.match

local assignment

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
  local node = grammar.unary(c)
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
  if node.target.type == "Identifier" then grammar.named(node.value, node.target.name) end
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
