--- config: everything a server is told before it starts, in one table.
---
--- For each option the flag is stronger than the environment, that is stronger than the
--- configuration file, and the file than the default.

local environment = require "partylua.config.environment"
local failure = require "partylua.config.failure"
local config_file = require "partylua.config.file"
local fs = require "partylua.fs"
local lazy = require "partylua.lazy"
local modules = require "partylua.config.modules"
local native = require "partylua.native"
local options = require "partylua.config.options"

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

---@class partylua.config.Serve
---@field path string    absolute
---@field singlePageApp? boolean
---@field browserTTL? number    seconds
---@field edgeTTL? number       seconds
---@field symlinks? boolean    follow symbolic links, wherever they lead
---@field cors? true|table<string, string>    headers for pages of other origins

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

--- An option's value from the file; the file has been checked, so it reads.
local function from_file(file)
  return function(option)
    local value = file and option.path and file:value(option.path)
    if value == nil then return nil end
    return (options.read(option, value))
  end
end

local function add_options(settings, request, file)
  local function resolve(option)
    local value = failure.guard(request.report, options.resolve, option, request.flags,
      request.getenv, from_file(file), request.dev)
    if value == nil then return option.default end -- what was given is wrong, and reported
    return value
  end
  for _, option in ipairs(options.general) do
    settings[options.setting(option)] = resolve(option)
  end
  settings.limits = {}
  for _, option in ipairs(options.limits) do
    settings.limits[options.setting(option)] = resolve(option)
  end
end

--- The folder of static files. Its path is relative to the file, like every other in it.
local function static_files(file)
  local serve = file:value { "serve" }
  if serve == nil then return nil end
  local path = type(serve) == "string" and { "serve" } or { "serve", "path" }
  if type(serve) == "string" then serve = { path = serve } end
  if not serve.path then return nil end -- it was wrong, and reported
  local folder = file:resolve(serve.path)
  if not fs.is_folder(folder) then
    error(file:failure(path, "names a folder that does not exist: " .. folder, nil, "P009"), 0)
  end
  return {
    path = folder,
    singlePageApp = serve.singlePageApp,
    browserTTL = type(serve.browserTTL) == "number" and serve.browserTTL or nil,
    edgeTTL = type(serve.edgeTTL) == "number" and serve.edgeTTL or nil,
    symlinks = serve.symlinks,
    cors = serve.cors or nil,
  }
end

--- A cron is its expression, or an object that has that and a time zone of its own.
local function add_crons(settings, file)
  local zone = file:value { "cronTimezone" }
  for name, cron in pairs(file:value { "crons" } or {}) do
    local plan = type(cron) == "table" and cron or { schedule = cron }
    settings.crons[name] = plan.schedule -- nil where that was wrong, and reported
    settings.cron_timezones[name] = plan.timezone or zone
  end
end

--- The folder of the app that was named, else the working directory.
local function app_folder(request)
  if not request.main then return request.directory end
  return fs.parent(fs.join(request.directory, request.main))
end

--- Where rooms store: --data, else `persist` of the file, else the default. PartyKit: relative
--- to the working directory, or to the file when that was named.
local function data_folder(settings, request, file)
  local given = request.flags.data or request.getenv "PARTYLUA_DATA"
  if given and given ~= "" then return fs.join(request.directory, settings.data) end
  local persist = settings.persist
  local base = request.path and file and file.folder or request.directory
  return fs.join(base, type(persist) == "string" and persist or settings.data)
end

--- The certificates of --fetch-ca: relative to the working directory, or in a file to its folder.
local function add_certificates(settings, request, file)
  local path = settings.fetch_ca
  if not path then return end
  local given = request.flags["fetch-ca"] or request.getenv "PARTYLUA_FETCH_CA"
  local is_in_file = not given or given == ""
  settings.fetch_ca = fs.join(is_in_file and file.folder or request.directory, path)
  if fs.read(settings.fetch_ca) then return end
  local message = "names a file that cannot be read: " .. settings.fetch_ca
  if is_in_file then error(file:failure({ "fetch", "ca" }, message, nil, "P009"), 0) end
  failure.raise("--fetch-ca " .. message, nil, "P009")
end

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

