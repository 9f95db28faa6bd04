--- serving: the command's side of a serving process: it opens the server and answers at its admin
--- doors. The app runs in a Lua state of its own (app.lua), and after a reload in another; this
--- side stays, and has the settings.

local admin = require "partylua.admin"
local cors = require "partylua.cors"
local data_folder = require "partylua.data_folder"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
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

local SOCKET = "what systemd has handed over is no TCP socket that listens"
local SOCKET_HINT = "the .socket unit needs a ListenStream= with a port, and no Accept=yes"
local SOCKETS = "systemd has handed over several sockets, and only one can be served"
local SOCKETS_HINT = "leave one ListenStream= in the .socket unit; [::]:1999 is for IPv4, too"

local ADMIN_HINTS = {
  EADDRINUSE = "another program listens there; choose another port with --admin",
  EACCES = "ports below 1024 need privileges; choose another port with --admin",
  EADDRNOTAVAIL = "this machine has no such address",
  EINVAL = "--admin takes a numeric address with a port, such as 127.0.0.1:1998",
}

--- The URL of an address and a port.
---@param address string
---@param port integer
---@return string
function serving.url(address, port)
  local is_ipv6 = address:find(":", 1, true)
  return (is_ipv6 and "http://[%s]:%d" or "http://%s:%d"):format(address, port)
end

-- The admin doors -------------------------------------------------------------------------------

--- Where the server listens, at both doors, and since when, once it does.
local address, admin_address, since_ms

local function admin_reload()
  local ok, message, hint = reload.request()
  if ok then return true end
  return nil, hint and ("%s\n  hint: %s"):format(message, hint) or message
end

--- Loaded when somebody asks: most servers are left alone. What it knows of the app is that of now.
local function answer_admin(exchange, is_local)
  require "partylua.host" -- how an exchange is read
  local names = reload.party_names()
  require("partylua.parties").configure(names)
  admin.configure(reload.settings())
  admin.on_listening(names, address, since_ms, admin_address)
  admin.on_reload(admin_reload)
  admin.answer(exchange, is_local)
end

--- The URL of the inspector; nil without an admin address.
---@param settings partylua.Settings
---@param has_token boolean    for somebody who may have it
---@return string?
function serving.inspector_url(settings, has_token)
  admin.configure(settings)
  admin.on_listening(reload.party_names(), address, since_ms, admin_address)
  return admin.inspector_url(has_token)
end

-- Serving ---------------------------------------------------------------------------------------

--- Raises the failure that native.serve has reported.
local function fail(settings, why, code, place)
  if place == "app" then return failure.raise(why, code) end
  if place == "data" then return failure.raise(why, data_folder.hint(code)) end
  if place == "admin" then
    return failure.raise(("cannot listen on the admin address %s port %d: %s")
      :format(settings.admin_host, settings.admin_port, why), ADMIN_HINTS[code])
  end
  if place == "socket" and code == "E2BIG" then return failure.raise(SOCKETS, SOCKETS_HINT) end
  if place == "socket" then return failure.raise(SOCKET, SOCKET_HINT) end
  return failure.raise(("cannot listen on %s port %d: %s")
    :format(settings.host, settings.port, why), LISTEN_HINTS[code])
end

---@class partylua.serving.Options
---@field is_empty? boolean    without an app at first: a reload will bring one
---@field front? fun(exchange: partylua.native.Exchange)    answers what the program itself serves
---@field on_listening fun(port: integer, admin_port?: integer)
---@field on_reload? fun()
---@field on_drain? fun()

local function native_options(settings, options, data)
  return {
    host = settings.host,
    port = settings.port,
    admin_host = settings.admin_host,
    admin_port = settings.admin_port,
    admin_folder = settings.data,
    data = data.path,
    map_bytes = settings.map_bytes,
    is_volatile = data.is_temporary,
    limits = settings.limits,
    app = not options.is_empty and parcel.pack_settings(settings) or nil,
    own = { admin = answer_admin, other = options.front },
    trusted_proxies = settings.trusted_proxies,
    subprotocols = settings.subprotocols,
    cors = cors.headers(settings.cors),
    drain_timeout_ms = settings.drain_timeout_ms,
    on_listening = function(host, port, admin_port, report)
      address, since_ms = serving.url(host, port), native.now()
      admin_address = admin_port and serving.url(settings.admin_host, admin_port)
      if report then reload.set_report(parcel.unpack(report)) end
      options.on_listening(port, admin_port)
    end,
    on_reload = options.on_reload,
    on_drain = options.on_drain,
  }
end

--- Opens the server and serves until it is told to stop.
---@param settings partylua.Settings
---@param options partylua.serving.Options
---@return integer exit_code
function serving.open(settings, options)
  native.loaded()
  local made_folder = settings.persist == false and not fs.is_folder(settings.data)
  local data = data_folder.open(settings)
  local code, why, errno, place = native.serve(native_options(settings, options, data))
  data:close()
  if made_folder then os.remove(settings.data) end -- if nothing else is in it
  return code or fail(settings, why, errno, place)
end

--- Logs that the app is served, and where.
---@param settings partylua.Settings
---@param admin_port? integer
function serving.announce(settings, admin_port)
  native.log("info", "server", "listening", {
    "url", address,
    "parties", table.concat(reload.party_names(), ","),
    "app", reload.report().app,
  })
  if not admin_port then return end
  native.log("info", "admin", "listening", {
    "url", serving.inspector_url(settings, settings.is_admin_token_new),
  })
end

--- Serves until SIGTERM or SIGINT; SIGHUP reloads.
---@param settings partylua.Settings
---@param read fun(): partylua.Settings    the same again, from what files and variables say then
---@return integer exit_code
function serving.run(settings, read)
  native.log_configure(settings.log_level, settings.log_format)
  reload.configure(settings, read)
  return serving.open(settings, {
    on_listening = function(_, admin_port) serving.announce(settings, admin_port) end,
    on_reload = reload.run_and_log,
  })
end

return serving
