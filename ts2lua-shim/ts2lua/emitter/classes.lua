--- classes: classes as statements and as expressions.

local members = require "ts2lua.emitter.members"
local names = require "ts2lua.scopes.names"
local rules = require "ts2lua.emitter.rules"

local expression, quote = rules.expression, names.quote
local EXPRESSION, STATEMENT = rules.expressions, rules.statements

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
  class.after_super = function() members.emit_fields(e, class) end
  local shown = class.name or class.given_name or ""
  e:push(name .. " = " .. e:call("class", quote(shown), parent) .. ";")
  members.prepare(e, class)
  emit_hooks(e, class, name)
  members.emit(e, class, name)
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
