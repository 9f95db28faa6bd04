--- literals: names, constants, objects, arrays and templates.

local facts = require "ts2lua.scopes.facts"
local names = require "ts2lua.scopes.names"
local rules = require "ts2lua.emitter.rules"

local expression, member, quote = rules.expression, names.member, names.quote
local EXPRESSION = rules.expressions

function EXPRESSION.Number(_, node) return names.number(node.value), "constant" end
function EXPRESSION.BigInt(e, node) return e:call("bigint", quote(node.value)), "call" end
function EXPRESSION.String(_, node) return quote(node.value), "constant" end
function EXPRESSION.Boolean(_, node) return node.value and "true" or "false", "constant" end
function EXPRESSION.Null(e) return e:helper "null", "constant" end
function EXPRESSION.This(e)
  if e.fn.self then return e.fn.self, "fixed" end
  return "nil", "constant"
end

function EXPRESSION.Super(e, node)
  e:fail(node, "super is only called or asked for a property")
end

--- Only what is run by `new` has one.
function EXPRESSION.NewTarget(e)
  if not e.fn.is_constructor then return "nil", "constant" end
  return "(" .. e.fn.self .. " and " .. e.fn.self .. ".constructor)", "prefix"
end

function EXPRESSION.ImportMeta(e) return e:call "import_meta", "call" end

function EXPRESSION.ImportCall(e, node)
  return e:call("import", "__require", (expression(e, node.argument))), "call"
end

function EXPRESSION.RegExp(e, node)
  return e:call("regular_expression", quote(node.source), quote(node.flags)), "call"
end

local GLOBAL_VALUE = { undefined = "nil", NaN = "(0/0)", Infinity = "(1/0)" }

local function form_of(binding)
  if binding.place or binding.enum then return "prefix" end
  if not binding.is_assigned and not binding.is_hoisted then return "fixed" end
  return binding.is_captured and "shared" or "local"
end

--- A name as a call that looks whether its declaration has run; nil where there is no need.
local function looked_at(e, node)
  if node.zone == "always" then return e:call("uninitialised", quote(node.name)) end
  if not node.zone or not e:is_checked(node.binding) then return nil end
  return e:call("initialised", e:place(node.binding), quote(node.name))
end

--- The place of a name, to be written to.
---@return string text
---@return string form
function rules.name(e, node)
  if not node.binding then return EXPRESSION.Identifier(e, node) end
  local look = looked_at(e, node)
  if look then e:push(look .. ";") end
  return e:place(node.binding), form_of(node.binding)
end

function EXPRESSION.Identifier(e, node)
  local binding, look = node.binding, looked_at(e, node)
  if look then return look, "call" end
  if binding then return e:place(binding), form_of(binding) end
  local value = GLOBAL_VALUE[node.name]
  if value then return value, "constant" end
  return member(e:helper "G", node.name), "prefix"
end

function EXPRESSION.Sequence(e, node)
  local count = #node.expressions
  for i = 1, count - 1 do rules.discard(e, node.expressions[i]) end
  return expression(e, node.expressions[count])
end

function EXPRESSION.Await(e, node)
  local fn = e.fn
  if fn.is_function and not fn.is_async then
    e:fail(node, "await stands in a function that is not async", "write async before it")
  end
  if not fn.is_function then e.program.is_async = true end
  return e:call("await", (expression(e, node.argument))), "call"
end

function EXPRESSION.Yield(e, node)
  if not e.fn.is_generator then
    e:fail(node, "yield stands outside of a generator", "write function*")
  end
  local value = node.argument and expression(e, node.argument) or "nil"
  local is_async = e.fn.is_async and "_async" or ""
  return e:call((node.delegate and "yield_all" or "yield") .. is_async, value), "call"
end

-- Objects.

--- Whether a property's name and value are known before the program runs.
local function is_plain(property)
  return property.type ~= "Spread" and not property.computed and not property.accessor
end

local function check_key(e, property)
  if property.key == "__proto__" and not property.computed and not property.is_method then
    e:fail(property, "'__proto__' is not supported in an object",
      "Object.create(parent) makes an object with a parent")
  end
end

