--- statements: declarations, conditions, blocks, enums and namespaces.

local assignments = require "ts2lua.emitter.assignments"
local facts = require "ts2lua.scopes.facts"
local functions = require "ts2lua.emitter.functions"
local names = require "ts2lua.scopes.names"
local operators = require "ts2lua.emitter.operators"
local rules = require "ts2lua.emitter.rules"

local expression, quote = rules.expression, names.quote
local STATEMENT = rules.statements

local WITHOUT_EFFECT = { Identifier = true, String = true, Number = true, Null = true,
  Boolean = true, This = true, Function = true }

local discard

--- `a && b()` as a statement.
local function discard_logical(e, node)
  local test
  if node.operator == "??" then
    test = operators.needs_right(e, "??", (rules.repeatable(e, node.left)))
  else
    test = operators.condition(e, node.left)
    if node.operator == "||" then test = "not " .. test end
  end
  e:push("if " .. test .. " then")
  discard(e, node.right)
  e:push "end;"
end

local function discard_conditional(e, node)
  e:push("if " .. operators.condition(e, node.test) .. " then")
  discard(e, node.yes)
  e:push "else"
  discard(e, node.no)
  e:push "end;"
end

local function discard_any(e, node)
  if node.type == "Assign" then return assignments.assign(e, node, true) end
  if node.type == "Update" then return assignments.update(e, node, true) end
  if node.type == "Logical" then return discard_logical(e, node) end
  if node.type == "Conditional" then return discard_conditional(e, node) end
  local text, form = expression(e, node)
  if form == "call" and not text:find("^%(") then
    e:push(text .. ";")
  elseif form == "prefix" or form == "call" or form == "table" then
    e:push("local __ = " .. text .. ";")
    e.locals = e.locals + 1
  end
end

--- Writes an expression for its effect alone.
function discard(e, node)
  if WITHOUT_EFFECT[node.type] and (node.type ~= "Identifier"
    or node.binding and not node.zone) then return end
  e:block(discard_any, e, node)
end
rules.discard = discard

function STATEMENT.Expression(e, node) discard(e, node.expression) end

--- A name and its first value.
local function declare_name(e, node)
  local binding, value = node.target.binding, node.value
  local is_new = e:declare(binding)
  local lua = e:place(binding)
  if not value then
    if is_new then
      e:push("local " .. lua .. ";")
    elseif binding.kind ~= "var" then
      e:push(lua .. " = nil;")
    end
    return
  end
  -- A function in the value may already mean this name.
  if is_new and (binding.is_captured or value.type == "Function") then
    e:push("local " .. lua .. ";")
    is_new = false
  end
  local before = e.locals
  local statements, text = e:capture(expression, e, value)
  if e.locals > before then
    e:push((is_new and "local " .. lua .. "; " or "") .. "do")
    e:append(statements)
    e:push(lua .. " = " .. text .. "; end;")
  else
    e:append(statements)
    e:push((is_new and "local " or "") .. lua .. " = " .. text .. ";")
  end
end

local function declare_pattern(e, node)
  functions.declare_names(e, node.target)
  e:block(function()
    assignments.assign_pattern(e, node.target, (rules.repeatable(e, node.value)))
  end)
end

function STATEMENT.Variables(e, node)
  for _, declaration in ipairs(node.declarations) do
    e:push(e:mark(declaration.line))
    if declaration.target.type == "Identifier" then
      if declaration.value or node.kind ~= "var" then declare_name(e, declaration) end
    else
      declare_pattern(e, declaration)
    end
  end
end

function STATEMENT.Block(e, node)
  e:push "do"
  rules.body(e, node)
  e:push "end;"
end

--- The clauses from `i` on. One whose test needs statements stands inside the `else` before it.
local function clauses(e, node, i)
  local depth = 0
  for k = i, #node.clauses do
    local clause = node.clauses[k]
    local before, test = e:capture(operators.condition, e, clause.test)
    if k > i and #before == 0 then
      e:push("elseif " .. e:mark(clause.line) .. test .. " then")
    else
      if k > i then
        e:push "else"
        depth = depth + 1
      end
      e:append(before)
      e:push(e:mark(clause.line) .. "if " .. test .. " then")
    end
    rules.body(e, clause.body)
  end
  if node.otherwise then
    e:push "else"
    rules.body(e, node.otherwise)
  end
  e:push(("end; "):rep(depth + 1))
end

function STATEMENT.If(e, node)
  e:block(clauses, e, node, 1)
end

--- Function declarations are written at the start of their block.
function STATEMENT.Function() end

-- Enums.

--- The value of a member that has none of its own: one more than the one before.
local function next_value(e, node, i)
  local previous = node.members[i - 1]
  if not previous then return "0" end
  if previous.number then return names.number(previous.number + 1) end
  return e:call("add", e:call("get", e:place(node.binding), quote(previous.key)), "1")
end

local function enum_member(e, node, i)
  local member = node.members[i]
  local value
  if member.value then
    if member.value.type == "Number" then member.number = member.value.value end
    value = expression(e, member.value)
  else
    value = next_value(e, node, i)
    member.number = tonumber(value)
  end
  local has_name = not (member.value and facts.is(member.value, "string"))
  e:push(e:mark(member.line) .. e:call("enum_member", e:place(node.binding), quote(member.key),
    value, tostring(has_name)) .. ";")
end

function STATEMENT.Enum(e, node)
  local binding = node.binding
  if e:declare(binding) then e:push("local " .. binding.lua .. ";") end
  e:push(e:place(binding) .. " = " .. e:place(binding) .. " or " .. e:call "object" .. ";")
  e:block(function()
    for i = 1, #node.members do enum_member(e, node, i) end
  end)
end

function STATEMENT.Namespace(e, node)
  local binding = node.binding
  if e:declare(binding) then e:push("local " .. binding.lua .. ";") end
  local place = e:place(binding)
  e:push(place .. " = " .. place .. " or " .. e:call "object" .. ";")
  local holder, outer = e:unique "namespace", e.holder
  e:push("do local " .. holder .. " = " .. place .. ";")
  e.holder = holder
  rules.prepare_exports(e, node.body)
  functions.hoist_locals(e, node.scope, node.body)
  functions.statements(e, node.body)
  e.holder = outer
  e:push "end;"
end
