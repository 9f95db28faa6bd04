--- operators: arithmetic, comparison, logic and conditions.

local facts = require "ts2lua.scopes.facts"
local names = require "ts2lua.scopes.names"
local rules = require "ts2lua.emitter.rules"

local expression, pair = rules.expression, rules.pair
local EXPRESSION = rules.expressions

local operators = {}

local HELPER = {
  ["+"] = "add", ["-"] = "subtract", ["*"] = "multiply", ["/"] = "divide", ["%"] = "remainder",
  ["**"] = "power", ["&"] = "bit_and", ["|"] = "bit_or", ["^"] = "bit_xor",
  ["<<"] = "shift_left", [">>"] = "shift_right", [">>>"] = "shift_right_unsigned",
  ["=="] = "loosely_equal", ["<"] = "less", ["<="] = "less_equal", [">"] = "greater",
  [">="] = "greater_equal", ["in"] = "has_property", ["instanceof"] = "instance_of",
}
local LUA = { ["+"] = true, ["-"] = true, ["*"] = true, ["/"] = true }
local ORDER = { ["<"] = true, ["<="] = true, [">"] = true, [">="] = true }

--- Deeper than this, an operand gets a name: Lua allows 200 levels of brackets.
local DEPTH_MAX = 60

local function sum(e, a, b, left, right)
  if left == "number" and right == "number" then return "(" .. a .. " + " .. b .. ")", "prefix" end
  if left == "string" and right == "string" then return "(" .. a .. " .. " .. b .. ")", "prefix" end
  return e:call("add", a, b), "call"
end

--- An operator between two texts whose kinds are `left` and `right`.
---@return string text
---@return string form
function operators.apply(e, operator, a, b, left, right)
  if operator == "===" then return "(" .. a .. " == " .. b .. ")", "prefix" end
  if operator == "!==" then return "(" .. a .. " ~= " .. b .. ")", "prefix" end
  if operator == "!=" then return "(not " .. e:call("loosely_equal", a, b) .. ")", "prefix" end
  if operator == "+" then return sum(e, a, b, left, right) end
  local same = left == right and left
  if LUA[operator] and same == "number"
    or ORDER[operator] and (same == "number" or same == "string") then
    return "(" .. a .. " " .. operator .. " " .. b .. ")", "prefix"
  end
  return e:call(HELPER[operator], a, b), "call"
end

--- The operands of a chain of `+` that makes a text, from the first that takes part in it.
local function text_parts(node, parts)
  if node.type == "Binary" and node.operator == "+" and facts.is(node, "string")
    and not node.parts_counted then
    text_parts(node.left, parts)
    table.insert(parts, node.right)
  else
    table.insert(parts, node)
  end
  return parts
end

local function as_text(e, node, text, form)
  if facts.is(node, "string") then return rules.single(text, form) end
  return e:call("concatenated", text)
end

