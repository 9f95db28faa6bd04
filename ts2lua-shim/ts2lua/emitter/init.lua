--- emitter: a resolved tree as Lua.

local boxes = require "ts2lua.emitter.boxes"
local Emitter = require "ts2lua.emitter.emitter"
local layout = require "ts2lua.emitter.layout"
local modules = require "ts2lua.emitter.modules"
local names = require "ts2lua.scopes.names"
local rules = require "ts2lua.emitter.rules"

require "ts2lua.emitter.operators"
require "ts2lua.emitter.access"
require "ts2lua.emitter.literals"
require "ts2lua.emitter.assignments"
require "ts2lua.emitter.functions"
require "ts2lua.emitter.classes"
require "ts2lua.emitter.jumps"
require "ts2lua.emitter.loops"
require "ts2lua.emitter.statements"

local emitter = {}

local function helpers_text(e)
  local list = {}
  for name in pairs(e.helpers) do list[#list + 1] = name end
  if #list == 0 then return "" end
  table.sort(list)
  local left, right = {}, {}
  for i, name in ipairs(list) do
    left[i], right[i] = "__" .. name, "__rt." .. name
  end
  return "local " .. table.concat(left, ", ") .. " = " .. table.concat(right, ", ") .. "; "
end

local function shapes_text(e)
  if #e.shapes == 0 then return "" end
  local list = {}
  for i, keys in ipairs(e.shapes) do
    local quoted = {}
    for k, key in ipairs(keys) do quoted[k] = names.quote(key) end
    list[i] = "__rt.shape{" .. table.concat(quoted, ",") .. "}"
  end
  return "local __S = {" .. table.concat(list, ", ") .. "}; "
end

--- Writes a program whose names are resolved. The Lua chunk takes the runtime, a function that
--- gives other modules, and the table of what it exports.
---@param program table
---@param is_compact boolean    saves locals and upvalues wherever it can
---@return string lua
---@return ts2lua.FunctionRecord[] functions
function emitter.emit(program, is_compact)
  local e = Emitter.new(program, is_compact)
  local needed = modules.prepare_imports(program.body)
  rules.prepare_exports(e, program.body)
  boxes.assign(program, is_compact)
  modules.body(e, program.body, needed, program.scope)
  local text = "local __rt, __require, __E = ...; " .. helpers_text(e) .. shapes_text(e)
    .. table.concat(e.out, " ")
  return layout.lines(text) .. "\n", e.functions
end

return emitter
