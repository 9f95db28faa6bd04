--- facts: the kind of value an expression has, as far as its syntax proves it.
---
--- TypeScript's types are never asked: they are promises that programs break. A variable has a
--- kind when everything it is ever given has that kind.

local facts = {}

local ARITHMETIC, COMPARISON = {}, {}
for operator in ("- * / % ** & | ^ << >> >>>"):gmatch "%S+" do ARITHMETIC[operator] = true end
for operator in ("=== !== == != < > <= >= in instanceof"):gmatch "%S+" do
  COMPARISON[operator] = true
end

local of

--- The question being answered: the kinds found so far, the bindings that were asked for while
--- still open, and what was concluded from those.
---@class ts2lua.Question
---@field found table<ts2lua.Binding, string>
---@field open table<ts2lua.Binding, boolean>
---@field needs_number boolean    an open one counted as a number
---@field needs_same boolean      an open one counted as whatever its neighbours are

---@type ts2lua.Question?
local question

--- The kind all values of a binding share, or false.
local function common_kind(binding)
  local found
  for _, value in ipairs(binding.values) do
    local kind = of(value)
    if kind == "unknown yet" then
      question.needs_same = true
    else
      if not kind or found and found ~= kind then return false end
      found = kind
    end
  end
  return found or false
end

--- One binding within a question. `i = i + 1` asks for itself: then it is "unknown yet".
local function answer(binding)
  if question.found[binding] then return question.found[binding] end
  if binding.is_asked then
    question.open[binding] = true
    return "unknown yet"
  end
  binding.is_asked = true
  local kind = common_kind(binding)
  binding.is_asked = nil
  if kind then question.found[binding] = kind else binding.kind_of_value = false end
  return kind or nil
end

--- Did all that a question assumed come true?
local function is_settled()
  for each in pairs(question.open) do
    if not question.found[each] then return false end
  end
  local first
  for _, kind in pairs(question.found) do
    if question.needs_number and kind ~= "number" then return false end
    if question.needs_same and first and first ~= kind then return false end
    first = kind
  end
  return true
end

local function settle(binding)
  if not is_settled() then
    binding.kind_of_value = false
    return
  end
  for each, kind in pairs(question.found) do each.kind_of_value = kind end
end

local function of_binding(binding)
  if binding.is_open or #binding.values == 0 then return nil end
  if binding.kind_of_value ~= nil then return binding.kind_of_value or nil end
  if question then return answer(binding) end
  question = { found = {}, open = {} }
  answer(binding)
  settle(binding)
  question = nil
  return binding.kind_of_value or nil
end

local function is_number_like(kind)
  if kind == "unknown yet" then question.needs_number = true end
  return kind == "number" or kind == "unknown yet"
end

local function sum(left, right)
  if left == "string" or right == "string" then return "string" end
  if left and right and is_number_like(left) and is_number_like(right) then return "number" end
  return nil
end

--- Whether values may be BigInts, whose arithmetic gives BigInts.
local has_bigints = false

--- Begins with a program.
---@param program table
function facts.begin(program)
  has_bigints, question = program.has_bigints, nil
end

--- Numbers, when both sides are.
local function product(left, right)
  if not has_bigints then return "number" end
  if left and right and is_number_like(left) and is_number_like(right) then return "number" end
  return nil
end

local function of_binary(operator, left, right)
  if ARITHMETIC[operator] then
    return operator == ">>>" and "number" or product(of(left), of(right))
  end
  if COMPARISON[operator] then return "boolean" end
  return sum(of(left), of(right))
end

--- Is the node the global of that name?
function facts.is_global(node, name)
  return node.type == "Identifier" and node.name == name and not node.binding
end

local NUMBER_FUNCTIONS = {}
for name in ([[floor ceil abs random max min sqrt round sin cos tan pow atan2 hypot trunc sign log
    exp]]):gmatch "%S+" do
  NUMBER_FUNCTIONS[name] = true
end

local function of_call(node)
  local callee = node.callee
  if callee.type ~= "Member" then return nil end
  if facts.is_global(callee.object, "Math") and NUMBER_FUNCTIONS[callee.name] then
    return "number"
  end
  if facts.is_global(callee.object, "Date") and callee.name == "now" then return "number" end
  if facts.is_global(callee.object, "Array") and callee.name == "isArray" then return "boolean" end
  return nil
end

local function same(a, b)
  local kind = of(a)
  return kind == of(b) and kind or nil
end

local UNARY = { ["!"] = "boolean", delete = "boolean", typeof = "string", ["+"] = "number" }

local function of_unary(node)
  if UNARY[node.operator] then return UNARY[node.operator] end
  if node.operator == "void" then return nil end
  return product("number", of(node.argument))
end

local OF = {
  Number = function() return "number" end,
  String = function() return "string" end,
  Template = function() return "string" end,
  Boolean = function() return "boolean" end,
  Array = function() return "array" end,
  Update = function(node) return product("number", of(node.argument)) end,
  Object = function() return "object" end,
  Function = function() return "object" end,
  Class = function() return "object" end,
  RegExp = function() return "object" end,
  Unary = of_unary,
  Binary = function(node) return of_binary(node.operator, node.left, node.right) end,
  Logical = function(node) return same(node.left, node.right) end,
  Conditional = function(node) return same(node.yes, node.no) end,
  Call = of_call,
}

function OF.Identifier(node)
  if node.binding then return of_binding(node.binding) end
  if node.name == "Infinity" or node.name == "NaN" then return "number" end
  return nil
end

function OF.Assign(node)
  if node.operator == "=" then return of(node.value) end
  local operator = node.operator:sub(1, -2)
  if operator == "&&" or operator == "||" or operator == "??" then return nil end
  return of_binary(operator, node.target, node.value)
end

--- "number", "string", "boolean", "array" or "object" (never null or undefined); nil when
--- nothing is sure; "unknown yet" inside a question about itself.
function of(node)
  local rule = OF[node.type]
  return rule and rule(node) or nil
end
facts.of = of

--- Is the value sure to be of that kind?
function facts.is(node, kind)
  return of(node) == kind
end

return facts
