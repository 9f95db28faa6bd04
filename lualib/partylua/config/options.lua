--- options: every setting that is one value: its flag, its place in the file, its bounds.
---
--- One page for what the command line, the environment and partylua.json have in common. An
--- option called "message-bytes" is the flag --message-bytes, the variable
--- PARTYLUA_MESSAGE_BYTES, and the setting `message_bytes`; durations are settings ending in
--- `_ms`.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local hint = require "partylua.hint"
local native = require "partylua.native"
local units = require "partylua.config.units"

local KIB, MIB, GIB, TIB = 1024, 1024 ^ 2, 1024 ^ 3, 1024 ^ 4
local SECOND, HOUR, DAY = 1000, 3600 * 1000, 24 * 3600 * 1000

local RULE = "an address, a range such as 10.0.0.0/8 or a host, perhaps with :port"
local RANGE = "an address or a range, such as 10.0.0.1 or 10.0.0.0/8"
local PROXY = "a URL such as http://proxy.example:3128 or socks5h://127.0.0.1:1080"
local PROXY_SCHEMES = {
  http = true, https = true, socks4 = true, socks4a = true, socks5 = true, socks5h = true,
}

local function is_proxy(text)
  return PROXY_SCHEMES[text:match "^(%w+)://[^/%s]+/?$"] == true
end

local ADDRESS = "an address with a port, such as 127.0.0.1:1998 or [::1]:1998"
local TOKEN = "at least 16 letters, digits, - and _"

--- The two parts of an address with a port.
---@param text string
---@return string? host
---@return integer? port
local function split_address(text)
  local host, port = text:match "^%[([%x:.]+)%]:(%d+)$"
  if not host then host, port = text:match "^(%d+%.%d+%.%d+%.%d+):(%d+)$" end
  port = tonumber(port)
  if host and port <= 65535 then return host, port end
end

local function is_address(text)
  return split_address(text) ~= nil
end

local function is_token(text)
  return #text >= 16 and #text <= 256 and not text:find "[^%w_-]"
end

local function is_host(text)
  return text:find "^[%w.-]+$" ~= nil
end

local function is_protocol(text)
  return text:find "^[%w!#$%%&'*+.^_`|~-]+$" ~= nil
end

---@class partylua.config.Option
---@field name string
---@field help string
---@field kind? "count"|"bytes"|"duration"|"list"    text if left out
---@field expects? string    what a text, or each of a list, has to be; for messages
---@field accepts? fun(text: string): boolean    whether each of them is right
---@field choices? string[]
---@field default? any      in the unit of the setting: bytes, milliseconds
---@field dev_default? any    the default in `partylua dev`, where it is another one
---@field shown_default? string    for help, where the default depends on something
---@field least? number     bounds, in the same unit
---@field most? number
---@field short? string     a second, short flag
---@field argname? string
---@field path? string[]    where partylua.json has it
---@field is_limit? boolean  belongs to settings.limits
---@field is_storage? boolean    concerns the data folder: commands that look into it have it too
---@field in_lua? boolean    a limit that lualib keeps
---@field off? string       what the value 0 means, where it means something of its own