--- Properties with plain, different names: a table that has its shape from the start.
local function plain_object(e, properties)
  local keys, values = {}, {}
  for i, property in ipairs(properties) do
    check_key(e, property)
    keys[i], values[i] = property.key, property.value
  end
  local texts, forms = rules.in_order(e, values, #values)
  for i, key in ipairs(keys) do
    local name = names.is_field(key) and key or "[" .. quote(key) .. "]"
    texts[i] = name .. " = " .. rules.single(texts[i], forms[i])
  end
  return e:call("set_shape", "{" .. table.concat(texts, ", ") .. "}", e:shape(keys)), "call"
end

local function add_property(e, object, property)
  if property.type == "Spread" then
    e:push(e:call("assign", object, (expression(e, property.argument))) .. ";")
    return
  end
  check_key(e, property)
  local key = property.computed and expression(e, property.key) or quote(property.key)
  if property.computed then key = e:temporary(e:call("to_key", key)) end
  local value = expression(e, property.value)
  if property.accessor then
    e:push(e:call("define_accessor", object, key, quote(property.accessor), value) .. ";")
  else
    e:push(e:call("define", object, key, value) .. ";")
  end
end

--- How many properties at the beginning are plain and have names of their own.
local function plain_count(properties)
  local seen = {}
  for i, property in ipairs(properties) do
    if not is_plain(property) or seen[property.key] then return i - 1 end
    seen[property.key] = true
  end
  return #properties
end

function EXPRESSION.Object(e, node)
  local properties = node.properties
  local count = plain_count(properties)
  -- More than an object keeps in a shape that others share.
  if count > 40 then count = 0 end
  local text, form = plain_object(e, { unpack(properties, 1, count) })
  if count == #properties then return text, form end
  local object = e:temporary(text)
  for i = count + 1, #properties do add_property(e, object, properties[i]) end
  return object, "fixed"
end

-- Arrays.

local function plain_array(e, elements, count)
  if count == 0 then return e:call("array", "{length = 0}"), "call" end
  local texts, forms = rules.in_order(e, elements, count)
  local holes = {}
  for i = 1, count do
    texts[i] = rules.single(texts[i], forms[i])
    if not elements[i] then holes[#holes + 1] = i - 1 end
  end
  local text = "{[0] = " .. table.concat(texts, ", ") .. ", length = " .. count .. "}"
  if #holes == 0 then return e:call("array", text), "call" end
  return e:call("sparse", text, "{" .. table.concat(holes, ", ") .. "}"), "call"
end

--- Elements between spreads, as nodes of their own.
local function groups_of(node)
  local groups, group = {}, nil
  for i = 1, node.count do
    local element = node.elements[i]
    if element and element.type == "Spread" then
      table.insert(groups, element.argument)
      group = nil
    else
      if not group then
        group = { type = "Array", elements = {}, count = 0, start = node.start }
        table.insert(groups, group)
      end
      group.count = group.count + 1
      group.elements[group.count] = element
    end
  end
  return groups
end

local function has_spread(node)
  for i = 1, node.count do
    local element = node.elements[i]
    if element and element.type == "Spread" then return true end
  end
  return false
end

function EXPRESSION.Array(e, node)
  if not has_spread(node) then return plain_array(e, node.elements, node.count) end
  local groups = groups_of(node)
  local texts, forms = rules.in_order(e, groups, #groups)
  return e:call("joined", rules.list(texts, forms, #texts)), "call"
end

-- Templates.

local function template_text(e, node, text, form)
  if facts.is(node, "string") then return rules.single(text, form) end
  return e:call("to_text", text)
end

function EXPRESSION.Template(e, node)
  local count = #node.expressions
  local texts, forms = rules.in_order(e, node.expressions, count)
  local parts = {}
  for i, text in ipairs(node.strings) do
    if text ~= "" then parts[#parts + 1] = quote(text) end
    if i <= count then
      parts[#parts + 1] = template_text(e, node.expressions[i], texts[i], forms[i])
    end
    if #parts >= 100 then parts = { e:temporary(table.concat(parts, " .. ")) } end
  end
  if #parts == 0 then return '""', "constant" end
  return "(" .. table.concat(parts, " .. ") .. ")", "prefix"
end

local function quoted_list(list)
  local texts = {}
  for i, text in ipairs(list) do texts[i] = text and quote(text) or "nil" end
  return "{" .. table.concat(texts, ", ") .. "}"
end

function EXPRESSION.Tagged(e, node)
  local template = node.template
  local strings = { type = "TemplateStrings", template = template }
  local arguments = { strings, unpack(template.expressions) }
  return EXPRESSION.Call(e, { type = "Call", callee = node.tag, arguments = arguments,
    line = node.line, start = node.start })
end

function EXPRESSION.TemplateStrings(e, node)
  return e:call("template_strings", quoted_list(node.template.strings),
    quoted_list(node.template.raws), #node.template.raws), "call"
end
