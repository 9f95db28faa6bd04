--- options: what party.app is told: from a file, a class and a table to settings of a server.

local config = require "partylua.config"
local config_file = require "partylua.config.file"
local config_options = require "partylua.config.options"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local hint = require "partylua.hint"
local mode = require "partylua.testing.mode"
local native = require "partylua.native"

local options = {}

local NAMES = {
  "env", "now", "seed", "parties", "crons", "limits", "ai", "vectorize", "fetch", "strictAlarms",
  "real",
}
local TYPES = {
  env = "table", now = "number", seed = "number", parties = "table", crons = "table",
  limits = "table", ai = "function", vectorize = "table", fetch = "function",
  strictAlarms = "boolean", real = "boolean",
}

--- 2026-01-01, a Thursday.
local BEGIN_MS = 1767225600000

local function no_environment() end

--- Raises a failure unless every option is one and of its type.
local function check(given)
  if type(given) ~= "table" then
    failure.raise("party.app takes a table of options, got " .. type(given))
  end
  for name, value in pairs(given) do
    local expected = TYPES[name]
    if not expected then
      failure.raise(("party.app has no option '%s'"):format(tostring(name)),
        hint.did_you_mean(tostring(name), NAMES))
    end
    if type(value) ~= expected then
      failure.raise(("the option '%s' of party.app is a %s, got a %s")
        :format(name, expected, type(value)))
    end
  end
end

-- Files -----------------------------------------------------------------------------------------

--- The folder of the spec: the file on the stack that is none of this library.
local function spec_folder(directory)
  for level = 2, math.huge do
    local info = debug.getinfo(level, "S")
    if not info then return nil end
    local file = info.source:match "^@(.*)$"
    if file and file:sub(1, #native.lualib) ~= native.lualib then
      return fs.parent(fs.join(directory, file))
    end
  end
end

--- A path as it is seen from the working directory, or else from the folder of the spec that
--- names it, or from one above.
local function find(path)
  local directory = fs.cwd()
  if fs.exists(fs.join(directory, path)) then return fs.join(directory, path) end
  local folder = spec_folder(directory)
  return folder and fs.find_upward({ path }, folder) or path
end

local function load_config(request)
  request.getenv, request.is_bare = no_environment, true
  local settings, message, advice = config.load(request)
  if settings then return settings end
  return failure.raise(message, advice)
end

--- The configuration that names this file as its main party, if there is one beside it or above.
local function config_of(path)
  local ok, found = pcall(config_file.find, nil, fs.parent(path), fs.parent(path))
  if not ok or not found or not found:entry { "main" } then return nil end
  if found:resolve(found:value { "main" }) ~= path then return nil end
  return found.path
end

-- Settings --------------------------------------------------------------------------------------

--- The texts of options of the server, as flags have them.
local function flags_of(limits)
  local flags = {}
  for name, value in pairs(limits or {}) do
    local flag = tostring(name):gsub("_", "-")
    local is_known = false
    for _, option in ipairs(config_options.limits) do is_known = is_known or option.name == flag end
    if not is_known then failure.raise(("there is no limit '%s'"):format(tostring(name))) end
    flags[flag] = tostring(value)
  end
  return flags
end

local function of_class(class, flags)
  local settings = {
    main = class, parties = {}, env = {}, crons = {}, cron_timezones = {}, limits = {},
    directory = fs.cwd(), dev_endpoints = false, strict_alarms = true, fetch_allow = {},
    fetch_deny = {},
  }
  for _, option in ipairs(config_options.limits) do
    settings.limits[config_options.setting(option)] =
      config_options.resolve(option, flags, no_environment, no_environment)
  end
  return settings
end

local function of_file(name, flags)
  local path = find(name)
  if path:find "%.json[5c]?$" then return load_config { path = path, flags = flags } end
  local file = config_of(path)
  if file then return load_config { path = file, main = path, flags = flags } end
  if not fs.is_file(path) then failure.raise("no such file: " .. name) end
  local settings = of_class(path, flags)
  settings.directory = fs.cwd()
  return settings
end

local function add(settings, given)
  for name, value in pairs(given.env or {}) do settings.env[name] = value end
  for name, cron in pairs(given.crons or {}) do settings.crons[name] = cron end
  for name, source in pairs(given.parties or {}) do
    settings.parties[name] = type(source) == "string" and find(source) or source
  end
  -- Models of the configuration are not for specs: see stand_ins.
  settings.has_ai, settings.ai = settings.ai ~= nil, nil
  if given.strictAlarms ~= nil then settings.strict_alarms = given.strictAlarms end
  settings.now = given.now or BEGIN_MS
  settings.seed = given.seed or 1
  settings.is_real = given.real
  if given.real == nil then settings.is_real = mode.is_real end
end

---@class partylua.testing.Settings : partylua.Settings
---@field main string|table
---@field now number
---@field seed integer
---@field is_real boolean
---@field has_ai boolean    the configuration names models

--- The settings of a server that a spec asks for. Raises a failure when they cannot be had.
---@param source string|table
---@param given? partylua.testing.Options
---@return partylua.testing.Settings
function options.read(source, given)
  given = given or {}
  check(given)
  local flags = flags_of(given.limits)
  local settings
  if type(source) == "string" then
    settings = of_file(source, flags)
  elseif type(source) == "table" then
    settings = of_class(source, flags)
  else
    failure.raise("party.app takes a file or a class, got " .. type(source))
  end
  add(settings, given)
  return settings
end

return options
