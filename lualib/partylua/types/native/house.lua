---@meta

--- house: serving, and what runs beside it. Registered by runtime/cli.

---@class partylua.native
local native = {}

--- A static file (PartyKit: static assets): nothing outside the folder, no dot files.
---@param folder string
---@param path string    as in the URL
---@param suffix string    added to the name of the file, and not looked at for its type
---@param follows_links boolean    symbolic links, wherever they lead
---@return partylua.native.File? file
---@return string content_type    or why it cannot be opened
---@return string? code    ENOENT where there is no such file
function native.find_asset(folder, path, suffix, follows_links) end

---@class partylua.native.ServeOptions
---@field host string    a numeric address
---@field port integer    0: any free one; both are passed over when systemd hands over a socket
---@field data string    folder of the store
---@field map_bytes integer    address space for it; 0: 1 TiB
---@field is_volatile boolean    what is stored need not outlast the server
---@field limits table<string, integer>    by setting: message_bytes, header_timeout_ms, ...
---@field app? string    bytes for partylua.app; without, a reload has to bring one
---@field own { admin: function, other?: function }    hooks of the program itself: for requests at
---                                                   the admin doors, and for its own pages
---@field drain_timeout_ms integer
---@field admin_host? string    a numeric address; no admin address without one
---@field admin_port? integer    0 takes a free one
---@field admin_folder? string    where the admin socket is, which is made when it is missing
---@field on_listening fun(host: string, port: integer, admin_port?: integer, report?: string)
---                                                   the report is that of the app
---@field on_reload? fun()    SIGHUP has come: runs as a task
---@field on_drain? fun()    it is told to stop: runs as a task

--- What partylua.app gives for the native side.
---@class partylua.native.App
---@field parties partylua.native.PartyTraits[]
---@field has_socket boolean    whether the main party has onSocket
---@field hooks table    partylua.host
---@field hides_errors boolean    whether clients get a text of ours for errors in hooks
---@field fetch_allow string[]    texts that is_fetch_rule takes
---@field fetch_deny string[]
---@field fetch_proxy? string    a URL
---@field fetch_ca? string    path of a PEM file
---@field trusted_proxies string[]    texts that is_address_range takes
---@field cors string[]    name, value, ...: headers of every answer of a room's URL
---@field subprotocols string[]    tokens, the best first; none: what a client offers first
---@field services? partylua.native.Services    servers that the configuration names

--- Who may be fetched from with `is_service`, besides the public network.
---@class partylua.native.Services
---@field allow string[]    texts that is_fetch_rule takes
---@field active integer    requests at the same time
---@field room_active integer    those of one room
---@field is_direct? boolean    past the proxy

---@class partylua.native.PartyTraits
---@field name string
---@field has_request boolean
---@field has_before_request boolean
---@field has_before_connect boolean

--- Serves until SIGTERM, SIGINT or native.stop. Raises when this process serves already.
---@param options partylua.native.ServeOptions
---@return integer? code    0; nil when it cannot listen
---@return string? message
---@return string? errno    its name, such as "EADDRINUSE"; of an app the hint
---@return "data"|"listen"|"socket"|"admin"|"app"|nil place    what is at fault; "socket": the one
---                                                       that systemd has handed over
function native.serve(options) end

---@class partylua.native.ReloadOptions
---@field app string    bytes for partylua.app
---@field limits table<string, integer>
---@field within_ms integer    for what hooks of the app that was there wait for

--- Loads the app anew, in a new Lua state. Rooms move to it from the end of the turn on; the app
--- that was there serves on when this one cannot be loaded.
---@param options partylua.native.ReloadOptions
---@return string? report    of partylua.app
---@return string? message
---@return string? hint
---@return string? files    what was looked at until then, packed
function native.reload(options) end

--- How far the rooms have come since the last reload.
---@return { moved: integer, leaving: integer, connections: integer }
function native.renewal() end

--- What code of this library has counted in the app's state.
---@return string? text    as Prometheus reads it; nil when that is nothing
function native.app_metrics() end

--- All that the running task does from here on is to wait for what others say: a reload may end it.
function native.listen() end

--- Does what SIGHUP does and waits until that is done. Waits; in any state of the process.
function native.await_reload() end

--- The command tells those who wait for it what has come of a reload.
---@param message? string    why it has not worked
---@param hint? string
function native.finish_reload(message, hint) end

---@return string? message    why the last reload has not worked
---@return string? hint    perhaps empty
function native.reload_fault() end

---@class partylua.native.RunOptions
---@field run fun()
---@field hooks table    partylua.host
---@field limits? table<string, integer>
---@field services? partylua.native.Services
---@field fetch_allow? string[]
---@field fetch_deny? string[]
---@field fetch_proxy? string
---@field fetch_ca? string

--- Calls a function as a task, in a process that serves nothing, and returns when all tasks are
--- over: so a command may wait, and fetch. An error in it is logged. Raises in one that serves.
---@param options partylua.native.RunOptions
function native.run(options) end

--- As if SIGTERM had come; nothing when nothing is served.
function native.stop() end

--- The same, with another time limit; nothing when a drain is under way.
---@param timeout_ms? number
function native.drain(timeout_ms) end

--- Ends serving with this turn of the loop. What was written is kept.
function native.end_now() end

--- The last warnings and errors of the log, each a JSON object, oldest first.
---@return string[]
function native.recent_faults() end

--- Memory of all Lua states of the process.
---@return number
function native.lua_bytes() end

--- Everything that is counted, as Prometheus reads it. Raises when nothing is served.
---@return string
function native.metrics() end
