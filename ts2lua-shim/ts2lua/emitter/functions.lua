--- functions: parameters, bodies, and the wrapping of async functions and generators.

local assignments = require "ts2lua.emitter.assignments"
local hoist = require "ts2lua.scopes.hoist"
local inert = require "ts2lua.scopes.inert"
local rules = require "ts2lua.emitter.rules"

local expression = rules.expression
local EXPRESSION = rules.expressions

local functions = {}

local HOISTED = { var = true, ["function"] = true }
local BLOCK = { let = true, const = true, class = true }

--- The function that a statement declares; nil for every other.
local function declared_function(node)
  local fn = hoist.declared(node)
  return fn.type == "Function" and fn.name and fn or nil
end

--- Is a function declared behind something that may call it? Then it has to be there before.
local function has_late(list)
  local is_active = false
  for _, node in ipairs(list) do
    if declared_function(node) then
      if is_active then return true end
    elseif not inert.statement(node) then
      is_active = true
    end
  end
  return false
end

--- Writes the locals that have to stand at the start of a scope: with late functions, all.
---@param e ts2lua.Emitter
---@param scope ts2lua.Scope
---@param statements table[]    the scope's own
function functions.hoist_locals(e, scope, statements)
  local list, is_late = {}, has_late(statements)
  if scope.box then e:push("local " .. scope.box .. " = {};") end
  for _, binding in ipairs(scope.list) do
    local at_start = HOISTED[binding.kind]
      or (is_late or binding.is_hoisted or binding.is_checked) and BLOCK[binding.kind]
    if at_start and e:declare(binding) then list[#list + 1] = binding.lua end
  end
  if #list > 0 then e:push("local " .. table.concat(list, ", ") .. ";") end
  for _, binding in ipairs(scope.list) do
    if e:is_checked(binding) then e:push(e:place(binding) .. " = " .. e:helper "zone" .. ";") end
  end
end

local function declare(e, fn)
  e:push(e:mark(fn.line) .. e:place(fn.binding) .. " = " .. functions.func(e, fn) .. ";")
  rules.export(e, fn.binding)
end

--- Writes the function declarations among statements.
function functions.declarations(e, list)
  for _, node in ipairs(list) do
    local fn = declared_function(node)
    if fn then declare(e, fn) end
  end
end

--- Writes statements in order, and what runs before all of them but the functions. Control jumps to
--- each late function first and then back to the start, so that everything stays on its line.
local function late_statements(e, list, before)
  local start, labels = e:unique "start", {}
  for i, node in ipairs(list) do
    if declared_function(node) then labels[#labels + 1] = { label = e:unique "function", i = i } end
  end
  e:push("goto " .. labels[1].label .. "; ::" .. start .. "::")
  before()
  local k = 1
  for i, node in ipairs(list) do
    local here = labels[k]
    if here and here.i == i then
      local behind = e:unique "behind"
      e:push("goto " .. behind .. "; ::" .. here.label .. "::")
      declare(e, declared_function(node))
      k = k + 1
      e:push("goto " .. (labels[k] and labels[k].label or start) .. "; ::" .. behind .. "::")
    end
    rules.statement(e, node)
  end
end

local function nothing() end

--- Writes the statements of a scope whose locals were hoisted.
---@param e ts2lua.Emitter
---@param list table[]
---@param before? fun()    writes what runs before all but the functions
function functions.statements(e, list, before)
  before = before or nothing
  if has_late(list) then return late_statements(e, list, before) end
  local has_begun = false
  for _, node in ipairs(list) do
    local fn = declared_function(node)
    if fn then declare(e, fn) end
    if not has_begun and not inert.statement(node) then
      has_begun = true
      before()
    end
    rules.statement(e, node)
  end
  if not has_begun then before() end
end

--- Declares the names of a pattern that have no local yet.
function functions.declare_names(e, target)
  local list = {}
  hoist.each_name(target, function(identifier)
    if e:declare(identifier.binding) then list[#list + 1] = identifier.binding.lua end
  end)
  if #list > 0 then e:push("local " .. table.concat(list, ", ") .. ";") end
end

--- The Lua parameters. A pattern gets a name of its own and is taken apart inside.
local function parameter_names(e, fn)
  local list, rest = {}, nil
  for i, parameter in ipairs(fn.parameters) do
    if parameter.is_rest then
      rest = parameter
    elseif parameter.target.type == "Identifier" then
      list[i] = parameter.target.binding.lua
      parameter.target.binding.is_declared = true
    else
      list[i] = e:unique "p"
    end
  end
  return list, rest
end

local function default_value(e, parameter, name)
  if not parameter.default then return end
  e:push("if " .. name .. " == nil then")
  local value = expression(e, parameter.default)
  e:push(name .. " = " .. value .. "; end;")
end

local function take_parameter(e, parameter, name)
  default_value(e, parameter, name)
  if parameter.target.type ~= "Identifier" then
    functions.declare_names(e, parameter.target)
    e:block(assignments.give, e, parameter.target, name)
  end
end

local function take_rest(e, parameter, from)
  functions.declare_names(e, parameter.target)
  e:block(assignments.give, e, parameter.target, from)
end

--- The parameters' names when `arguments` is asked for: all arguments lie in one array.
local function take_arguments(e, list)
  e:push("local __arguments = " .. e:helper "pack" .. "(...);")
  if #list > 0 then e:push("local " .. table.concat(list, ", ") .. " = ...;") end
end

local function body(e, fn, list, rest, prologue)
  local uses_arguments = fn.arguments_binding and fn.arguments_binding.is_used
  if uses_arguments then take_arguments(e, list) end
  if rest then
    take_rest(e, rest, uses_arguments and "__arguments:slice(" .. #list .. ")"
      or e:helper "pack" .. "(...)")
  end
  for i, parameter in ipairs(fn.parameters) do
    if not parameter.is_rest then take_parameter(e, parameter, list[i]) end
  end
  if prologue then prologue(e) end
  if fn.result then
    rules.statement(e, { type = "Return", argument = fn.result, line = fn.result.line,
      start = fn.result.start })
  else
    functions.hoist_locals(e, fn.scope, fn.body)
    functions.statements(e, fn.body)
  end
  return uses_arguments
end

local function wrap(e, fn, text)
  if fn.is_async and fn.is_generator then return e:call("async_generator", text) end
  if fn.is_async then return e:call("async", text) end
  if fn.is_generator then return e:call("generator", text) end
  return text
end

---@class ts2lua.FunctionRecord    what a program's text says of a function
---@field name string
---@field length integer        parameters before the first that may be left out
---@field start integer         of its text
---@field stop integer
---@field class_start? integer    of the class it is a member of
---@field class_stop? integer

local function length_of(parameters)
  for i, parameter in ipairs(parameters) do
    if parameter.default or parameter.is_rest then return i - 1 end
  end
  return #parameters
end

--- Notes a function, or the constructor that a class does not write; returns the name of its first
--- parameter, which the runtime knows it by: a name costs nothing while the function runs.
function functions.record(e, node, is_class)
  local class, list = is_class and node or node.is_method and e.fn.class, e.functions
  list[#list + 1] = {
    name = node.name or node.given_name or "",
    length = is_class and 0 or length_of(node.parameters),
    start = node.text_start or node.start, stop = node.stop,
    class_start = class and class.start, class_stop = class and class.stop,
  }
  return (node.is_arrow and "__" or "__self") .. #list
end

---@class ts2lua.FunctionOptions
---@field class? table
---@field is_static? boolean
---@field prologue? fun(e: ts2lua.Emitter)    written between the parameters and the body

--- The Lua function of a function node, without its own name.
---@param e ts2lua.Emitter
---@param options? ts2lua.FunctionOptions
---@return string
function functions.func(e, fn, options)
  options = options or {}
  local outer = e.fn
  e.fn = {
    targets = {}, is_function = true, is_async = fn.is_async, is_generator = fn.is_generator,
    class = options.class or outer.class, self = outer.self,
    is_constructor = outer.is_constructor,
    is_static = options.is_static or options.class == nil and outer.is_static,
  }
  local this = functions.record(e, fn)
  if not fn.is_arrow then
    e.fn.self = this
    e.fn.is_constructor = not fn.is_method or e.fn.class ~= nil and fn == e.fn.class.constructor
  end
  local list, rest = parameter_names(e, fn)
  local statements, uses_arguments = e:capture(body, e, fn, list, rest, options.prologue)
  e.fn = outer
  if uses_arguments then list = { "..." } elseif rest then list[#list + 1] = "..." end
  table.insert(list, 1, this)
  return wrap(e, fn, "function(" .. table.concat(list, ", ") .. ") "
    .. table.concat(statements, " ") .. e:mark(fn.last_line) .. " end")
end

function EXPRESSION.Function(e, node)
  if not node.own_name then return functions.func(e, node), "function" end
  local name = node.own_name.lua
  e.locals = e.locals + 1
  e:push("local " .. name .. "; " .. name .. " = " .. functions.func(e, node) .. ";")
  return name, "fixed"
end

return functions
