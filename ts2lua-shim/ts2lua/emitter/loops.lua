--- loops: `for`, `while`, `do`, `for … of`, `for … in`, `switch` and labels.

local assignments = require "ts2lua.emitter.assignments"
local functions = require "ts2lua.emitter.functions"
local jumps = require "ts2lua.emitter.jumps"
local operators = require "ts2lua.emitter.operators"
local rules = require "ts2lua.emitter.rules"

local expression = rules.expression
local STATEMENT = rules.statements

--- The statement of a branch or loop, as the inside of a Lua block.
local function body(e, node)
  if node.type == "Block" and node.scope then
    functions.hoist_locals(e, node.scope, node.body)
    functions.statements(e, node.body)
  elseif node.type ~= "Block" then
    rules.statement(e, node)
  end
end
rules.body = body

--- Writes `do … end`, and behind it the label that `break` goes to.
local function breakable(e, target, write)
  e:push "do"
  jumps.within(e, target, write)
  e:push "end;"
  if target.uses_break then e:push("::" .. target.break_label .. "::") end
end

--- A loop's body, and behind it the label that `continue` goes to.
local function loop_body(e, target, node)
  e:push "do"
  body(e, node)
  e:push "end;"
  if target.uses_continue then e:push("::" .. target.continue_label .. "::") end
end

--- Leaves the Lua loop around unless the test holds.
local function test(e, node)
  if not node then return end
  e:block(function()
    local text = operators.condition(e, node)
    e:push("if not " .. text .. " then break; end;")
  end)
end

--- Opens a Lua loop that runs while the test holds.
local function open_while(e, node)
  if not node then return e:push "while true do" end
  local before, text = e:capture(operators.condition, e, node)
  if #before == 0 then return e:push("while " .. text .. " do") end
  e:push "while true do do"
  e:append(before)
  e:push("if not " .. text .. " then break; end; end;")
end

function STATEMENT.While(e, node)
  local target = jumps.loop(e, node.label)
  e:push "do"
  breakable(e, target, function()
    open_while(e, node.test)
    loop_body(e, target, node.body)
    e:push "end;"
  end)
  e:push "end;"
end

function STATEMENT.DoWhile(e, node)
  local target = jumps.loop(e, node.label)
  e:push "do"
  breakable(e, target, function()
    e:push "while true do"
    loop_body(e, target, node.body)
    test(e, node.test)
    e:push "end;"
  end)
  e:push "end;"
end

local function update(e, node)
  if node then rules.discard(e, node) end
end

--- The variables of the head that functions inside the loop keep: each turn has its own.
local function kept_variables(node)
  local list = {}
  if node.head and node.head.type == "Variables" and node.head.kind ~= "var" then
    for _, binding in ipairs(node.scope.list) do
      if binding.is_captured then table.insert(list, binding) end
    end
  end
  return list
end

local function simple_for(e, node, target)
  breakable(e, target, function()
    open_while(e, node.test)
    loop_body(e, target, node.body)
    update(e, node.update)
    e:push "end;"
  end)
end

--- A loop whose turns have variables of their own, copied from turn to turn.
local function copying_for(e, node, target, kept)
  local outer = {}
  for i, binding in ipairs(kept) do outer[i] = e:temporary(binding.lua) end
  local first = e:temporary "true"
  breakable(e, target, function()
    e:push "while true do"
    for i, binding in ipairs(kept) do
      e:push("local " .. binding.lua .. " = " .. outer[i] .. ";")
    end
    e:push("if " .. first .. " then " .. first .. " = false; else")
    update(e, node.update)
    e:push "end;"
    test(e, node.test)
    loop_body(e, target, node.body)
    for i, binding in ipairs(kept) do e:push(outer[i] .. " = " .. binding.lua .. ";") end
    e:push "end;"
  end)
end

function STATEMENT.For(e, node)
  local target = jumps.loop(e, node.label)
  e:push "do"
  if node.head then
    if node.head.type == "Variables" then
      rules.statements.Variables(e, node.head)
    else
      rules.discard(e, node.head)
    end
  end
  local kept = kept_variables(node)
  if #kept == 0 then simple_for(e, node, target) else copying_for(e, node, target, kept) end
  e:push "end;"
end

--- Can the loop variable be Lua's own?
local function is_own_variable(node)
  return node.target.type == "Identifier" and node.kind and node.kind ~= "var"
    and not node.target.binding.place
end

