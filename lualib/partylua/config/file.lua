--- file: the configuration file in force, found, parsed and checked.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local json = require "partylua.json"
local lazy = require "partylua.lazy"

local json5 = lazy "partylua.config.json5" ---@module "partylua.config.json5"
local source = lazy "partylua.config.source" ---@module "partylua.config.source"
local validate = lazy "partylua.config.validate" ---@module "partylua.config.validate"

---@class partylua.config.File
---@field path string      absolute
---@field name string      as messages show it
---@field folder string    what the paths in it are relative to
---@field source partylua.config.Source
---@field root partylua.config.Node
---@field judgement partylua.config.Judgement
local File = {}
File.__index = File

local NAMES = { "partylua.json", "partykit.json", "partykit.json5", "partykit.jsonc" }

--- The entry at a path of keys, or nil.
---@param path string[]
---@return partylua.config.Entry?
function File:entry(path)
  local node, entry = self.root, nil
  for _, key in ipairs(path) do
    entry = node.fields and node.fields[key]
    if not entry then return nil end
    node = entry.node
  end
  return entry
end

--- The plain value at a path of keys, or nil.
---@param path string[]
---@return any
function File:value(path)
  local entry = self:entry(path)
  return entry and json5.to_lua(entry.node, json)
end

--- The entries of the object at a path of keys, in the order of the file.
---@param path string[]
---@return partylua.config.Entry[]
function File:entries(path)
  local entry = self:entry(path)
  return entry and entry.node.entries or {}
end

--- A failure that points at the value of the field `path`.
---@param path string[]
---@param message string    what is wrong: "has 4 fields, a cron line has 5"
---@param hint? string
---@param code? string    P005 if left out: it is no right value
---@return partylua.Failure
function File:failure(path, message, hint, code)
  local named = validate.path_text(path) .. " " .. message
  local entry = self:entry(path)
  if not entry then return failure.new(("%s: %s"):format(self.name, named), hint, code) end
  return self.source:failure(entry.node.at, entry.node.stop, named, hint, code or "P005")
end

--- Whether something within a top-level key was wrong, so that it is not as it was written.
---@param key string
---@return boolean
function File:is_refused(key)
  return self.judgement.refused[key] == true
end

--- The names of the fields that are accepted and do nothing here.
---@return string[]
function File:unused()
  local names = {}
  for i, field in ipairs(self.judgement.unused) do names[i] = field.name end
  return names
end

--- A warning about one of these fields.
---@param name string
---@return partylua.Failure
function File:unused_warning(name)
  local entry = self:entry { name }
  local at, stop = entry and entry.at or 1, entry and entry.stop or 1
  for _, field in ipairs(self.judgement.unused) do
    if field.name == name then at, stop = field.at, field.stop end
  end
  local message = name .. " is without effect here"
  local warning = self.source:failure(at, stop, message, nil, "P007")
  warning.is_warning = true
  return warning
end

--- A path written in the file, absolute.
---@param path string
---@return string
function File:resolve(path)
  return fs.join(self.folder, path)
end

local function open(path, name, report, pick)
  local text = source.read(path, name)
  local root = json5.parse(text)
  if pick then
    local entry = root.fields and root.fields[pick]
    if not entry then return nil end
    root = entry.node
  end
  local judgement = validate.document(text, root, require "partylua.config.schema", report)
  return setmetatable({
    path = path,
    name = name,
    folder = fs.parent(path),
    source = text,
    root = root,
    judgement = judgement,
  }, File)
end

local file = {}

--- The nearest file at or above a folder, else the `partykit` object of the nearest package.json.
local function find_nearest(start, directory, report)
  local found = fs.find_upward(NAMES, start)
  if found then return open(found, fs.display(found, directory), report) end
  local package_json = fs.find_upward({ "package.json" }, start)
  -- Other programs' files are parsed only if they speak of us.
  local text = package_json and fs.read(package_json)
  if not text or not text:find '"partykit"%s*:' then return nil end
  return open(package_json, fs.display(package_json, directory), report, "partykit")
end

--- The file at `path`; else the one found from the working directory (PartyKit: config file
--- discovery); else the one found from the app's folder, so that an app brings its own along.
--- Raises when the file cannot be read, and reports what is wrong in it.
---@param path string?    as given, relative to the working directory
---@param directory string    the working directory, absolute
---@param app_folder string    absolute
---@param report? fun(found: partylua.Failure)    raises what it is given, if left out
---@return partylua.config.File?
function file.find(path, directory, app_folder, report)
  report = report or failure.throw
  if path then return open(fs.join(directory, path), path, report) end
  return find_nearest(directory, directory, report) or find_nearest(app_folder, directory, report)
end

return file
