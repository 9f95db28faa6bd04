--- typescript: finds the part of this software that takes TypeScript, which is loaded only when
--- there is some.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local json = require "partylua.json"
local lazy = require "partylua.lazy"
local native = require "partylua.native"
local sources = require "partylua.sources"

local source = lazy "partylua.config.source" ---@module "partylua.config.source"

local typescript = {}

---@class partylua.typescript.Finding : ts2lua.Fault
---@field failure partylua.Failure    the same, with code, place and excerpt

--- Makes its modules findable. In the build tree it stands beside this library; installed, within
--- it.
function typescript.prepare()
  if package.searchpath("ts2lua.translator", package.path) then return end
  local folder = native.lualib .. "/../ts2lua-shim"
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(folder, folder, package.path)
end

--- Is a file of that name TypeScript or JavaScript?
---@param name string
---@return boolean
function typescript.is_name(name)
  return name:find "%.[cm]?[tj]sx?$" ~= nil
end

-- Which faults have which code; all others are syntax errors.
local CODES = {
  { "^cannot find the module", "P042" }, { "is a module of Node", "P042" },
  { "must export the party's class", "P017" },
  { "not supported", "P041" }, { "is not there", "P041" }, { "which is not loaded", "P041" },
}

local function code_of(message)
  for _, each in ipairs(CODES) do
    if message:find(each[1]) then return each[2] end
  end
  return "P040"
end

--- A fault of the translator as a failure for the person at the command line.
---@param fault ts2lua.Fault
---@param text string    the source
---@return partylua.Failure
function typescript.failure(fault, text)
  local file = source.of(text, fault.file)
  local at = file:line_start(fault.line) + fault.column - 1
  local stop = text:match("^[%w_$]+()", at) or text:match("^['\"][^'\"\r\n]*['\"]()", at)
  return file:failure(at, stop and stop - 1, fault.message, fault.hint, code_of(fault.message))
end

--- Raises such a failure.
---@param fault ts2lua.Fault
---@param text string
function typescript.raise(fault, text)
  error(typescript.failure(fault, text), 0)
end

--- Above this many bytes the translator's loops are worth compiling.
local UNCOMPILED_BYTES_MAX = 65536

--- Calls a function with LuaJIT's compiler off: for a source of the usual size it would spend more
--- time on compiling the translator than on translating.
local function uncompiled(text, fn, ...)
  if #text > UNCOMPILED_BYTES_MAX or not jit.status() then return fn(...) end
  jit.off()
  local ok, a, b = pcall(fn, ...)
  jit.on()
  if not ok then error(a, 0) end
  return a, b
end

--- Translates a file; raises a failure for what is no TypeScript.
---@param path string
---@param name? string    for messages
---@param define? fun(name: string): table?    as made by `definer`
---@return ts2lua.Translation
---@return string source
function typescript.translate(path, name, define)
  typescript.prepare()
  sources.note(path)
  if fs.is_folder(path) then failure.raise(path .. " is a folder") end
  if not fs.exists(path) then failure.raise("no such file: " .. path) end
  local text, why = fs.read(path)
  if not text then return failure.raise("cannot read " .. why) end
  local translation, fault = uncompiled(text, require("ts2lua.translator").translate, text,
    name or path, define)
  if not translation then typescript.raise(fault, text) end
  return translation, text
end

--- What the translator needs of "define" in the configuration: the tree of what a name stands for,
--- made anew for each place. Values are expressions, as esbuild takes them; what is no text means
--- itself. Raises a failure for a text that is no expression.
---@param constants? table<string, any>
---@return (fun(name: string): table?)?
local function definer(constants)
  if constants == nil or next(constants) == nil then return nil end
  local parser = require "ts2lua.parser"
  local function make(name)
    local value = constants[name]
    if value == nil then return nil end
    local text = type(value) == "string" and value or json.encode(value)
    local ok, tree = pcall(parser.expression, text, name)
    if ok then return tree end
    local message = '"define": %s must be a JavaScript expression, got %s'
    return failure.raise(message:format(name, text), [[a text has quotes of its own: "\"text\""]])
  end
  for name in pairs(constants) do make(name) end
  return make
end

--- Loads a party written in TypeScript; returns its class.
---@param path string
---@param name string
---@param directory? string    the project's, to which names in messages are relative
---@param constants? table<string, any>    "define" of the configuration
---@return table class
function typescript.load(path, name, directory, constants)
  typescript.prepare()
  return require("ts2lua.host").load(path, name, directory, definer(constants))
end

--- Begins a new app: no module of one before it is used again.
function typescript.forget()
  local modules = package.loaded["ts2lua.host.modules"]
  if modules then modules.forget() end
end

--- Says what is wrong with a party written in TypeScript and with every file it imports, without
--- running any of them: syntax errors, what the translator does not support (decorators, eval,
--- with), globals that are not there (WebAssembly, Node's), imports that lead nowhere, Node's own
--- modules, CommonJS packages, a missing default export. An empty list means that it will load,
--- unless its own code throws.
---
--- Each finding has `file` (as shown to people), `path`, `line`, `column` (in bytes, from 1),
--- `message`, perhaps a `hint`, and `failure`, to be shown. `tostring(finding)` is
--- "server.ts:3:14: message".
---@param path string
---@param directory? string    the project's, to which `file` is relative
---@param constants? table<string, any>    "define" of the configuration
---@return partylua.typescript.Finding[]
function typescript.check(path, directory, constants)
  typescript.prepare()
  local list = require("ts2lua.host.findings").of(path, directory, definer(constants))
  for _, found in ipairs(list) do found.failure = typescript.failure(found, found.source) end
  return list
end

return typescript
