--- findings: what is wrong with a program and all it imports, found without running any of it.

local errors = require "ts2lua.runtime.errors"
local fault = require "ts2lua.fault"
local fs = require "partylua.fs"
local imports = require "ts2lua.host.imports"
local json_parse = require "ts2lua.runtime.json_parse"
local node_modules = require "ts2lua.host.node_modules"
local paths = require "ts2lua.host.paths"
local translator = require "ts2lua.translator"

local findings = {}

---@class ts2lua.Walk
---@field list ts2lua.Fault[]
---@field seen table<string, boolean>
---@field directory string
---@field define? fun(name: string): table?

--- Adds a fault with its file's path and text, for whoever shows the line.
local function add(walk, found, path, source)
  found.path, found.source = path, source
  table.insert(walk.list, found)
end

local visit

local function visit_json(walk, path, display, source)
  local ok, problem = pcall(json_parse, source)
  if ok then return end
  local message = "this is no JSON: " .. errors.caught(problem).message
  add(walk, fault.new(display, 1, 1, message), path, source)
end

--- What a file of a package uses is its own business, unless it is a CommonJS module.
local function add_all(walk, list, translation, path, source)
  if not (node_modules.holds(path) and translation) then
    for _, found in ipairs(list) do add(walk, found, path, source) end
    return
  end
  local found = imports.commonjs_fault(translation, path)
  if found then add(walk, found, path, source) end
end

local function visit_import(walk, path, display, source, import)
  if imports.is_own(import.source) then return end
  local target, missing = imports.find(import.source, path, source, display, import.start)
  if target then return visit(walk, target) end
  if not (import.is_dynamic and node_modules.holds(path)) then add(walk, missing, path, source) end
end

local function visit_program(walk, path, display, source, is_entry)
  local list, dependencies, translation = translator.examine(source, display, walk.define)
  add_all(walk, list, translation, path, source)
  if is_entry and translation and not translation.has_default then
    add(walk, fault.new(display, 1, 1, "this must export the party's class as its default",
      "end the file with 'export default class … implements Party.Server'"), path, source)
  end
  for _, each in ipairs(dependencies) do visit_import(walk, path, display, source, each) end
end

function visit(walk, path, is_entry)
  if walk.seen[path] then return end
  walk.seen[path] = true
  local display, source = fs.display(path, walk.directory), fs.read(path) or ""
  if path:find "%.json$" then return visit_json(walk, path, display, source) end
  visit_program(walk, path, display, source, is_entry)
end

--- The faults of a file and of what it imports; an empty list when nothing is wrong. Those of a
--- file stand in the order of their places.
---@param path string
---@param directory? string    the project's
---@param define? fun(name: string): table?
---@return ts2lua.Fault[]
function findings.of(path, directory, define)
  local walk = { list = {}, seen = {}, directory = directory or fs.parent(path), define = define }
  visit(walk, paths.normal(path), true)
  return walk.list
end

return findings