--- `"a" + b + c` as one Lua concatenation, in pieces that Lua can hold in its registers.
local function concatenation(e, node)
  local parts = text_parts(node, {})
  local texts, forms = rules.in_order(e, parts, #parts)
  local made = {}
  for i, part in ipairs(parts) do
    made[#made + 1] = as_text(e, part, texts[i], forms[i])
    if #made == 100 then made = { e:temporary(table.concat(made, " .. ")) } end
  end
  return "(" .. table.concat(made, " .. ") .. ")", "prefix"
end

local function is_nothing(node)
  return node.type == "Null" or facts.is_global(node, "undefined")
end

--- `a == null` is true for undefined as well.
local function nullish_comparison(e, node)
  local operand = is_nothing(node.right) and node.left or is_nothing(node.left) and node.right
  if not operand then return nil end
  local text = rules.repeatable(e, operand)
  local test = "(" .. text .. " == nil or " .. text .. " == " .. e:helper "null" .. ")"
  return node.operator == "==" and test or "(not " .. test .. ")", "prefix"
end

local TYPE_NAMES = { string = true, number = true, boolean = true }

local function typeof_parts(node)
  local left, right = node.left, node.right
  if right.type == "Unary" and right.operator == "typeof" then left, right = right, left end
  if left.type ~= "Unary" or left.operator ~= "typeof" or right.type ~= "String" then return nil end
  local operand = left.argument
  if operand.type == "Identifier" and not operand.binding then return nil end
  return operand, right.value
end

--- `typeof a === "string"` asks Lua's own type.
local function typeof_comparison(e, node)
  local operand, name = typeof_parts(node)
  if not operand then return nil end
  local test
  if TYPE_NAMES[name] then
    -- The brackets make a value of a call that returns none.
    test = e:call("type", "(" .. expression(e, operand) .. ")") .. " == " .. names.quote(name)
  elseif name == "undefined" then
    test = rules.prefix(expression(e, operand)) .. " == nil"
  else
    return nil
  end
  local is_negative = node.operator == "!==" or node.operator == "!="
  return is_negative and "(not (" .. test .. "))" or "(" .. test .. ")", "prefix"
end

--- Operators that are written in a way of their own; nil for all others.
local function special(e, node)
  local operator = node.operator
  if operator == "+" and facts.is(node, "string") then return concatenation(e, node) end
  if operator == "==" or operator == "!=" then
    local text, form = nullish_comparison(e, node)
    if text then return text, form end
  end
  if operator:find "==" then return typeof_comparison(e, node) end
  return nil
end

--- `==` between two values of one simple kind is `===`.
local function strict(node)
  local operator = node.operator
  if operator ~= "==" and operator ~= "!=" then return operator end
  local kind = facts.of(node.left)
  if kind and kind ~= "object" and kind ~= "array" and kind == facts.of(node.right) then
    return operator .. "="
  end
  return operator
end

local function depth_of_left(node)
  local depth = 0
  while node.left do
    depth = depth + 1
    node = node.left
  end
  return depth
end

--- A long chain is written piece by piece, from its left end, so that neither this function nor
--- Lua's brackets nest as deeply as the chain.
local function chain(e, node)
  local spine = {}
  while node.type == "Binary" and not (node.operator == "+" and facts.is(node, "string")) do
    table.insert(spine, 1, node)
    node = node.left
  end
  local text, form = expression(e, node)
  local kind = facts.of(node)
  for i, each in ipairs(spine) do
    local before, right, right_form = e:capture(expression, e, each.right)
    if #before > 0 and not rules.is_movable(form) then text = e:temporary(text) end
    e:append(before)
    if form == "shared" and #before == 0 and right_form ~= "constant" then
      text = e:temporary(text)
    end
    text, form = operators.apply(e, strict(each), text, right, kind, facts.of(each.right))
    kind = facts.of(each)
    if i % DEPTH_MAX == 0 then text, form = e:temporary(text), "fixed" end
  end
  return text, form
end

function EXPRESSION.Binary(e, node)
  local text, form = special(e, node)
  if text then return text, form end
  if depth_of_left(node) > DEPTH_MAX then return chain(e, node) end
  local texts = pair(e, node.left, node.right)
  return operators.apply(e, strict(node), texts[1], texts[2], facts.of(node.left),
    facts.of(node.right))
end

function EXPRESSION.PrivateIn(e, node)
  return e:call("has_own", (expression(e, node.object)),
    names.quote(operators.private_key(e, node.owner, node.name))), "call"
end

--- The property that holds `#name`: no text that JavaScript can make.
function operators.private_key(e, owner, name)
  return ("\255%s@%s:%d"):format(name, e.program.file, owner.start)
end

-- Truth.

local condition

local function both_conditions(e, node)
  local left = condition(e, node.left)
  local before, right = e:capture(condition, e, node.right)
  local is_and = node.operator == "&&"
  if #before == 0 then
    return "(" .. left .. (is_and and " and " or " or ") .. right .. ")"
  end
  local result = e:temporary(left)
  e:push("if " .. (is_and and "" or "not ") .. result .. " then")
  e:append(before)
  e:push(result .. " = " .. right .. "; end;")
  return result
end

--- The Lua condition for "the expression is truthy".
function condition(e, node)
  if node.type == "Unary" and node.operator == "!" then
    return "(not " .. condition(e, node.argument) .. ")"
  end
  if node.type == "Logical" and node.operator ~= "??" then return both_conditions(e, node) end
  if node.type == "Boolean" then return node.value and "true" or "false" end
  return rules.truth(e, node, (expression(e, node)))
end
operators.condition = condition

--- The test after which `value` is replaced by the right side.
function operators.needs_right(e, operator, value)
  if operator == "&&" then return e:call("truthy", value) end
  if operator == "||" then return "not " .. e:call("truthy", value) end
  return value .. " == nil or " .. value .. " == " .. e:helper "null"
end

--- The simple cases, which Lua's own `and` and `or` can do.
local function plain_logical(e, node, left, right)
  local kind = facts.of(node.left)
  if node.operator == "||" then
    if kind == "boolean" then return "(" .. left .. " or " .. right .. ")" end
    return "(" .. e:call("or_nil", left) .. " or " .. right .. ")"
  end
  if node.operator == "&&" and (kind == "boolean" or kind == "object" or kind == "array") then
    return "(" .. left .. " and " .. right .. ")"
  end
  return nil
end

function EXPRESSION.Logical(e, node)
  if node.operator ~= "??" and facts.is(node.left, "boolean")
    and facts.is(node.right, "boolean") then
    return condition(e, node), "prefix"
  end
  local left = expression(e, node.left)
  local before, right = e:capture(expression, e, node.right)
  local plain = #before == 0 and plain_logical(e, node, left, right)
  if plain then return plain, "prefix" end
  local result = e:temporary(left)
  e:push("if " .. operators.needs_right(e, node.operator, result) .. " then")
  e:append(before)
  e:push(result .. " = " .. right .. "; end;")
  return result, "fixed"
end

--- Is the value never false or nil in Lua, so that `c and a or b` is `c ? a : b`?
local TRUE_IN_LUA = { number = true, string = true, array = true, object = true }

function EXPRESSION.Conditional(e, node)
  local test = condition(e, node.test)
  local before_yes, yes = e:capture(expression, e, node.yes)
  local before_no, no = e:capture(expression, e, node.no)
  if #before_yes == 0 and #before_no == 0 and TRUE_IN_LUA[facts.of(node.yes) or ""]
    and not (node.yes.type == "Identifier" and node.yes.binding) then
    return "(" .. test .. " and " .. yes .. " or " .. no .. ")", "prefix"
  end
  local result = e:temporary()
  e:push("if " .. test .. " then")
  e:append(before_yes)
  e:push(result .. " = " .. yes .. "; else")
  e:append(before_no)
  e:push(result .. " = " .. no .. "; end;")
  return result, "fixed"
end

local UNARY = {}

UNARY["!"] = function(e, node)
  return "(not " .. condition(e, node.argument) .. ")", "prefix"
end

UNARY["-"] = function(e, node)
  local operand = node.argument
  if operand.type == "Number" then
    if operand.value == 0 then return e:helper "minus_zero", "constant" end
    return "(-" .. names.number(operand.value) .. ")", "constant"
  end
  local text = expression(e, operand)
  if facts.is(operand, "number") then return "(-" .. text .. ")", "prefix" end
  return e:call("negate", text), "call"
end

UNARY["+"] = function(e, node)
  return e:call("to_number", (expression(e, node.argument))), "call"
end

UNARY["~"] = function(e, node) return e:call("bit_not", (expression(e, node.argument))), "call" end

local VALUE_NAMES = { undefined = true, NaN = true, Infinity = true }

UNARY["typeof"] = function(e, node)
  local operand = node.argument
  if operand.type == "Identifier" and not operand.binding and not VALUE_NAMES[operand.name] then
    return e:call("typeof_global", names.quote(operand.name)), "call"
  end
  return e:call("typeof", (expression(e, operand))), "call"
end

UNARY["void"] = function(e, node)
  rules.discard(e, node.argument)
  return "nil", "constant"
end

UNARY["delete"] = function(e, node)
  local operand = node.argument
  if operand.type == "Member" then
    if operand.is_private then e:fail(operand, "a private name cannot be deleted") end
    local object = expression(e, operand.object)
    return e:call("delete", object, names.quote(operand.name)), "call"
  elseif operand.type == "Index" then
    local texts = pair(e, operand.object, operand.index)
    return e:call("delete", texts[1], texts[2]), "call"
  end
  rules.discard(e, operand)
  return "true", "constant"
end

function EXPRESSION.Unary(e, node)
  return UNARY[node.operator](e, node)
end

return operators