---@type partylua.config.Option[]
local general = {
  { name = "port", short = "-p", kind = "count", default = 1999, least = 0, most = 65535,
    path = { "port" }, help = "TCP port", off = "any free port" },
  { name = "host", default = "127.0.0.1", argname = "ADDRESS", path = { "host" },
    help = "IP address to listen on; 0.0.0.0 takes connections from other machines" },
  { name = "data", argname = "DIR", default = ".partylua/state", is_storage = true,
    help = "folder for what rooms store" },
  { name = "map-bytes", kind = "bytes", default = TIB, least = MIB, most = 64 * TIB,
    path = { "mapBytes" }, is_storage = true,
    help = "most that rooms can store in all; address space, not disk" },
  { name = "log-level", choices = { "error", "warn", "info", "debug" },
    default = "info", path = { "logLevel" }, help = "least important messages to log" },
  { name = "log-format", choices = { "pretty", "json", "text" }, path = { "logFormat" },
    help = "form of the log, on standard error",
    shown_default = "pretty on a terminal, else text" },
  { name = "admin", argname = "HOST:PORT", shown_default = "none; in dev a free port",
    path = { "admin", "listen" }, dev_default = "127.0.0.1:0",
    expects = ADDRESS, accepts = is_address,
    help = "address of the inspector and the metrics, for whoever knows the token" },
  { name = "admin-token", argname = "TOKEN", shown_default = "none",
    expects = TOKEN, accepts = is_token,
    help = "the token that --admin asks for; without it, the log names a new one" },
  { name = "admin-hosts", kind = "list", default = {}, path = { "admin", "hosts" },
    expects = "the name of a host", accepts = is_host,
    help = "names, besides addresses and localhost, by which --admin may be called" },
  { name = "admin-remote", choices = { "no", "yes" }, default = "no",
    path = { "admin", "remote" },
    help = "whether --admin may be an address that other machines reach" },
  { name = "errors", choices = { "show", "hide" }, default = "show", path = { "errors" },
    help = "whether clients see the text of an error in a hook, unless it comes with a code" },
  { name = "drain-timeout", kind = "duration", default = 10 * SECOND, least = 0, most = HOUR,
    dev_default = SECOND, shown_default = "10 s; 1 s in dev",
    help = "time to finish what is under way after SIGTERM" },
  { name = "reload-timeout", kind = "duration", default = 10 * SECOND, least = 0, most = HOUR,
    dev_default = 2 * SECOND, shown_default = "10 s; 2 s in dev",
    help = "time to finish what hooks of the old code do after a reload" },
  { name = "trusted-proxies", kind = "list", default = {}, path = { "trustedProxies" },
    expects = RANGE, accepts = native.is_address_range,
    help = "proxies whose X-Forwarded-For and X-Forwarded-Proto count, and their word on where "
      .. "clients are" },
  { name = "subprotocols", kind = "list", default = {}, path = { "subprotocols" },
    expects = "a name such as chat.v2", accepts = is_protocol,
    help = "WebSocket sub-protocols that are spoken here, the best first; without any, the first "
      .. "that a client offers is chosen" },
  { name = "fetch-allow", kind = "list", default = {}, path = { "fetch", "allow" },
    expects = RULE, accepts = native.is_fetch_rule,
    help = "addresses and hosts that rooms may fetch from besides the public network" },
  { name = "fetch-deny", kind = "list", default = {}, path = { "fetch", "deny" },
    expects = RULE, accepts = native.is_fetch_rule,
    help = "addresses and hosts that rooms may not fetch from" },
  { name = "fetch-proxy", argname = "URL", shown_default = "none", path = { "fetch", "proxy" },
    expects = PROXY, accepts = is_proxy,
    help = "proxy for what rooms fetch; it resolves names, so that address rules see only "
      .. "addresses in URLs" },
  { name = "fetch-ca", argname = "FILE", shown_default = "none", path = { "fetch", "ca" },
    help = "certificates (PEM) to trust besides the system's when rooms fetch" },
}

