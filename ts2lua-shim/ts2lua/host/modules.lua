--- modules: loads a program's files, each once, and gives one what it imports from another.

local coroutines = require "ts2lua.runtime.coroutines"
local errors = require "ts2lua.runtime.errors"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local functions = require "ts2lua.runtime.functions"
local imports = require "ts2lua.host.imports"
local microtasks = require "ts2lua.runtime.microtasks"
local node_modules = require "ts2lua.host.node_modules"
local paths = require "ts2lua.host.paths"
local place = require "partylua.place"
local promises = require "ts2lua.runtime.promises"
local property = require "ts2lua.runtime.property"
local raise = require "ts2lua.runtime.raise"
local runtime = require "ts2lua.runtime"
local shape = require "ts2lua.runtime.shape"
local typescript = require "partylua.typescript"

local modules = {}

--- Exports by path.
local loaded = {}

--- Packages that are part of the platform, whatever node_modules has.
local PLATFORM = {
  ["partykit-ai"] = function()
    return shape.record({ "Ai" }, { require("ts2lua.host.services").Ai })
  end,
}

local load_path

local function load_json(path, display)
  local exports = shape.object()
  loaded[path] = exports
  local ok, value = pcall(require "ts2lua.runtime.json_parse", fs.read(path))
  if not ok then
    failure.raise(("%s is no JSON: %s"):format(display, errors.caught(value).message))
  end
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

--- Refuses what the program would look for in vain. Packages may never come to that place.
local function check_absent(translation, path, source)
  local fault = imports.commonjs_fault(translation, path)
  if not fault and not node_modules.holds(path) then fault = translation.absent[1] end
  if fault then typescript.raise(fault, source) end
end

--- Gives a program what it imports, by the names it uses.
local function requirer(translation, path, source, display)
  local starts = {}
  for _, each in ipairs(translation.dependencies) do starts[each.source] = each.start end
  return function(name)
    if PLATFORM[name] then
      loaded[name] = loaded[name] or PLATFORM[name]()
      return loaded[name]
    end
    local found, fault = imports.find(name, path, source, display, starts[name] or 1)
    if not found then typescript.raise(fault, source) end
    return load_path(found)
  end
end

local function load_program(path, display)
  local translation, source = typescript.translate(path, display, modules.define)
  check_absent(translation, path, source)
  local exports = shape.object()
  loaded[path] = exports
  functions.programs[display] = { functions = translation.functions, source = source }
  local chunk = assert(loadstring(translation.lua, "@" .. display))
  local require_module = requirer(translation, path, source, display)
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
  if path:find "%.json$" then return load_json(path, modules.display(path)) end
  return load_program(path, modules.display(path))
end

--- A path as messages show it; set by `load`.
function modules.display(path)
  return modules.directory and fs.display(path, modules.directory) or path
end

--- Forgets what was loaded: the next app begins with programs that have not run.
function modules.forget()
  loaded = {}
end

--- Raises a failure for what a program has thrown; where, its stack knows if it is an Error.
local function raise_loading(name, problem)
  local intro, text = name .. " failed while loading: ", tostring(problem)
  local stack = type(problem) == "table" and rawget(problem, "stack")
  local where = type(stack) == "string" and stack:match "\n%s+at ([^\n]-:%d+)"
  local found = where and place.of_message(("%s: %s"):format(where, text), intro, nil, "P023")
  if not found then failure.raise(intro .. text, nil, "P023") end
  found.message = found.message .. (text:match "\n.*" or "") -- and where it was called from
  error(found, 0)
end

--- Loads a file and what it imports; raises a failure with its place for what goes wrong.
---@param path string
---@param name string    how messages call it
---@param directory? string
---@param define? fun(name: string): table?
---@return table exports
function modules.load(path, name, directory, define)
  modules.directory, modules.define = directory or fs.parent(path), define
  local ok, result = pcall(load_path, paths.normal(path))
  microtasks.drain()
  if ok then return result end
  modules.forget()
  if failure.is(result) and getmetatable(result) and not getmetatable(result).is_error then
    error(result, 0)
  end
  return raise_loading(name, errors.caught(result))
end

return modules
