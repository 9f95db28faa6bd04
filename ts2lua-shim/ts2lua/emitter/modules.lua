--- modules: imports and exports.
---
--- An imported name is read from the other module's table wherever it is used, so that modules
--- may import each other in circles. A name that is exported and changes lives in this module's
--- own table.

local functions = require "ts2lua.emitter.functions"
local hoist = require "ts2lua.scopes.hoist"
local names = require "ts2lua.scopes.names"
local rules = require "ts2lua.emitter.rules"

local expression, member, quote = rules.expression, names.member, names.quote
local STATEMENT = rules.statements

local modules = {}

local function add_export(binding, name)
  binding.exports = binding.exports or {}
  table.insert(binding.exports, name)
end

local function each_declared(node, take)
  local declaration = node.declaration
  if declaration.type ~= "Variables" then return take(declaration.binding) end
  for _, each in ipairs(declaration.declarations) do
    hoist.each_name(each.target, function(identifier) take(identifier.binding) end)
  end
end

--- Lets an exported binding live in the table of exports, and tells who passes it on when it may
--- change.
local function place_live(e, binding, exported)
  binding.place = member(e.holder, exported)
  if binding.is_assigned then
    e:push(e:call("mark_live", e.holder, quote(exported)) .. ";")
  end
end

local function prepare_names(e, node)
  for _, name in ipairs(node.names) do
    local binding = name.binding
    if not binding then
      e:fail(name, ("there is no '%s' to export"):format(name.name))
    end
    if binding.kind == "function" then
      add_export(binding, name.exported)
    elseif binding.kind ~= "import" and not binding.place then
      place_live(e, binding, name.exported)
    end
  end
end

--- Decides, before anything is written, where exported names live.
function rules.prepare_exports(e, list)
  for _, node in ipairs(list) do
    if node.type == "Export" then
      each_declared(node, function(binding)
        if binding.is_assigned and binding.kind ~= "function" then
          place_live(e, binding, binding.name)
        else
          add_export(binding, binding.name)
        end
      end)
    elseif node.type == "ExportDefault" and node.declaration and node.declaration.name then
      add_export(node.declaration.binding, "default")
    elseif node.type == "ExportNames" and not node.source then
      prepare_names(e, node)
    end
  end
end

--- Writes what a binding is exported as, now that it has its value.
function rules.export(e, binding)
  for _, name in ipairs(binding.exports or {}) do
    e:push(member(e.holder, name) .. " = " .. e:place(binding) .. ";")
  end
end

function STATEMENT.Export(e, node)
  rules.statement(e, node.declaration)
  each_declared(node, function(binding)
    if binding.kind ~= "function" then rules.export(e, binding) end
  end)
end

function STATEMENT.ExportDefault(e, node)
  local declaration = node.declaration
  if declaration and declaration.name then
    rules.statement(e, declaration)
    if declaration.type == "Class" then rules.export(e, declaration.binding) end
    return
  end
  e:block(function()
    local text = expression(e, declaration or node.expression)
    e:push(e.holder .. ".default = " .. text .. ";")
  end)
end

local function require_text(source)
  return "__require(" .. quote(source) .. ")"
end

local function pass_on(e, exported, module, name)
  e:push(e:call("pass_on", e.holder, quote(exported), module, quote(name)) .. ";")
end

function STATEMENT.ExportNames(e, node)
  for _, name in ipairs(node.names) do
    if node.source and name.name == "*" then
      e:push(member(e.holder, name.exported) .. " = " .. require_text(node.source) .. ";")
    elseif node.source then
      pass_on(e, name.exported, require_text(node.source), name.name)
    elseif name.binding.kind == "import" and name.binding.imported ~= "*" then
      pass_on(e, name.exported, name.binding.holder, name.binding.imported)
    elseif name.binding.kind == "import" or name.binding.place ~= member(e.holder, name.exported)
      and name.binding.kind ~= "function" then
      e:push(member(e.holder, name.exported) .. " = " .. e:place(name.binding) .. ";")
    end
  end
end

function STATEMENT.ExportAll(e, node)
  if node.name then
    e:push(member(e.holder, node.name) .. " = " .. require_text(node.source) .. ";")
  else
    e:push(e:call("pass_all", e.holder, require_text(node.source)) .. ";")
  end
end

--- Imports are written at the head of the module.
function STATEMENT.Import() end

local function is_needed(node)
  if node.for_effect then return true end
  for _, name in ipairs(node.names) do
    if name.binding.is_used then return true end
  end
  return false
end

--- Gives each imported name its place; returns the imports that matter at run time.
function modules.prepare_imports(body)
  local needed = {}
  for _, node in ipairs(body) do
    if node.type == "Import" and is_needed(node) then
      table.insert(needed, node)
      node.holder = "__i" .. #needed
      for _, name in ipairs(node.names) do
        name.binding.holder, name.binding.imported = node.holder, name.imported
        name.binding.place = name.imported == "*" and node.holder
          or member(node.holder, name.imported)
      end
    end
  end
  return needed
end

--- What a module needs: the names it gives other modules, and where.
---@param program table    resolved
---@return ts2lua.Dependency[]
function modules.dependencies(program)
  local list = {}
  for _, node in ipairs(program.body) do
    local is_import = node.type == "Import" and is_needed(node)
    local is_export = (node.type == "ExportNames" or node.type == "ExportAll") and node.source
    if is_import or is_export then
      table.insert(list, { source = node.source, start = node.source_start or node.start })
    end
  end
  for _, import in ipairs(program.imports) do table.insert(list, import) end
  return list
end

local function declare_imports(e, needed)
  local list = {}
  for i, node in ipairs(needed) do list[i] = node.holder end
  if #list > 0 then e:push("local " .. table.concat(list, ", ") .. ";") end
end

--- Writes a module's statements. Its functions come before its imports: a module that is imported
--- in a circle can already call them.
function modules.body(e, body, needed, scope)
  declare_imports(e, needed)
  functions.hoist_locals(e, scope, body)
  functions.statements(e, body, function()
    for _, node in ipairs(needed) do
      e:push(e:mark(node.line) .. node.holder .. " = " .. require_text(node.source) .. ";")
    end
  end)
end

return modules
