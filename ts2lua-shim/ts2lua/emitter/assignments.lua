--- assignments: `=`, `+=`, `++` and values taken apart.

local access = require "ts2lua.emitter.access"
local facts = require "ts2lua.scopes.facts"
local hoist = require "ts2lua.scopes.hoist"
local names = require "ts2lua.scopes.names"
local operators = require "ts2lua.emitter.operators"
local rules = require "ts2lua.emitter.rules"

local expression, member, quote = rules.expression, names.member, names.quote
local EXPRESSION = rules.expressions

local assignments = {}

--- A place that can be read and written several times: `get` is a text, `set` writes one.
---@class ts2lua.Place
---@field get string
---@field set fun(value: string)
---@field kind? string    of the value there, where it is sure
---@field is_name? boolean
---@field form? string    of a name

local function check_constant(e, node)
  local binding = node.binding
  if binding and binding.kind == "const" then
    e:fail(node, ("'%s' is a constant"):format(node.name), "declare it with let")
  end
  if binding and (binding.kind == "import" or binding.enum) then
    e:fail(node, ("'%s' cannot be assigned to here"):format(node.name))
  end
end

local function name_place(e, node)
  check_constant(e, node)
  local text, form = rules.name(e, node)
  return { get = text, form = form, kind = facts.of(node), is_name = true,
    set = function(value) e:push(text .. " = " .. value .. ";") end }
end

--- A property of `object`, a prefix that can be repeated.
local function property_place(e, object, key)
  if key == "length" then
    return { get = e:call("length", object),
      set = function(value) e:push(e:call("set_length", object, value) .. ";") end }
  end
  local text = member(object, key)
  return { get = (access.read(e, object, key)),
    set = function(value) e:push(text .. " = " .. value .. ";") end }
end

local function element_place(e, object, index)
  return { get = e:call("get", object, index),
    set = function(value) e:push(e:call("set", object, index, value) .. ";") end }
end

--- A text that is evaluated now, as a prefix that can be repeated.
local function keep(e, text, form)
  if form == "fixed" then return text end
  return e:temporary(text)
end

local function object_of(e, node)
  if node.object.type == "Super" then return e.fn.self end
  return keep(e, expression(e, node.object))
end

--- `super.key`: an accessor of the parent is called with this object.
local function super_place(e, key, base)
  local self = e.fn.self
  return { get = e:call("get_super", base, key, self),
    set = function(value) e:push(e:call("set_super", base, key, self, value) .. ";") end }
end

--- The place an assignment writes to. What it is made of is evaluated here and once.
---@param e ts2lua.Emitter
---@return ts2lua.Place
local function place_of(e, node)
  if node.type == "Identifier" then return name_place(e, node) end
  if node.type == "Member" and node.object.type == "Super" then
    return super_place(e, names.quote(node.name), access.super_base(e, node))
  end
  if node.type == "Member" then
    return property_place(e, object_of(e, node), access.key_of(e, node))
  end
  local name = access.fixed_index(node)
  if name then return property_place(e, object_of(e, node), name) end
  local object = object_of(e, node)
  local index, form = expression(e, node.index)
  if form ~= "constant" then index = keep(e, index, form) end
  return element_place(e, object, index)
end

--- `place = value` where the place is evaluated first, without temporaries when it can be.
local function write_member(e, node, value_node)
  local text, form = expression(e, node.object)
  local before, value, value_form = e:capture(expression, e, value_node)
  if #before > 0 and not rules.is_movable(form) or form == "shared" then
    text, form = e:temporary(text), "fixed"
  end
  e:append(before)
  return property_place(e, rules.prefix(text, form), access.key_of(e, node)), value, value_form
end

local function write_element(e, node, value_node)
  local texts, forms = rules.in_order(e, { node.object, node.index, value_node }, 3)
  return element_place(e, texts[1], texts[2]), texts[3], forms[3]
end

local function write_simple(e, node, value_node)
  if node.type == "Identifier" then
    local value, form = expression(e, value_node)
    return name_place(e, node), value, form
  end
  if node.object.type == "Super" then
    local value, form = expression(e, value_node)
    return place_of(e, node), value, form
  end
  if node.type == "Member" then return write_member(e, node, value_node) end
  return write_element(e, node, value_node)
end

-- Patterns.

local assign_pattern

--- Gives `value` (a text evaluated where it is written) to a target.
local function give(e, target, value)
  if target.type == "Identifier" then
    -- A declaration gives constants their values through here.
    e:push(rules.name(e, target) .. " = " .. value .. ";")
  elseif target.type == "AssignPattern" then
    local result = e:temporary(value)
    e:push("if " .. result .. " == nil then")
    local default = expression(e, target.default)
    e:push(result .. " = " .. default .. "; end;")
    give(e, target.target, result)
  elseif target.type == "Member" or target.type == "Index" then
    local kept = e:temporary(value)
    place_of(e, target).set(kept)
  else
    assign_pattern(e, target, e:temporary(value))
  end
