--- application: from settings to a serving process.

local WebSocket = require "partylua.websocket"
local ai_binding = require "partylua.ai.binding"
local cf = require "partylua.cf"
local connection = require "partylua.connection"
local context = require "partylua.context"
local cors = require "partylua.cors"
local cron = require "partylua.cron"
local data_folder = require "partylua.data_folder"
local failure = require "partylua.config.failure"
local fetch = require "partylua.fetch"
local host = require "partylua.host"
local native = require "partylua.native"
local parties = require "partylua.parties"
local server = require "partylua.server"
local typescript = require "partylua.typescript"
local vectorize = require "partylua.vectorize"

local application = {}

--- Several parties of one file:
---
---     return party.app { main = Chat, parties = { cursors = Cursors } }
local App = {}
App.__index = App
application.App = App

---@param parts { main: table, parties?: table<string, table> }
function application.app(parts)
  if type(parts) ~= "table" or type(parts.main) ~= "table" then
    error("party.app takes { main = Class, parties = { name = Class } }", 2)
  end
  return setmetatable({ main = parts.main, parties = parts.parties or {} }, App)
end

-- Loading ---------------------------------------------------------------------------------------

local function folder_of(path)
  return path:match "^(.*)/[^/]*$" or "."
end

--- The app's own modules are found beside it, before any others.
local function add_module_folder(folder)
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(folder, folder, package.path)
end

