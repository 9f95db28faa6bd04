--- config: everything a server is told before it starts, in one table.
---
--- For each option the flag is stronger than the environment, that is stronger than the
--- configuration file, and the file than the default.

local environment = require "partylua.config.environment"
local config_file = require "partylua.config.file"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local lazy = require "partylua.lazy"
local modules = require "partylua.config.modules"
local native = require "partylua.native"
local options = require "partylua.config.options"
local parts = require "partylua.config.parts"

local fields = lazy "partylua.config.fields" ---@module "partylua.config.fields"
local vectorize = lazy "partylua.config.vectorize" ---@module "partylua.config.vectorize"

---@class partylua.config.Request
---@field path? string           the configuration file, instead of looking for one
---@field directory? string      the working directory, absolute
---@field main? string           the app, relative to the directory
---@field env_files? string[]
---@field vars? string[]         "NAME=value"
---@field flags? table<string, string>    option texts by option name ("drain-timeout")
---@field dev_endpoints? boolean
---@field is_asking? boolean     for the folder of a server that is asked, stored there or not
---@field dev? boolean           read `.env.local` as well
---@field live? boolean          pages hear of changes, whatever the file says
---@field persist? boolean       stronger than the file's
---@field is_bare? boolean       room.env holds what the file says in "vars", and nothing else
---@field getenv? fun(name: string): string?

---@class partylua.Settings
---@field main string                      absolute path of the main party's module
---@field parties table<string, string>    absolute paths of the others
---@field env table<string, any>
---@field define? table<string, any>       constants of parties in TypeScript
---@field vars table<string, any>          the part of env that the file gave
---@field crons table<string, string>      expressions
---@field cron_timezones table<string, string>    UTC for those that have none
---@field serve? partylua.config.Serve
---@field name? string
---@field host string
---@field port integer
---@field data string                      absolute path
---@field persist boolean|string       false: what rooms store is gone at the end
---@field map_bytes integer
---@field strict_alarms boolean        onAlarm knows no room.id and no context.parties
---@field log_level string
---@field log_format string
---@field errors string    "show" or "hide": their text, to clients
---@field drain_timeout_ms integer
---@field reload_timeout_ms integer
---@field dev_endpoints boolean
---@field bounds_loading? boolean      a file that never ends loading is an error (patience.lua)
---@field live boolean                 pages hear of changes (`partylua dev`)
---@field env_paths string[]           of the files named with --env-file, absolute
---@field fetch_allow string[]
---@field fetch_deny string[]
---@field fetch_proxy? string
---@field fetch_ca? string                 absolute path
---@field admin? string                    HOST:PORT, and its parts:
---@field admin_host? string
---@field admin_port? integer
---@field admin_token? string
---@field is_admin_token_new? boolean    made for this run
---@field admin_hosts string[]
---@field limits table<string, integer>    `message_bytes`, `ping_interval_ms`, …
---@field vectorize? table<string, partylua.config.VectorIndex>    by their names in the context
---@field ai? boolean|table                as the file has it; see config/ai.lua
---@field trusted_proxies string[]
---@field subprotocols string[]
---@field bindings? { r2?: table<string, any>, kv?: table<string, any> }
---@field cors? boolean|table<string, string>    headers for pages of other origins, of rooms
---@field cf? table<string, string|string[]|false>|boolean    headers by field of request.cf
---@field config_file? string              absolute path
---@field directory string                 the working directory
---@field warnings string[]                to be shown once
---@field blame fun(path: string[], message: string, hint?: string): partylua.Failure

local config = {}

--- The admin address in its parts. One that other machines reach has to be meant.
local function add_admin(settings)
  if not settings.admin then return end
  settings.admin_host, settings.admin_port = options.split_address(settings.admin)
  settings.is_admin_token_new = not settings.admin_token
  settings.admin_token = settings.admin_token or native.uuid():gsub("-", "")
  local is_loopback = settings.admin_host:find "^127%." or settings.admin_host == "::1"
  if is_loopback or settings.admin_remote == "yes" then return end
  failure.raise(("--admin %s can be reached from other machines"):format(settings.admin),
    "use 127.0.0.1, or say that it is meant with --admin-remote yes")
end

local function add_environment(settings, request)
  settings.env = environment.gather {
    vars = settings.vars, env_files = request.env_files, settings = request.vars,
    directory = request.directory, app_folder = parts.app_folder(request), dev = request.dev,
    is_bare = request.is_bare,
  }
end

local function find_file(request)
  return config_file.find(request.path, request.directory, parts.app_folder(request),
    request.report)
end

--- The module of the main party. That there is none says nothing new where the file that should
--- name it has not been understood.
local function main_module(request, file, is_broken)
  if not request.main and (is_broken or file and file:is_refused "main") then return nil end
  return failure.guard(request.report, modules.main, request.main, file, request.directory)
end

--- Settings before anybody has said anything.
local function plain_settings(request)
  return {
    directory = request.directory,
    dev_endpoints = request.dev_endpoints or false,
    bounds_loading = request.dev,
    persist = true,
    strict_alarms = true,
    parties = {},
    crons = {},
    cron_timezones = {},
    vars = {},
    env = {},
    warnings = {},
    blame = parts.blame_with(nil),
  }