--- The defaults are those of runtime/base/limits.c, so that a server built without the command
--- line behaves the same; but for those that lualib keeps.
---@type partylua.config.Option[]
local limits = {
  { name = "max-connections", kind = "count", default = 0, least = 0, most = 10000000,
    help = "open connections of the server; more are answered with 503",
    off = "as many as open files allow" },
  { name = "max-connections-per-address", kind = "count", default = 0, least = 0,
    most = 10000000, off = "no bound",
    help = "open connections from one address; more are answered with 503" },
  { name = "message-bytes", kind = "bytes", default = MIB, least = 1, most = 256 * MIB,
    help = "one incoming WebSocket message; a larger one closes with 1009" },
  { name = "queued-bytes", kind = "bytes", default = 16 * MIB, least = 4 * KIB, most = GIB,
    help = "output waiting for one connection; a slower reader is closed with 1013" },
  { name = "body-bytes", kind = "bytes", default = 16 * MIB, least = 0, most = GIB,
    help = "request body; a larger one is answered with 413" },
  { name = "head-bytes", kind = "bytes", default = 32 * KIB, least = 256, most = MIB,
    help = "request line and headers; more are answered with 431" },
  { name = "url-bytes", kind = "bytes", default = 16 * KIB, least = 64, most = MIB,
    help = "URL of a request; a longer one is answered with 414" },
  { name = "header-count", kind = "count", default = 100, least = 1, most = 10000,
    help = "headers of a request; more are answered with 431" },
  { name = "header-timeout", kind = "duration", default = 15 * SECOND, least = 10, most = HOUR,
    help = "from the first byte of a head to its end; a slower one is answered with 408" },
  { name = "body-timeout", kind = "duration", default = 30 * SECOND, least = 10, most = HOUR,
    help = "between two pieces of a body; a longer pause is answered with 408" },
  { name = "idle-timeout", kind = "duration", default = 65 * SECOND, least = 10, most = DAY,
    help = "between two requests of an HTTP connection, or while a client takes nothing of its "
      .. "answers; then it is closed" },
  { name = "close-timeout", kind = "duration", default = 10 * SECOND, least = 10, most = HOUR,
    help = "for the other side's part of the closing handshake of a WebSocket" },
  { name = "ping-interval", kind = "duration", default = 30 * SECOND, least = 0, most = DAY,
    help = "silence before a WebSocket is pinged, and again before it is given up",
    off = "no pings" },
  { name = "room-idle", kind = "duration", default = 30 * SECOND, least = 0, most = DAY,
    help = "time before an empty room leaves memory" },
  { name = "hibernate-idle", kind = "duration", default = 10 * SECOND, least = 0, most = DAY,
    help = "time before an idle room that hibernates is dropped, its connections kept" },
  { name = "block-timeout", kind = "duration", default = 30 * SECOND, least = 0, most = HOUR,
    help = "for the function of blockConcurrencyWhile; then its room is reset", off = "no bound" },
  { name = "room-events", kind = "count", default = 1024, least = 1, most = 1000000,
    help = "events waiting for one room; more requests get 503, senders are read no further" },
  { name = "room-event-bytes", kind = "bytes", default = 16 * MIB, least = KIB, most = GIB,
    help = "messages waiting for one room; beyond it as for --room-events" },
  { name = "room-tasks", kind = "count", default = 1024, least = 1, most = 1000000,
    help = "hooks of one room that wait at the same time; more queue up, but calls of other "
      .. "rooms get 503 from twice as many on" },
  { name = "fetch-active", kind = "count", default = 256, least = 1, most = 100000,
    help = "outgoing requests of all rooms at the same time; more wait for their turn" },
  { name = "fetch-room-active", kind = "count", default = 64, least = 1, most = 100000,
    help = "outgoing requests of one room at the same time; more wait for their turn" },
  { name = "fetch-waiting", kind = "count", default = 4096, least = 0, most = 1000000,
    help = "outgoing requests that wait for their turn; fetch raises an error for more" },
  { name = "fetch-timeout", kind = "duration", default = 5 * 60 * SECOND, least = 10, most = DAY,
    help = "an outgoing request with all of its answer; then it is given up" },
  { name = "fetch-connect-timeout", kind = "duration", default = 10 * SECOND, least = 10,
    most = HOUR, help = "until an outgoing request is connected; then it is given up" },
  { name = "fetch-redirects", kind = "count", default = 20, least = 0, most = 100, in_lua = true,
    help = "redirects that fetch follows; it raises an error for more" },
  { name = "fetch-body-bytes", kind = "bytes", default = 16 * MIB, least = 0, most = GIB,
    in_lua = true,
    help = "fetched body that text(), json() and the like hold; they raise an error for more" },
  { name = "vectorize-memory-bytes", kind = "bytes", default = GIB, least = MIB, most = TIB,
    help = "memory for searching indexes; those that are not used make room, and a query of one "
      .. "that is larger raises an error" },
  { name = "vectorize-vectors", kind = "count", default = 5000000, least = 1, most = 100000000,
    help = "vectors of one index; insert and upsert raise an error for more" },
  { name = "vectorize-dimensions", kind = "count", default = 1536, least = 1, most = 16384,
    in_lua = true, help = "dimensions of an index that the configuration makes" },
  { name = "vectorize-batch", kind = "count", default = 1000, least = 1, most = 10000,
    in_lua = true, help = "vectors or ids in one call; it raises an error for more" },
  { name = "vectorize-metadata-bytes", kind = "bytes", default = 10 * KIB, least = 0, most = MIB,
    in_lua = true, help = "metadata of a vector, as JSON; more raises an error" },
  { name = "vectorize-top-k", kind = "count", default = 100, least = 1, most = 10000,
    in_lua = true, help = "topK of a query; a larger one raises an error" },
  { name = "vectorize-full-top-k", kind = "count", default = 20, least = 1, most = 10000,
    in_lua = true, help = "the same for a query that returns values or metadata" },
  { name = "state-bytes", kind = "bytes", default = 2 * KIB, least = 0, most = MIB, in_lua = true,
    help = "connection.state, encoded; setState raises an error for more" },
}

