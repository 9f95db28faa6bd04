--- jumps: `break`, `continue`, `return` and the `try` they may have to leave.
---
--- A `try` block is a function of its own under pcall. What leaves it returns a number to the
--- place behind the pcall: 1 for `return` with its value, and one for each jump.

local assignments = require "ts2lua.emitter.assignments"
local functions = require "ts2lua.emitter.functions"
local rules = require "ts2lua.emitter.rules"

local expression = rules.expression
local STATEMENT = rules.statements

local jumps = {}

--- What `break`, `continue` and `return` meet on their way out.
---@class ts2lua.Target
---@field kind "loop"|"switch"|"block"|"try"
---@field label? string
---@field break_label? string
---@field continue_label? string
---@field iterator? string       what a `for … of` has to close when it is left early
---@field uses_break? boolean
---@field uses_continue? boolean
---@field exits? table[]         of a try: the jumps out of it

--- Runs `write` with `target` as the innermost target.
---@param e ts2lua.Emitter
---@param target ts2lua.Target
function jumps.within(e, target, write)
  local targets = e.fn.targets
  table.insert(targets, target)
  write()
  table.remove(targets)
end

---@param label? string
---@return ts2lua.Target
function jumps.loop(e, label)
  return { kind = "loop", label = label, break_label = e:unique "break",
    continue_label = e:unique "continue" }
end

--- The number a try returns for this way out of it.
local function exit_code(try, kind, target, node)
  for code, exit in ipairs(try.exits) do
    if exit.kind == kind and exit.target == target then return code end
  end
  table.insert(try.exits, { kind = kind, target = target, node = node })
  return #try.exits
end

local function close(e, target)
  if target.iterator then e:push(e:call("close_iterator", target.iterator) .. ";") end
end

--- Writes `return value`.
local function emit_return(e, value)
  local targets = e.fn.targets
  for i = #targets, 1, -1 do
    local target = targets[i]
    close(e, target)
    if target.kind == "try" then
      local code = exit_code(target, "return")
      e:push("do return " .. code .. ", " .. (value or "nil") .. "; end;")
      return
    end
  end
  e:push(value and "do return " .. value .. "; end;" or "do return; end;")
end

local function reaches(target, kind, label)
  if target.kind == "loop" then return not label or target.label == label end
  if kind == "continue" then return false end
  if target.kind == "switch" then return not label end
  return target.kind == "block" and label ~= nil and target.label == label
end

local function find_target(e, kind, label)
  local targets = e.fn.targets
  for i = #targets, 1, -1 do
    if reaches(targets[i], kind, label) then return i, targets[i] end
  end
  return nil
end

local function go(e, kind, target)
  if kind == "break" then
    close(e, target)
    target.uses_break = true
    e:push("goto " .. target.break_label .. ";")
  else
    target.uses_continue = true
    e:push("goto " .. target.continue_label .. ";")
  end
end

--- Writes a jump to a target further out, through every try between.
local function emit_jump(e, kind, index, target, node)
  local targets = e.fn.targets
  for i = #targets, index + 1, -1 do
    close(e, targets[i])
    if targets[i].kind == "try" then
      e:push("do return " .. exit_code(targets[i], kind, target, node) .. "; end;")
      return
    end
  end
  go(e, kind, target)
end

local function jump(e, node, kind)
  local index, target = find_target(e, kind, node.label)
  if not target then
    e:fail(node, node.label and ("there is no label '%s' around this"):format(node.label)
      or ("'%s' stands outside of a loop"):format(kind))
  end
  emit_jump(e, kind, index, target, node)
end

function STATEMENT.Break(e, node) jump(e, node, "break") end
function STATEMENT.Continue(e, node) jump(e, node, "continue") end

function STATEMENT.Return(e, node)
  if not e.fn.is_function then e:fail(node, "return stands outside of a function") end
  if not node.argument then return emit_return(e, nil) end
  e:block(function()
    local value, form = expression(e, node.argument)
    local is_kept = form == "constant" or form == "fixed" or form == "function"
    -- No tail call: JavaScript has none, so that recursion without end is an error, and traces
    -- show who called.
    if not is_kept and (e.fn.is_async or node.argument.type == "Call") then
      value = "(" .. value .. ")"
    end
    -- What is closed on the way out runs after the value is known.
    if #e.fn.targets > 0 and not is_kept then value = e:temporary(value) end
    emit_return(e, value)
  end)
end

function STATEMENT.Throw(e, node)
  e:block(function() e:push(e:call("throw", (expression(e, node.argument))) .. ";") end)
end

local function target_index(e, target)
  for i, each in ipairs(e.fn.targets) do
    if each == target then return i end
  end
end

--- Behind a try: goes on where its exits wanted to go.
local function follow_exits(e, exits, code, value)
  for number, exit in ipairs(exits) do
    e:push((number == 1 and "if " or "elseif ") .. code .. " == " .. number .. " then")
    if exit.kind == "return" then
      emit_return(e, value)
    else
      emit_jump(e, exit.kind, target_index(e, exit.target), exit.target, exit.node)
    end
  end
  if #exits > 0 then e:push "end;" end
end

--- `ok, code, value = pcall(function() … end)`
local function protected(e, target, results, write)
  e:push(results .. " = " .. e:helper "pcall" .. "(function()")
  jumps.within(e, target, write)
  e:push "end);"
end

local function emit_block(e, block)
  functions.hoist_locals(e, block.scope, block.body)
  functions.statements(e, block.body)
end

local function emit_handler(e, handler, caught)
  if handler.target then
    functions.declare_names(e, handler.target)
    e:block(assignments.give, e, handler.target,
      e:call("caught", caught))
  else
    -- Not everything that passes here can be caught.
    e:push(e:call("caught", caught) .. ";")
  end
  emit_block(e, handler.body)
end

local function emit_catch(e, node, try, ok, code, value)
  e:push("if not " .. ok .. " then")
  if not node.finalizer then
    emit_handler(e, node.handler, code)
    e:push "else"
    follow_exits(e, try.exits, code, value)
    e:push "end;"
    return
  end
  -- The handler's own ways out wait for the finalizer as well.
  protected(e, try, ok .. ", " .. code .. ", " .. value, function()
    emit_handler(e, node.handler, code)
  end)
  e:push "end;"
end

function STATEMENT.Try(e, node)
  local ok, code, value = e:unique "ok", e:unique "code", e:unique "value"
  local try = { kind = "try", exits = {} }
  e:push("do local " .. ok .. ", " .. code .. ", " .. value .. ";")
  protected(e, try, ok .. ", " .. code .. ", " .. value, function() emit_block(e, node.block) end)
  if node.handler then emit_catch(e, node, try, ok, code, value) end
  if node.finalizer then
    e:push "do"
    emit_block(e, node.finalizer)
    e:push "end;"
    e:push("if not " .. ok .. " then " .. e:call("rethrow", code) .. "; end;")
    follow_exits(e, try.exits, code, value)
  end
  e:push "end;"
end

return jumps