--- Whether a party is written in TypeScript, or the main one that the file itself names.
local function has_typescript(settings, file)
  local typescript = require "partylua.typescript" -- hardly anybody asks
  for _, main in pairs { settings.main, file:value { "main" } } do
    if type(main) == "string" and typescript.is_name(main) then return true end
  end
  for _, path in pairs(settings.parties) do
    if typescript.is_name(path) then return true end
  end
  return false
end

--- The names of fields without effect. Of how pages are built there is one that has some.
local function unused_fields(file, settings)
  local build, names = file:value { "serve", "build" }, {}
  local only_live = type(build) == "table" and next(build) == "live" and not next(build, "live")
  for _, name in ipairs(file:unused()) do
    if name ~= "serve.build" or not only_live then names[#names + 1] = name end
  end
  local define = file:entries { "define" }
  if #define > 0 and not has_typescript(settings, file) then names[#names + 1] = "define" end
  return names, type(build) == "table" and build.live == true
end

local function add_file(settings, file, report)
  settings.config_file = file.path
  settings.name = file:value { "name" }
  add_crons(settings, file)
  settings.vars = file:value { "vars" } or {}
  settings.serve = failure.guard(report, static_files, file)
  settings.define = file:value { "define" }
  settings.build = file:value { "build" }
  settings.ai = file:value { "ai" }
  settings.bindings = file:value { "bindings" }
  settings.cf = file:value { "cf" }
  settings.cors = file:value { "cors" }
  local persist = file:value { "persist" }
  if persist ~= nil then settings.persist = persist end
  local strict = file:value { "strictAlarms" }
  if strict ~= nil then settings.strict_alarms = strict end
  local unused, live = unused_fields(file, settings)
  settings.live = live
  if #unused > 0 then
    local names = table.concat(unused, ", ")
    settings.warnings[1] = ("%s: without effect here: %s"):format(file.name, names)
  end
end

--- A failure that points at a field of the file, for checks made after loading.
local function blame_with(file)
  return function(path, message, hint, code)
    if file then return file:failure(path, message, hint, code) end
    return failure.new(table.concat(path, ".") .. " " .. message, hint, code)
  end
end

local function add_environment(settings, request)
  settings.env = environment.gather {
    vars = settings.vars, env_files = request.env_files, settings = request.vars,
    directory = request.directory, app_folder = app_folder(request), dev = request.dev,
    is_bare = request.is_bare,
  }
end

local function find_file(request)
  return config_file.find(request.path, request.directory, app_folder(request), request.report)
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
    persist = true,
    strict_alarms = true,
    parties = {},
    crons = {},
    cron_timezones = {},
    vars = {},
    env = {},
    warnings = {},
    blame = blame_with(nil),
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
  request.file, settings.blame = file, blame_with(file)
  settings.main = main_module(request, file, is_broken)
  settings.parties = modules.parties(file, report)
  if file then add_file(settings, file, report) end
  add_options(settings, request, file)
  failure.guard(report, add_certificates, settings, request, file)
  failure.guard(report, add_admin, settings)
  if file and file:value { "vectorize" } then
    settings.vectorize = failure.guard(report, vectorize.read, file,
      settings.limits.vectorize_dimensions)
  end
  if request.persist ~= nil then settings.persist = request.persist end
  settings.data = data_folder(settings, request, file)
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
      options.resolve(option, request.flags, request.getenv, from_file(file))
  end
  local is_named = request.flags.data or (request.getenv "PARTYLUA_DATA" or "") ~= ""
  if settings.persist == false and not is_named and not request.is_asking then
    error(file:failure({ "persist" }, "is false, so nothing is stored",
      "name a folder with --data"), 0)
  end
  settings.data = data_folder(settings, request, file)
  return settings
end

--- One limit, for those who make something of the configuration without serving it.
local function gather_limit(request)
  local file = config_file.find(request.path, request.directory, app_folder(request))
  for _, option in ipairs(options.limits) do
    if option.name == request.limit then
      return options.resolve(option, request.flags, request.getenv, from_file(file))
    end
  end
end

--- The settings of those who use the configured models without serving.
local function gather_ai(request)
  local file = config_file.find(request.path, request.directory, request.directory)
  local settings = { ai = file and file:value { "ai" }, blame = blame_with(file) }
  add_options(settings, request, file)
  add_certificates(settings, request, file)
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
  failure.guard(report, gather, whole, settings)
  if not whole.file then return settings end
  for _, name in ipairs((unused_fields(whole.file, settings))) do
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
