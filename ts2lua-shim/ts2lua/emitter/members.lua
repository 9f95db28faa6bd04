--- members: what a class is made of, each on the lines it has in the source.
---
--- A constructor holds the initial values of fields. Those that stand where its text cannot reach
--- back to, behind a method, are functions of their own that it calls; so are static ones, which
--- run when all methods are there.

local functions = require "ts2lua.emitter.functions"
local inert = require "ts2lua.scopes.inert"
local names = require "ts2lua.scopes.names"
local operators = require "ts2lua.emitter.operators"
local rules = require "ts2lua.emitter.rules"

local expression, quote = rules.expression, names.quote

local members = {}

--- The name of a member as a Lua text. A computed one is evaluated once, when the class is made.
local function key_text(e, member)
  if member.computed then
    return e:temporary(e:call("to_key", (expression(e, member.key))))
  end
  if member.is_private then return quote(operators.private_key(e, member.owner, member.key)) end
  return quote(member.key)
end

--- Runs `write` as a part of the class; the class or an instance is called `self`.
local function inside(e, class, is_static, self, write, ...)
  local outer = e.fn
  e.fn = { targets = {}, is_function = true, class = class, is_static = is_static, self = self }
  write(e, class, ...)
  e.fn = outer
end

local function emit_field(e, _, field)
  e:push(e:mark(field.line))
  local value = field.value and rules.single(expression(e, field.value)) or "nil"
  e:push(e:call("define", e.fn.self, field.key_text, value) .. ";")
end

local function emit_block(e, _, block)
  functions.hoist_locals(e, block.scope, block.body)
  functions.statements(e, block.body)
end

-- Fields.

local function is_static(member)
  return member.type == "StaticBlock" or member.type == "Field" and member.is_static
end

--- Does a static member need a function of its own?
local function is_late_static(member)
  return is_static(member) and (member.type == "StaticBlock" or not inert.value(member.value))
end

--- Where the first member stands that is written in a place of its own.
local function first_apart(class)
  for _, member in ipairs(class.members) do
    if member.type == "Method" or is_late_static(member) then return member.start end
  end
  return math.huge
end

--- Says of each field whether the constructor's text holds it.
local function place_fields(class)
  local limit, constructor = first_apart(class), class.constructor
  local is_first = not constructor or constructor.start < limit and not class.parent
  for _, field in ipairs(class.fields) do
    field.is_inline = is_first and field.start < limit
      and (not constructor or field.start < constructor.start)
  end
end

--- Constructor parameters such as `private name`, then the fields, in order.
function members.emit_fields(e, class)
  local self = e.fn.self
  for _, parameter in ipairs(class.constructor and class.constructor.parameters or {}) do
    if parameter.is_property then
      local binding = parameter.target.binding
      e:push(e:call("define", self, quote(binding.name), e:place(binding)) .. ";")
    end
  end
  for _, field in ipairs(class.fields) do
    if field.is_inline then
      inside(e, class, false, self, emit_field, field)
    else
      e:push(field.late .. "(" .. self .. ");")
    end
  end
end

--- Puts a field or a static block into a function.
local function emit_late(e, class, member)
  local write = member.type == "Field" and emit_field or emit_block
  local statements = e:capture(inside, e, class, is_static(member), "self", write, member)
  e:push(member.late .. " = function(self) " .. table.concat(statements, " ") .. " end;")
end

-- Constructor and methods.

local function emit_constructor(e, class, name)
  local text
  if class.constructor then
    text = functions.func(e, class.constructor, {
      class = class,
      prologue = not class.parent and function() members.emit_fields(e, class) end or nil,
    })
  elseif #class.fields > 0 then
    local self = functions.record(e, class, true)
    local statements = e:capture(inside, e, class, false, self, function()
      if class.parent then
        e:push(("%s(%s, %s, ...);"):format(e:helper "construct_parent", class.parent_text, self))
      end
      members.emit_fields(e, class)
    end)
    text = "function(" .. self .. ", ...) " .. table.concat(statements, " ") .. " end"
  else
    return
  end
  e:push(e:call("set_constructor", name, text) .. ";")
end

local function emit_method(e, class, name, member)
  local is_of_class = member.is_static or false
  e:push(e:mark(member.line))
  local text = functions.func(e, member.value, { class = class, is_static = is_of_class })
  local holder = is_of_class and name or name .. ".prototype"
  if member.accessor then
    e:push(e:call("class_accessor", name, tostring(is_of_class), member.key_text,
      quote(member.accessor), text) .. ";")
  else
    e:push(e:call("set_method", holder, member.key_text, text) .. ";")
  end
end

-- All of them.

--- Does a member need a function of its own?
local function is_late(member)
  if member.type == "Method" then return false end
  if is_static(member) then return is_late_static(member) end
  return not member.is_inline
end

--- Sorts the members, and evaluates computed names in their order.
function members.prepare(e, class)
  class.fields = {}
  for _, member in ipairs(class.members) do
    if member.type ~= "StaticBlock" then member.key_text = key_text(e, member) end
    if member.type == "Field" and not member.is_static then table.insert(class.fields, member) end
  end
  place_fields(class)
  local holder
  for i, member in ipairs(class.members) do
    if is_late(member) then
      holder = holder or e:temporary "{}"
      member.late = ("%s[%d]"):format(holder, i)
    end
  end
end

--- Where the constructor's text begins.
local function constructor_start(class)
  for _, field in ipairs(class.fields) do
    if field.is_inline then return field.start end
  end
  return class.constructor and class.constructor.start or 0
end

local function emit_statics(e, class, name)
  for _, member in ipairs(class.members) do
    if is_static(member) and member.late then
      e:push(member.late .. "(" .. name .. ");")
    elseif is_static(member) then
      e:push("do local self = " .. name .. ";")
      inside(e, class, true, "self", emit_field, member)
      e:push "end;"
    end
  end
end

--- Writes everything, in the order of the source; what is static runs at the end.
function members.emit(e, class, name)
  local start, is_constructed = constructor_start(class), false
  local function construct()
    if not is_constructed then emit_constructor(e, class, name) end
    is_constructed = true
  end
  for _, member in ipairs(class.members) do
    if member.start > start then construct() end
    if member.type == "Method" then emit_method(e, class, name, member) end
    if member.late then emit_late(e, class, member) end
  end
  construct()
  emit_statics(e, class, name)
end

return members