local options = {
  general = general, limits = limits, storage = {}, all = {}, split_address = split_address,
}

for _, option in ipairs(general) do
  options.all[#options.all + 1] = option
  if option.is_storage then options.storage[#options.storage + 1] = option end
end
for _, option in ipairs(limits) do
  option.is_limit = true
  option.path = { "limits", option.name }
  options.all[#options.all + 1] = option
end

---@param option partylua.config.Option
function options.flag(option)
  return "--" .. option.name
end

---@param option partylua.config.Option
function options.variable(option)
  return "PARTYLUA_" .. option.name:upper():gsub("-", "_")
end

--- The key of the settings table that carries the option.
---@param option partylua.config.Option
function options.setting(option)
  local name = option.name:gsub("-", "_")
  return option.kind == "duration" and name .. "_ms" or name
end

---@param option partylua.config.Option
---@param value any    in the unit of the setting
function options.show(option, value)
  local kind = units.kinds[option.kind]
  return kind and kind.show(value) or tostring(value)
end

--- What the option takes: "a whole number from 0 to 65535".
---@param option partylua.config.Option
function options.expected(option)
  if option.kind == "list" then return "a list, each item " .. option.expects end
  if option.expects then return option.expects end
  if option.choices then return "one of " .. table.concat(option.choices, ", ") end
  local kind = units.kinds[option.kind]
  if not kind then return "a text that is not empty" end
  local least, most = kind.show(option.least), kind.show(option.most)
  return ("%s, from %s to %s"):format(kind.noun, least, most)
end

local function choose(option, given)
  for _, choice in ipairs(option.choices) do
    if choice == given then return choice end
  end
  return nil, hint.did_you_mean(given, option.choices)
end

local function all_accepted(option, texts)
  for _, text in ipairs(texts) do
    if not option.accepts(text) then return nil end
  end
  return texts
end

--- The value of an option as it was given: text from a flag or variable, text or a number from
--- a file. Nil and perhaps a hint when it is out of bounds.
---@param option partylua.config.Option
---@param given string|number
---@return any value
---@return string? hint
function options.read(option, given)
  if option.choices then return choose(option, given) end
  local kind = units.kinds[option.kind]
  if not kind then
    local is_right = given ~= "" and (not option.accepts or option.accepts(given))
    return is_right and given or nil
  end
  local value = kind.read(given)
  if option.kind == "list" then return all_accepted(option, value) end
  if not value or value < option.least or value > option.most then return nil end
  return value
end

--- The same for text that somebody gave under `name` (a flag or a variable); raises when bad.
local function read_text(option, name, text)
  local value, meant = options.read(option, text)
  if value ~= nil then return value end
  local message = ('%s must be %s, not "%s"'):format(name, options.expected(option), text)
  return failure.raise(message, meant, "P020")
end

local function default_of(option, is_dev)
  if is_dev and option.dev_default then return option.dev_default end
  if option.name == "log-format" then return fs.is_terminal(2) and "pretty" or "text" end
  return option.default
end

--- The value in force: the flag, else the variable, else the file, else the default.
---@param option partylua.config.Option
---@param flags table<string, string>    texts given on the command line, by option name
---@param getenv fun(name: string): string?
---@param from_file fun(option: partylua.config.Option): any
---@param is_dev? boolean    for `partylua dev`
function options.resolve(option, flags, getenv, from_file, is_dev)
  local flag, variable = flags[option.name], options.variable(option)
  if flag then return read_text(option, options.flag(option), flag) end
  local text = getenv(variable)
  if text and text ~= "" then return read_text(option, variable, text) end
  local value = from_file(option)
  if value ~= nil then return value end
  return default_of(option, is_dev)
end

return options
