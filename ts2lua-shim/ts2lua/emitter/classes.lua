--- classes: constructors, fields, methods and accessors.

local functions = require "ts2lua.emitter.functions"
local names = require "ts2lua.scopes.names"
local operators = require "ts2lua.emitter.operators"
local rules = require "ts2lua.emitter.rules"

local expression, quote = rules.expression, names.quote
local EXPRESSION, STATEMENT = rules.expressions, rules.statements

--- The name of a member as a Lua text. A computed one is evaluated once, when the class is made.
local function key_text(e, member)
  if member.computed then
    return e:temporary(e:call("to_key", (expression(e, member.key))))
  end
  if member.is_private then return quote(operators.private_key(e, member.owner, member.key)) end
  return quote(member.key)
end

--- Runs `write` as a part of the class whose `self` is the class or an instance.
local function inside(e, class, is_static, write)
  local outer = e.fn
  e.fn = { targets = {}, is_function = true, class = class, is_static = is_static,
    has_self = true }
  write()
  e.fn = outer
end

local function emit_field(e, class, field)
  inside(e, class, field.is_static, function()
    e:push(e:mark(field.line))
    local value = field.value and rules.single(expression(e, field.value)) or "nil"
    e:push(e:call("define", "self", field.key_text, value) .. ";")
  end)
end

--- Constructor parameters such as `private name`, then the fields, in order.
local function emit_fields(e, class)
  for _, parameter in ipairs(class.constructor and class.constructor.parameters or {}) do
    if parameter.is_property then
      local binding = parameter.target.binding
      e:push(e:call("define", "self", quote(binding.name), e:place(binding)) .. ";")
    end
  end
  for _, field in ipairs(class.fields) do emit_field(e, class, field) end
end

local function emit_constructor(e, class, name)
  local text
  if class.constructor then
    text = functions.func(e, class.constructor, {
      class = class,
      prologue = not class.parent and function() emit_fields(e, class) end or nil,
    })
  elseif #class.fields > 0 then
    local statements = e:capture(function()
      if class.parent then
        e:push(e:helper "construct_parent" .. "(" .. class.parent_text .. ", self, ...);")
      end
      emit_fields(e, class)
    end)
    text = "function(self, ...) " .. table.concat(statements, " ") .. " end"
  else
    return
  end
  e:push(e:call("set_constructor", name, text) .. ";")
end

local function emit_method(e, class, name, member)
  local is_static = member.is_static or false
  local text = functions.func(e, member.value, { class = class, is_static = is_static })
  local holder = is_static and name or name .. ".prototype"
  e:push(e:mark(member.line))
  if member.accessor then
    e:push(e:call("class_accessor", name, tostring(is_static), member.key_text,
      quote(member.accessor), text) .. ";")
  else
    e:push(e:call("set_method", holder, member.key_text, text) .. ";")
  end
end

local function emit_static(e, class, name, member)
  e:push("do local self = " .. name .. ";")
  if member.type == "Field" then
    emit_field(e, class, member)
  else
    inside(e, class, true, function()
      functions.hoist_locals(e, member.scope)
      functions.statements(e, member.body)
    end)
  end
  e:push("end;")
end

--- Sorts the members, and evaluates computed names in their order.
local function prepare(e, class)
  class.fields = {}
  for _, member in ipairs(class.members) do
    if member.type ~= "StaticBlock" then member.key_text = key_text(e, member) end
    if member.type == "Field" and not member.is_static then table.insert(class.fields, member) end
  end
end

local function emit_members(e, class, name)
  for _, member in ipairs(class.members) do
    if member.type == "Method" then emit_method(e, class, name, member) end
  end
  for _, member in ipairs(class.members) do
    if member.type == "StaticBlock" or member.type == "Field" and member.is_static then
      emit_static(e, class, name, member)
    end
  end
end

local function is_hook(key)
  return type(key) == "string" and (key:find "^on%u" or key == "getConnectionTags")
end

--- The key of `this.onMessage = …`; nil for every other statement.
local function assigned_key(node)
  local assign = node.type == "Expression" and node.expression
  local target = assign and assign.type == "Assign" and assign.target
  return target and target.type == "Member" and target.object.type == "This" and target.name or nil
end

--- Tells the runtime which hooks instances get from fields or from their constructor: the host asks
--- for them before there is an instance.
local function emit_hooks(e, class, name)
  local keys = {}
  for _, field in ipairs(class.fields) do
    if is_hook(field.key) then keys[#keys + 1] = quote(field.key) end
  end
  for _, node in ipairs(class.constructor and class.constructor.body or {}) do
    local key = assigned_key(node)
    if is_hook(key) then keys[#keys + 1] = quote(key) end
  end
  if #keys > 0 then e:push(e:call("add_hooks", name, table.concat(keys, ", ")) .. ";") end
end

--- Writes a class; `name` is where it is kept.
local function emit_class(e, class, name)
  local parent
  if class.parent then
    local text, form = expression(e, class.parent)
    parent = form == "fixed" and text or e:temporary(text)
    class.parent_text = parent
  end
  class.after_super = function() emit_fields(e, class) end
  e:push(name .. " = " .. e:call("class", quote(class.name or ""), parent) .. ";")
  prepare(e, class)
  emit_constructor(e, class, name)
  emit_hooks(e, class, name)
  emit_members(e, class, name)
  e:push(e:mark(class.last_line))
end

--- A class whose statements are wrapped, so that its temporaries stay with it.
function EXPRESSION.Class(e, class)
  local name = e:temporary()
  if class.binding then
    class.binding.lua, class.binding.is_declared = name, true
  end
  e:push "do"
  emit_class(e, class, name)
  e:push "end;"
  return name, "fixed"
end

function STATEMENT.Class(e, class)
  local binding = class.binding
  if e:declare(binding) then e:push("local " .. binding.lua .. ";") end
  e:push "do"
  emit_class(e, class, e:place(binding))
  e:push "end;"
end
