--- modules: loads a program's files, each once, and gives one what it imports from another.

local errors = require "ts2lua.runtime.errors"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local json_parse = require "ts2lua.runtime.json_parse"
local microtasks = require "ts2lua.runtime.microtasks"
local coroutines = require "ts2lua.runtime.coroutines"
local paths = require "ts2lua.host.paths"
local promises = require "ts2lua.runtime.promises"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local runtime = require "ts2lua.runtime"
local shape = require "ts2lua.runtime.shape"
local typescript = require "partylua.typescript"

local modules = {}

--- Exports by path.
local loaded = {}

local PLATFORM = { ["partykit/server"] = true, ["partysocket"] = true }

--- Why a name cannot be loaded.
local function hint_for(name)
  if name:find "^node:" or name == "fs" or name == "path" or name == "http" then
    return "Node's own modules are not there; partylua runs no Node"
  end
  if PLATFORM[name] then return "import its types with 'import type'" end
  if name:find "^%.%.?/" then return "the file is looked for beside the one that imports it" end
  return "packages are found in node_modules: 'npm install " .. name .. "'"
end

local load_path

local function find(name, from, display)
  local path = paths.resolve(name, from)
  if not path then
    failure.raise(("%s: cannot find the module '%s'"):format(display, name), hint_for(name))
  end
  return path
end

local function load_json(path)
  local exports = shape.object()
  loaded[path] = exports
  local value = json_parse(fs.read(path))
  exports.default = value
  if type(value) == "table" and getmetatable(value).is_object then
    property.assign(exports, value)
  end
  return exports
end

--- Runs a module that awaits at its top level to its end.
local function run_async(chunk, display, ...)
  local promise = coroutines.async(chunk)(...)
  microtasks.drain()
  if promise[1] == promises.REJECTED then
    promise[5] = true
    errors.throw(promise[2])
  end
  if promise[1] ~= promises.FULFILLED then
    raise.type_error(display .. " awaits something that takes time while it is loaded")
  end
end

local function load_program(path, display)
  local translation = typescript.translate(path, display)
  local exports = shape.object()
  loaded[path] = exports
  local chunk = assert(loadstring(translation.lua, "@" .. display))
  local function require_module(name)
    return load_path(find(name, path, display))
  end
  if translation.is_async then
    run_async(chunk, display, runtime, require_module, exports)
  else
    chunk(runtime, require_module, exports)
  end
  return exports
end

--- The exports of a file.
function load_path(path)
  if loaded[path] then return loaded[path] end
  if path:find "%.json$" then return load_json(path) end
  return load_program(path, modules.display(path))
end

--- A path as messages show it; set by `load`.
function modules.display(path)
  return modules.directory and fs.display(path, modules.directory) or path
end

--- Loads a file and what it imports; raises a failure with its place for what goes wrong.
---@param path string
---@param name string    how messages call it
---@param directory? string
---@return table exports
function modules.load(path, name, directory)
  modules.directory = directory or fs.parent(path)
  local ok, result = pcall(load_path, paths.normal(path))
  microtasks.drain()
  if ok then return result end
  if failure.is(result) and getmetatable(result) and not getmetatable(result).is_error then
    error(result, 0)
  end
  local problem = errors.caught(result)
  return failure.raise(("%s failed while loading: %s"):format(name, tostring(problem)))
end

return modules