--- A path as the user would write it.
local function short(path, directory)
  local prefix = (directory or "") .. "/"
  if path:sub(1, #prefix) == prefix then return path:sub(#prefix + 1) end
  return path
end

local function on_error(err)
  if failure.is(err) then return err end
  local trace = debug.traceback("", 2):gsub("^%s*stack traceback:", "")
  local lines = {}
  for line in trace:gmatch "[^\n]+" do -- frames of the user's files only
    if not line:find("partylua/", 1, true) and line:find ".lua:%d+:" then
      lines[#lines + 1] = line
    end
  end
  local message = type(err) == "table" and err.message or tostring(err)
  return { text = message .. (lines[2] and "\n" .. table.concat(lines, "\n") or "") }
end

local function run_file(path, name, settings)
  if typescript.is_name(path) then
    return typescript.load(path, name, settings.directory, settings.define)
  end
  local file = io.open(path)
  if not file then failure.raise("no such file: " .. name) end
  local source = file:read "*a"
  file:close()
  local chunk, why = loadstring(source:gsub("^#[^\n]*", ""), "@" .. name)
  if not chunk then failure.raise("syntax error: " .. why) end
  local ok, result = xpcall(chunk, on_error)
  if ok then return result end
  if failure.is(result) then error(result, 0) end
  return failure.raise(("%s failed while loading: %s"):format(name, result.text))
end

--- What a party is made of: the class itself, or the file that gives it.
local function class_of(source, name, settings)
  if type(source) == "table" then return source end
  return run_file(source, name, settings)
end

local function name_of(source, directory)
  return type(source) == "table" and "the app" or short(source, directory)
end

--- The names in a table, in an order that is the same every time.
local function sorted_names(by_name)
  local names = {}
  for name in pairs(by_name) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Party name -> class, of all files.
local function load_classes(settings)
  typescript.forget()
  local classes, files = {}, {}
  local function add(name, class, file)
    server.check_class(class, file) -- a table keeps no nil
    if classes[name] then
      failure.raise(("party %s is defined twice: in %s and in %s"):format(name, files[name], file))
    end
    classes[name], files[name] = class, file
  end
  local main_name = name_of(settings.main, settings.directory)
  if type(settings.main) == "string" then add_module_folder(folder_of(settings.main)) end
  local main = class_of(settings.main, main_name, settings)
  local is_app = getmetatable(main) == App
  add("main", is_app and main.main or main, main_name)
  local others = is_app and main.parties or {}
  for _, name in ipairs(sorted_names(others)) do add(name, others[name], main_name) end
  for _, name in ipairs(sorted_names(settings.parties or {})) do
    local source = settings.parties[name]
    local file = name_of(source, settings.directory)
    add(name, class_of(source, file, settings), file)
  end
  return classes, files
end

--- Loads and checks every party.
---@param settings partylua.Settings
---@return table<string, partylua.Definition>
function application.load(settings)
  local classes, files = load_classes(settings)
  local definitions = {}
  for name, class in pairs(classes) do
    local definition, warnings = server.define(name, class, files[name])
    definitions[name] = definition
    for _, warning in ipairs(warnings) do native.log("warn", "app", warning) end
  end
  return definitions
end

-- Serving ---------------------------------------------------------------------------------------

local function traits_of(definitions)
  local traits, names = {}, {}
  for name, definition in pairs(definitions) do
    traits[#traits + 1] = definition:traits()
    names[#names + 1] = name
  end
  table.sort(names)
  return traits, names
end

local LISTEN_HINTS = {
  EADDRINUSE = "another program listens there; choose another port with --port",
  EACCES = "ports below 1024 need privileges; choose another port with --port",
  EADDRNOTAVAIL = "this machine has no such address",
  EINVAL = "--host takes a numeric address such as 127.0.0.1 or ::1",
}

--- Host and port as URLs have them.
local function authority(settings, port)
  local is_ipv6 = settings.host:find(":", 1, true)
  return (is_ipv6 and "[%s]:%d" or "%s:%d"):format(settings.host, port)
end

local function announce(settings, names, port)
  native.log("info", "server", "listening", {
    "url", "http://" .. authority(settings, port),
    "parties", table.concat(names, ","),
    "app", short(settings.main, settings.directory),
  })
end

--- The crons to start. Configured ones that nobody would hear of are worth a warning.
---@param settings partylua.Settings
---@param definitions table<string, partylua.Definition>
---@return partylua.cron.Planned[]
function application.crons(settings, definitions)
  local planned = cron.load(settings)
  if #planned == 0 or definitions.main.class.onCron then return planned end
  native.log("warn", "app", ("crons are configured and never run: %s has no onCron")
    :format(name_of(settings.main, settings.directory)))
  return {}
end

--- Gives definitions and settings to all who answer for rooms; from then on hooks may run.
---@param settings partylua.Settings
---@param definitions table<string, partylua.Definition>
---@return table[] traits    what the native side wants to know of each party
---@return string[] names    of the parties, sorted
---@return table? services    that code may ask: native.ServeOptions.services
function application.configure(settings, definitions)
  local traits, names = traits_of(definitions)
  host.configure(definitions)
  parties.configure(names)
  local ai, services = ai_binding.make(settings.ai, settings.env, settings.blame)
  context.configure(settings, ai)
  cf.configure(settings.cf)
  connection.configure(settings.limits.state_bytes)
  fetch.configure(settings.limits)
  WebSocket.configure(settings.limits)
  native.set_strict_alarms(settings.strict_alarms)
  return traits, names, services
end

--- Serves until SIGTERM or SIGINT.
---@param settings partylua.Settings
---@return integer exit_code
function application.serve(settings)
  native.log_configure(settings.log_level, settings.log_format)
  local definitions = application.load(settings)
  local crons = application.crons(settings, definitions)
  local traits, names, services = application.configure(settings, definitions)
  collectgarbage "restart" -- main.c has stopped it
  local data = data_folder.open(settings)
  local code, why, errno, place = native.serve {
    host = settings.host,
    port = settings.port,
    data = data.path,
    map_bytes = settings.map_bytes,
    is_volatile = data.is_temporary,
    limits = settings.limits,
    parties = traits,
    hides_errors = settings.errors == "hide",
    has_socket = definitions.main.class.onSocket ~= nil,
    hooks = host,
    fetch_allow = settings.fetch_allow,
    fetch_deny = settings.fetch_deny,
    fetch_proxy = settings.fetch_proxy,
    fetch_ca = settings.fetch_ca,
    trusted_proxies = settings.trusted_proxies,
    subprotocols = settings.subprotocols,
    cors = cors.headers(settings.cors),
    services = services,
    drain_timeout_ms = settings.drain_timeout_ms,
    on_listening = function(port)
      announce(settings, names, port)
      vectorize.check(context.shared "vectorize")
      cron.start(crons, definitions.main.class, authority(settings, port))
    end,
  }
  data:close()
  if not code and place == "data" then failure.raise(why, data_folder.hint(errno)) end
  if not code then
    failure.raise(("cannot listen on %s port %d: %s"):format(settings.host, settings.port, why),
      LISTEN_HINTS[errno])
  end
  return code
end

return application
