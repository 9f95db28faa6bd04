--- translator: TypeScript or JavaScript to Lua, statement by statement on the source's own lines.

local absent = require "ts2lua.scopes.absent"
local emitter = require "ts2lua.emitter"
local facts = require "ts2lua.scopes.facts"
local fault = require "ts2lua.fault"
local modules = require "ts2lua.emitter.modules"
local parser = require "ts2lua.parser"
local resolve = require "ts2lua.scopes.resolve"

local translator = {}

---@class ts2lua.Dependency
---@field source string           the name it gives the other module
---@field start integer           the byte where that stands
---@field is_dynamic? boolean     `import(…)`

---@class ts2lua.Translation
---@field lua string            a chunk that takes the runtime, a function for other modules and
---                             the table of exports
---@field is_async boolean      it awaits at its top level
---@field has_default boolean   it exports a default
---@field has_exports boolean   it exports anything
---@field dependencies ts2lua.Dependency[]
---@field absent ts2lua.Fault[]    globals it uses that are not there
---@field functions ts2lua.FunctionRecord[]

local function is_default(node)
  if node.type == "ExportDefault" then return true end
  for _, name in ipairs(node.type == "ExportNames" and node.names or {}) do
    if name.exported == "default" then return true end
  end
  return false
end

--- Does a statement of the program fit?
local function any(program, fits)
  for _, node in ipairs(program.body) do
    if fits(node) then return true end
  end
  return false
end

local function is_export(node) return node.type:find "^Export" ~= nil end

--- Raises the first of what is understood and not supported, with all that is wrong beside it.
local function raise_refusals(program, dependencies)
  local first, others = program.refusals[1], absent.list(program)
  if not first then return end
  for _, refusal in ipairs(program.refusals) do
    others[#others + 1] = refusal
    if fault.is_before(refusal, first) then first = refusal end
  end
  fault.sort(others)
  first.others, first.dependencies = others, dependencies
  error(first, 0)
end

local function attempt(source, file, options)
  local program = parser.parse(source, file)
  program.define = options.define
  resolve.program(program)
  local dependencies = modules.dependencies(program)
  raise_refusals(program, dependencies)
  facts.begin(program)
  local lua, functions = emitter.emit(program, options.is_compact)
  return {
    lua = lua, functions = functions, dependencies = dependencies,
    is_async = program.is_async or false, has_default = any(program, is_default),
    has_exports = any(program, is_export),
    absent = absent.list(program),
  }
end

local TOO_DEEP = "this is nested too deeply"
local NAME_IT = "give a part of it a name or a function of its own"

--- LuaJIT's complaint about a chunk, as a fault.
local function compile_fault(file, message)
  local line, text = message:match ":(%d+): (.*)$"
  if text and text:find "syntax levels" then text = TOO_DEEP end
  return fault.new(file, tonumber(line) or 1, 1,
    text == TOO_DEEP and text or "this is too much for one Lua function: " .. (text or message),
    NAME_IT)
end

--- Runs the stages; returns the translation or a fault. Errors that are neither are ours.
local function run(source, file, options)
  local ok, result = pcall(attempt, source, file, options)
  if ok then
    local chunk, message = loadstring(result.lua, "@" .. file)
    if chunk then return result end
    return nil, compile_fault(file, message)
  end
  if fault.is(result) then return nil, result, true end
  if tostring(result):find("stack overflow", 1, true) then
    return nil, fault.new(file, 1, 1, TOO_DEEP, NAME_IT), true
  end
  error(result, 0)
end

--- Translates a source. A program that is too much for Lua's limits is written once more with
--- its variables in tables.
---@param source string
---@param file string    its name in faults and tracebacks
---@param define? fun(name: string): table?    makes the tree of what a global name stands for
---@return ts2lua.Translation?
---@return ts2lua.Fault?
function translator.translate(source, file, define)
  local options = { define = define, is_compact = false }
  local translation, problem, is_final = run(source, file, options)
  if translation or is_final then return translation, problem end
  options.is_compact = true
  return run(source, file, options)
end

--- Says what is wrong with a source, without running it: what the translator refuses, or else what
--- the program would look for in vain.
---@param source string
---@param file string
---@param define? fun(name: string): table?
---@return ts2lua.Fault[]
---@return ts2lua.Dependency[] dependencies
---@return ts2lua.Translation? translation
function translator.examine(source, file, define)
  local translation, problem = translator.translate(source, file, define)
  if translation then return translation.absent, translation.dependencies, translation end
  return problem.others or { problem }, problem.dependencies or {}
end

return translator