end
assignments.give = give

local function read_property(e, object, property, taken)
  if property.computed then
    local key = e:temporary(e:call("to_key", (expression(e, property.key))))
    table.insert(taken, key)
    return e:call("get", object, key)
  end
  table.insert(taken, quote(property.key))
  if property.key:find "^%-?%d" then return e:call("get", object, quote(property.key)) end
  return (access.read(e, object, property.key))
end

local function assign_object(e, pattern, object)
  -- A literal cannot be indexed where it stands.
  if not names.is_field(object) then object = e:temporary(object) end
  local taken = {}
  e:push(e:call("check_object", object) .. ";")
  for _, property in ipairs(pattern.properties) do
    give(e, property.value, read_property(e, object, property, taken))
  end
  if pattern.rest then
    give(e, pattern.rest, e:call("rest", object, "{" .. table.concat(taken, ", ") .. "}"))
  end
end

local function assign_array(e, pattern, value)
  local count = pattern.rest and "nil" or tostring(pattern.count)
  local list = e:temporary(e:call("elements", value, count))
  for i = 1, pattern.count do
    local element = pattern.elements[i]
    if element then give(e, element, list .. "[" .. (i - 1) .. "]") end
  end
  if pattern.rest then
    give(e, pattern.rest, list .. ":slice(" .. pattern.count .. ")")
  end
end

--- Takes the value of the name `value` apart.
function assign_pattern(e, pattern, value)
  if pattern.type == "ObjectPattern" then return assign_object(e, pattern, value) end
  assign_array(e, pattern, value)
end

--- Names that a pattern assigns must be assignable, save where it declares them.
local function check_pattern(e, pattern)
  hoist.each_name(pattern, function(identifier) check_constant(e, identifier) end)
end

-- Assignments as expressions; `is_statement` leaves the value out.

local function assign_plain(e, node, is_statement)
  local target = node.target
  if target.type == "ObjectPattern" or target.type == "ArrayPattern" then
    check_pattern(e, target)
    local value = rules.repeatable(e, node.value)
    assign_pattern(e, target, value)
    return value, "fixed"
  end
  local place, value, form = write_simple(e, target, node.value)
  if not is_statement and not rules.is_movable(form) and not place.is_name then
    value, form = e:temporary(value), "fixed"
  end
  place.set(value)
  if place.is_name then return place.get, place.form end
  return value, form
end

local SHORT = { ["&&"] = true, ["||"] = true, ["??"] = true }

local function assign_short(e, node, operator)
  local place = place_of(e, node.target)
  local result = e:temporary(place.get)
  e:push("if " .. operators.needs_right(e, operator, result) .. " then")
  local value = expression(e, node.value)
  e:push(result .. " = " .. value .. ";")
  place.set(result)
  e:push("end;")
  return result, "fixed"
end

local function assign_compound(e, node, operator, is_statement)
  local place = place_of(e, node.target)
  local current = place.get
  local before, value, form = e:capture(expression, e, node.value)
  local is_plain = form == "constant" or form == "fixed" or form == "local"
  if #before > 0 or place.form == "shared" and not is_plain then
    current = e:temporary(current)
  end
  e:append(before)
  local text = operators.apply(e, operator, current, value, place.kind, facts.of(node.value))
  if is_statement or place.is_name then
    place.set(text)
    return place.get, place.form or "prefix"
  end
  local result = e:temporary(text)
  place.set(result)
  return result, "fixed"
end

--- Writes an assignment and returns its value.
function assignments.assign(e, node, is_statement)
  if node.operator == "=" then return assign_plain(e, node, is_statement) end
  local operator = node.operator:sub(1, -2)
  if SHORT[operator] then return assign_short(e, node, operator) end
  return assign_compound(e, node, operator, is_statement)
end

local function changed(e, node, place, value)
  local operator = node.operator == "++" and " + 1)" or " - 1)"
  if place.kind == "number" then return "(" .. value .. operator end
  return e:call(node.operator == "++" and "increment" or "decrement", value)
end

--- Writes `++` or `--` and returns its value.
function assignments.update(e, node, is_statement)
  local place = place_of(e, node.argument)
  if is_statement then
    place.set(changed(e, node, place, place.get))
    return "nil", "constant"
  end
  local result
  if node.prefix then
    result = e:temporary(changed(e, node, place, place.get))
    place.set(result)
  else
    result = e:temporary(place.kind == "number" and place.get or e:call("to_numeric", place.get))
    place.set(changed(e, node, place, result))
  end
  return result, "fixed"
end

EXPRESSION.Assign, EXPRESSION.Update = assignments.assign, assignments.update

assignments.assign_pattern = assign_pattern

return assignments
