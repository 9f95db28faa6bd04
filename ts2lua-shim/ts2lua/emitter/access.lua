--- access: properties, calls and optional chains.

local facts = require "ts2lua.scopes.facts"
local names = require "ts2lua.scopes.names"
local operators = require "ts2lua.emitter.operators"
local rules = require "ts2lua.emitter.rules"

local expression, member = rules.expression, names.member
local EXPRESSION = rules.expressions

local access = {}

--- Lua's own methods of strings, which a plain access would find.
local STRING_METHOD = {}
for name in ("byte char dump find format gmatch gsub len lower match rep reverse sub upper")
  :gmatch "%a+" do
  STRING_METHOD[name] = true
end

--- The class around, which has to have a parent.
local function parent_of(e, node)
  local class = e.fn.class
  if not class then e:fail(node, "super stands outside of a class") end
  if not class.parent_text then e:fail(node, "super stands in a class without a parent") end
  return class.parent_text
end

--- Where `super.x` is looked up.
local function super_base(e, node)
  local parent = parent_of(e, node)
  return e.fn.is_static and parent or parent .. ".prototype"
end

access.super_base = super_base

--- The property name of a Member or private member.
local function key_of(e, node)
  if node.is_private then return operators.private_key(e, node.owner, node.name) end
  return node.name
end
access.key_of = key_of

--- How a property of the value `object` (a prefix) is read.
function access.read(e, object, key, kind)
  if key == "length" then
    if kind == "array" then return object .. ".length", "prefix" end
    return e:call("length", object), "call"
  end
  if STRING_METHOD[key] then return e:call("get", object, names.quote(key)), "call" end
  return member(object, key), "prefix"
end

--- The property name when an index is one that could stand behind a dot.
local function fixed_index(node)
  local index = node.index
  if index.type == "String" and not index.value:find "^%-?%d" then return index.value end
  return nil
end
access.fixed_index = fixed_index

--- How an element of the value `object` is read.
local function read_index(e, object, index)
  return e:call("get", object, index), "call"
end

function EXPRESSION.Member(e, node)
  if access.is_chain(node) then return access.chain(e, node) end
  if node.object.type == "Super" then
    return e:call("get_super", super_base(e, node), names.quote(node.name), e.fn.self), "call"
  end
  if facts.is_global(node.object, "Math") and node.name == "PI" then
    return names.number(math.pi), "constant"
  end
  local text, form = expression(e, node.object)
  return access.read(e, rules.prefix(text, form), key_of(e, node), facts.of(node.object))
end

function EXPRESSION.Index(e, node)
  if access.is_chain(node) then return access.chain(e, node) end
  if node.object.type == "Super" then
    local key = expression(e, node.index)
    return e:call("get_super", super_base(e, node), key, e.fn.self), "call"
  end
  local name = fixed_index(node)
  if name then
    local text, form = expression(e, node.object)
    return access.read(e, rules.prefix(text, form), name, facts.of(node.object))
  end
  local texts = rules.pair(e, node.object, node.index)
  return read_index(e, texts[1], texts[2])
end

function EXPRESSION.Spread(e, node)
  return e:call("spread", (expression(e, node.argument))), "spread"
end

--- Can the arguments stand in a Lua call as they are? A spread may only be the last.
local function is_plain(arguments)
  for i = 1, #arguments - 1 do
    if arguments[i].type == "Spread" then return false end
  end
  return true
end