local function take_value(e, node, value)
  if is_own_variable(node) then return end
  if node.kind and node.kind ~= "var" then functions.declare_names(e, node.target) end
  e:block(assignments.give, e, node.target, value)
end

--- A loop over what `iterate(e, subject)` gives to Lua's `for`.
local function each_loop(e, node, iterate)
  local target = jumps.loop(e, node.label)
  e:push "do"
  local next_name, state, start = e:unique "next", e:unique "state", e:unique "start"
  local subject = expression(e, node.subject)
  e:push("local " .. next_name .. ", " .. state .. ", " .. start .. " = "
    .. iterate(subject) .. ";")
  if node.type == "ForOf" then target.iterator = state end
  breakable(e, target, function()
    local value = is_own_variable(node) and node.target.binding.lua or e:unique "t"
    if is_own_variable(node) then node.target.binding.is_declared = true end
    e:push("for __, " .. value .. " in " .. next_name .. ", " .. state .. ", " .. start .. " do")
    take_value(e, node, value)
    loop_body(e, target, node.body)
    e:push "end;"
  end)
  e:push "end;"
end

function STATEMENT.ForOf(e, node)
  local is_async = node.is_await
  if is_async and e.fn.is_function and not e.fn.is_async then
    e:fail(node, "for await stands in a function that is not async", "write async before it")
  end
  if is_async and not e.fn.is_function then e.program.is_async = true end
  each_loop(e, node, function(subject)
    return e:call(is_async and "iterate_async" or "iterate", subject)
  end)
end

function STATEMENT.ForIn(e, node)
  each_loop(e, node, function(subject)
    return e:call("iterate", e:call("keys_in", subject))
  end)
end

local LOOP = { For = true, While = true, DoWhile = true, ForOf = true, ForIn = true }

function STATEMENT.Labelled(e, node)
  if LOOP[node.body.type] then
    node.body.label = node.label
    return rules.statement(e, node.body)
  end
  local target = { kind = "block", label = node.label, break_label = e:unique "break" }
  e:push "do"
  breakable(e, target, function() rules.statement(e, node.body) end)
  e:push "end;"
end

-- switch: each clause is a label for its test and one for its statements, so that falling through
-- is free and every statement stays on its line. A test that fails leads to the next one, and the
-- last to the default.

local function has_test(case) return not case.is_default end

--- The labels of a clause's statements, of the test of the next one that has one, and of the next
--- clause's statements; where none follows, what is behind the last test, and nil.
local function labels_of(cases, i, labels, tests, at_end)
  local next_test = at_end
  for k = i + 1, #cases do
    if has_test(cases[k]) then
      next_test = tests[k]
      break
    end
  end
  return labels[i], next_test, labels[i + 1]
end

local function emit_test(e, case, subject, label, next_test)
  e:block(function()
    e:push(e:mark(case.line))
    local text = expression(e, case.test)
    e:push("if " .. subject .. " == " .. text .. " then goto " .. label .. "; end;")
  end)
  e:push("goto " .. next_test .. ";")
end

local function emit_clauses(e, cases, subject, target)
  local labels, tests, default = {}, {}, nil
  for i, case in ipairs(cases) do
    labels[i], tests[i] = e:unique "case", e:unique "test"
    if case.is_default then default = labels[i] end
  end
  if not default then target.uses_break = true end
  local at_end = default or target.break_label
  e:push("goto " .. select(2, labels_of(cases, 0, labels, tests, at_end)) .. ";")
  for i, case in ipairs(cases) do
    local label, next_test, next_label = labels_of(cases, i, labels, tests, at_end)
    if has_test(case) then
      e:push("::" .. tests[i] .. "::")
      emit_test(e, case, subject, label, next_test)
    end
    e:push("::" .. label .. ":: do")
    for _, statement in ipairs(case.body) do rules.statement(e, statement) end
    e:push "end;"
    if next_label and has_test(cases[i + 1]) then e:push("goto " .. next_label .. ";") end
  end
end

function STATEMENT.Switch(e, node)
  local target = { kind = "switch", break_label = e:unique "break" }
  e:push "do"
  breakable(e, target, function()
    local subject = e:temporary((expression(e, node.subject)))
    functions.hoist_locals(e, node.scope, {})
    for _, case in ipairs(node.cases) do functions.declarations(e, case.body) end
    emit_clauses(e, node.cases, subject, target)
  end)
  e:push "end;"
end