end

--- Reports what is wrong, and gathers the rest into `settings`. A failure that it raises instead
--- leaves there what came before.
local function gather(request, settings)
  local report, is_broken = request.report, false
  local file = failure.guard(function(found)
    is_broken = true
    report(found)
  end, find_file, request)
  request.file, settings.blame = file, parts.blame_with(file)
  settings.main = main_module(request, file, is_broken)
  settings.parties = modules.parties(file, report)
  if file then fields.add(settings, file, report) end
  parts.add_options(settings, request, file)
  failure.guard(report, parts.add_certificates, settings, request, file)
  failure.guard(report, add_admin, settings)
  if file and file:value { "vectorize" } then
    settings.vectorize = failure.guard(report, vectorize.read, file,
      settings.limits.vectorize_dimensions)
  end
  if request.persist ~= nil then settings.persist = request.persist end
  settings.data = parts.data_folder(settings, request, file)
  settings.live = request.live or settings.live and request.dev or false
  settings.env_paths = {}
  for i, path in ipairs(request.env_files or {}) do
    settings.env_paths[i] = fs.join(request.directory, path)
  end
  failure.guard(report, add_environment, settings, request)
  return settings
end

--- The settings of those who look into a data folder without serving it.
local function gather_storage(request)
  if request.main then modules.main(request.main, nil, request.directory) end
  local file = find_file(request)
  local settings = { persist = file and file:value { "persist" } }
  for _, option in ipairs(options.storage) do
    settings[options.setting(option)] =
      options.resolve(option, request.flags, request.getenv, parts.from_file(file))
  end
  local is_named = request.flags.data or (request.getenv "PARTYLUA_DATA" or "") ~= ""
  if settings.persist == false and not is_named and not request.is_asking then
    error(file:failure({ "persist" }, "is false, so nothing is stored",
      "name a folder with --data"), 0)
  end
  settings.data = parts.data_folder(settings, request, file)
  return settings
end

--- One limit, for those who make something of the configuration without serving it.
local function gather_limit(request)
  local file = config_file.find(request.path, request.directory, parts.app_folder(request))
  for _, option in ipairs(options.limits) do
    if option.name == request.limit then
      return options.resolve(option, request.flags, request.getenv, parts.from_file(file))
    end
  end
end

--- The settings of those who use the configured models without serving.
local function gather_ai(request)
  local file = config_file.find(request.path, request.directory, request.directory)
  local settings = { ai = file and file:value { "ai" }, blame = parts.blame_with(file) }
  parts.add_options(settings, request, file)
  parts.add_certificates(settings, request, file)
  settings.env = environment.gather {
    vars = file and file:value { "vars" }, env_files = request.env_files, settings = request.vars,
    directory = request.directory, dev = request.dev,
  }
  return settings
end

--- A request with what it leaves out.
local function complete(request, report)
  local whole = { directory = fs.cwd(), flags = {}, getenv = os.getenv, report = report }
  for key, value in pairs(request or {}) do whole[key] = value end
  return whole
end

--- What `gather` makes of a request, or nil, the message and the hint of its failure.
local function attempt(gather_them, request)
  local whole = complete(request, failure.throw)
  local ok, result = pcall(gather_them, whole, plain_settings(whole))
  if ok then return result end
  if not failure.is(result) then error(result, 0) end
  return nil, result.message, result.hint
end

--- Gathers the settings of a server.
---@param request? partylua.config.Request
---@return partylua.Settings? settings
---@return string? message    with place, source line and caret where a file is at fault
---@return string? hint
function config.load(request)
  return attempt(gather, request)
end

--- Gathers them in the same way, and reports everything that is wrong. What it leaves out for
--- that is not among the settings.
---@param request? partylua.config.Request
---@param report fun(found: partylua.Failure)
---@return partylua.Settings settings
function config.inspect(request, report)
  local whole = complete(request, report)
  local settings = plain_settings(whole)
  settings.bounds_loading = true
  failure.guard(report, gather, whole, settings)
  if not whole.file then return settings end
  for _, name in ipairs((fields.unused(whole.file, settings))) do
    report(whole.file:unused_warning(name))
  end
  return settings
end

--- Finds the data folder of a server with the same request, which need not be there yet.
---@param request? partylua.config.Request
---@return { data: string, map_bytes: integer }? settings
---@return string? message
---@return string? hint
function config.storage(request)
  return attempt(gather_storage, request)
end

--- The value of one limit of a server with the same request.
---@param name string    "vectorize-dimensions"
---@param request partylua.config.Request
---@return integer? value
---@return string? message
---@return string? hint
function config.limit(name, request)
  local asked = { limit = name }
  for key, value in pairs(request) do asked[key] = value end
  return attempt(gather_limit, asked)
end

--- Finds the model provider of a server with the same request.
---@param request? partylua.config.Request
---@return partylua.Settings? settings    ai, env and options alone
---@return string? message
---@return string? hint
function config.ai(request)
  return attempt(gather_ai, request)
end

return config