--- Arguments as the end of a Lua argument list: "" or ", a, b". `first` holds what is evaluated
--- before them; returns its text, in a temporary when the arguments need statements.
---@param e ts2lua.Emitter
---@return string arguments
---@return string first
local function arguments_after(e, arguments, first, form)
  if not is_plain(arguments) then
    arguments = { { type = "Spread", start = arguments[1].start, argument =
      { type = "Array", elements = arguments, count = #arguments, start = arguments[1].start } } }
  end
  local before, texts, forms = e:capture(rules.in_order, e, arguments, #arguments)
  if #before > 0 and first and not rules.is_movable(form) then first = e:temporary(first) end
  e:append(before)
  if #texts == 0 then return "", first end
  return ", " .. rules.list(texts, forms, #texts), first
end

--- `object:key(arguments)` for an object that is a prefix.
local function method_call(e, object, key, arguments, line)
  if names.is_field(key) and not STRING_METHOD[key] then
    return object .. e:mark(line) .. ":" .. key .. "(" .. arguments:sub(3) .. ")", "call"
  end
  return e:mark(line) .. e:helper "call_method" .. "(" .. object .. ", " .. names.quote(key)
    .. arguments .. ")", "call"
end

--- Functions of Math that Lua has under its own name, for one number that is sure to be one.
local MATH = { floor = true, ceil = true, abs = true, sqrt = true, sin = true, cos = true }

local function math_call(e, node)
  local callee = node.callee
  if not facts.is_global(callee.object, "Math") then return nil end
  if callee.name == "random" and #node.arguments == 0 then return e:call "random" end
  local argument = node.arguments[1]
  if not MATH[callee.name] or #node.arguments ~= 1 or argument.type == "Spread" then return nil end
  if not facts.is(argument, "number") then return nil end
  return e:call("math_" .. callee.name, (rules.single(expression(e, argument))))
end

local function member_call(e, node)
  local callee = node.callee
  local plain = math_call(e, node)
  if plain then return plain, "call" end
  local text, form = expression(e, callee.object)
  local arguments, object = arguments_after(e, node.arguments, rules.prefix(text, form), form)
  return method_call(e, object, key_of(e, callee), arguments, callee.line)
end

local function index_call(e, node)
  local callee = node.callee
  local object, form = rules.repeatable(e, callee.object)
  local before, key, key_form = e:capture(expression, e, callee.index)
  if #before > 0 and form ~= "fixed" then object = e:temporary(object) end
  e:append(before)
  local arguments
  arguments, key = arguments_after(e, node.arguments, key, key_form)
  return e:helper "call_method" .. "(" .. object .. ", " .. key .. arguments .. ")", "call"
end

--- What a constructor does once its parent's has run.
local function super_call(e, node)
  local parent = parent_of(e, node)
  local arguments = arguments_after(e, node.arguments)
  e:push(("%s(%s, %s%s);"):format(e:helper "construct_parent", parent, e.fn.self, arguments))
  if e.fn.class.after_super then e.fn.class.after_super(e) end
  return e.fn.self, "fixed"
end

local function super_method(e, node)
  local callee = node.callee
  local key = callee.type == "Index" and e:temporary((expression(e, callee.index)))
  local arguments = arguments_after(e, node.arguments)
  local base = super_base(e, callee)
  if callee.type == "Index" then
    return ("%s(%s%s)"):format(e:call("get_super", base, key, e.fn.self), e.fn.self, arguments),
      "call"
  end
  return member(base, callee.name) .. "(" .. e.fn.self .. arguments .. ")", "call"
end

function EXPRESSION.Call(e, node)
  if access.is_chain(node) then return access.chain(e, node) end
  local callee = node.callee
  if callee.type == "Super" then return super_call(e, node) end
  if callee.object and callee.object.type == "Super" then return super_method(e, node) end
  if callee.type == "Member" then return member_call(e, node) end
  if callee.type == "Index" then return index_call(e, node) end
  local text, form = expression(e, callee)
  local arguments, fn = arguments_after(e, node.arguments, rules.prefix(text, form), form)
  return e:mark(callee.line) .. fn .. "(nil" .. arguments .. ")", "call"
end

function EXPRESSION.New(e, node)
  local text, form = expression(e, node.callee)
  local arguments, class = arguments_after(e, node.arguments, text, form)
  return e:mark(node.line) .. e:helper "new" .. "(" .. class .. arguments .. ")", "call"
end

-- Optional chains: `a?.b.c(d)` ends in undefined where a is null or undefined.

--- Does a `?.` stand in the chain that ends here?
function access.is_chain(node)
  while true do
    if node.optional then return true end
    local inner = node.object or node.callee
    if not inner or inner.parenthesised then return false end
    if inner.type ~= "Member" and inner.type ~= "Index" and inner.type ~= "Call" then
      return false
    end
    node = inner
  end
end

--- The steps of a chain, in order, and what it begins with.
local function steps_of(node)
  local steps = {}
  repeat
    table.insert(steps, 1, node)
    node = node.object or node.callee
  until node.parenthesised
    or node.type ~= "Member" and node.type ~= "Index" and node.type ~= "Call"
  return steps, node
end

--- Opens the condition that `?.` stands for.
local function guard(e, value)
  e:push("if " .. value .. " ~= nil and " .. value .. " ~= " .. e:helper "null" .. " then")
end

local function read_step(e, value, step)
  if step.type == "Member" then return access.read(e, value, key_of(e, step)) end
  local name = fixed_index(step)
  if name then return access.read(e, value, name) end
  return read_index(e, value, (expression(e, step.index)))
end

--- A method step: the property and the call behind it.
local function method_step(e, value, step, call)
  local method = e:temporary((read_step(e, value, step)))
  if call.optional then guard(e, method) end
  local arguments = arguments_after(e, call.arguments)
  e:push(value .. " = " .. e:mark(call.line) .. method .. "(" .. value .. arguments .. ");")
  if call.optional then e:push("else " .. value .. " = nil; end;") end
end

local function plain_method_step(e, value, step, call)
  local arguments = arguments_after(e, call.arguments)
  local text = method_call(e, value, key_of(e, step), arguments, step.line)
  e:push(value .. " = " .. text .. ";")
end

--- One step, or two when the next one calls what this one reads; returns how many.
local function take_step(e, value, steps, i)
  local step, following = steps[i], steps[i + 1]
  if step.type == "Call" then
    local arguments = arguments_after(e, step.arguments)
    e:push(value .. " = " .. value .. "(nil" .. arguments .. ");")
    return 1
  end
  if following and following.type == "Call" then
    if following.optional or step.type == "Index" then
      method_step(e, value, step, following)
    else
      plain_method_step(e, value, step, following)
    end
    return 2
  end
  local text = read_step(e, value, step)
  e:push(value .. " = " .. text .. ";")
  return 1
end

--- The value a chain begins with; `super` means this object's parent.
local function chain_base(e, base, first)
  if base.type == "Super" then return super_base(e, first) end
  return (expression(e, base))
end

function access.chain(e, node)
  local steps, base = steps_of(node)
  local value = e:temporary(chain_base(e, base, steps[1]))
  local open, i = 0, 1
  while i <= #steps do
    if steps[i].optional then
      guard(e, value)
      open = open + 1
    end
    i = i + take_step(e, value, steps, i)
  end
  e:push(("else " .. value .. " = nil; end; "):rep(open))
  return value, "fixed"
end

access.arguments_after = arguments_after

return access
