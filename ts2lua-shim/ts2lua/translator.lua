--- translator: TypeScript or JavaScript to Lua, statement by statement on the source's own lines.

local emitter = require "ts2lua.emitter"
local facts = require "ts2lua.scopes.facts"
local fault = require "ts2lua.fault"
local parser = require "ts2lua.parser"
local resolve = require "ts2lua.scopes.resolve"

local translator = {}

---@class ts2lua.Translation
---@field lua string            a chunk that takes the runtime, a function for other modules and
---                             the table of exports
---@field is_async boolean      it awaits at its top level
---@field dependencies { source: string, start: integer }[]

local function attempt(source, file, is_compact)
  local program = parser.parse(source, file)
  resolve.program(program)
  facts.begin(program)
  local lua, dependencies = emitter.emit(program, is_compact)
  return { lua = lua, dependencies = dependencies, is_async = program.is_async or false }
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
local function run(source, file, is_compact)
  local ok, result = pcall(attempt, source, file, is_compact)
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
---@return ts2lua.Translation?
---@return ts2lua.Fault?
function translator.translate(source, file)
  local translation, problem, is_final = run(source, file, false)
  if translation or is_final then return translation, problem end
  return run(source, file, true)
end

return translator
