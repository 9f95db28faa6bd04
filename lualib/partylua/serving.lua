--- serving: the command's side of a serving process: it opens the server and reloads the app.
---
--- The app runs in a Lua state of its own (app.lua), and after a reload in another; this side
--- stays, and has the settings.

local data_folder = require "partylua.data_folder"
local failure = require "partylua.config.failure"
local native = require "partylua.native"
local parcel = require "partylua.parcel"
local reload = require "partylua.reload"

local serving = {}

local LISTEN_HINTS = {
  EADDRINUSE = "another program listens there; choose another port with --port",
  EACCES = "ports below 1024 need privileges; choose another port with --port",
  EADDRNOTAVAIL = "this machine has no such address",
  EINVAL = "--host takes a numeric address such as 127.0.0.1 or ::1",
}

--- Host and port as URLs have them.
---@param settings partylua.Settings
---@param port integer
---@return string
function serving.authority(settings, port)
  local is_ipv6 = settings.host:find(":", 1, true)
  return (is_ipv6 and "[%s]:%d" or "%s:%d"):format(settings.host, port)
end

local function announce(settings, report, port)
  local names = {}
  for i, party in ipairs(report.parties) do names[i] = party.name end
  native.log("info", "server", "listening", {
    "url", "http://" .. serving.authority(settings, port),
    "parties", table.concat(names, ","),
    "app", report.app,
  })
end

--- Raises the failure that native.serve has reported.
local function fail(settings, why, code, place)
  if place == "app" then return failure.raise(why, code) end
  if place == "data" then return failure.raise(why, data_folder.hint(code)) end
  return failure.raise(("cannot listen on %s port %d: %s")
    :format(settings.host, settings.port, why), LISTEN_HINTS[code])
end

---@class partylua.serving.Options
---@field is_empty? boolean    without an app at first: a reload will bring one
---@field front? table    { other = fn(exchange) }: what the program itself answers
---@field on_listening fun(port: integer, report?: string)    that of the app, packed
---@field on_reload? fun()
---@field on_drain? fun()

--- Opens the server and serves until it is told to stop.
---@param settings partylua.Settings
---@param options partylua.serving.Options
---@return integer exit_code
function serving.open(settings, options)
  collectgarbage "restart" -- main.c has stopped it
  local data = data_folder.open(settings)
  local code, why, errno, place = native.serve {
    host = settings.host,
    port = settings.port,
    data = data.path,
    map_bytes = settings.map_bytes,
    is_volatile = data.is_temporary,
    limits = settings.limits,
    app = not options.is_empty and parcel.pack_settings(settings) or nil,
    front = options.front,
    fetch_allow = settings.fetch_allow,
    fetch_deny = settings.fetch_deny,
    fetch_proxy = settings.fetch_proxy,
    fetch_ca = settings.fetch_ca,
    drain_timeout_ms = settings.drain_timeout_ms,
    on_listening = options.on_listening,
    on_reload = options.on_reload,
    on_drain = options.on_drain,
  }
  data:close()
  return code or fail(settings, why, errno, place)
end

--- Serves until SIGTERM or SIGINT; SIGHUP reloads.
---@param settings partylua.Settings
---@param read fun(): partylua.Settings    the same again, from what files and variables say then
---@return integer exit_code
function serving.run(settings, read)
  native.log_configure(settings.log_level, settings.log_format)
  reload.configure(settings, read)
  return serving.open(settings, {
    on_listening = function(port, bytes) announce(settings, parcel.unpack(bytes), port) end,
    on_reload = reload.run_and_log,
  })
end

return serving
