--- target: which server `connect` and `fetch` talk to, and where in it.
---
--- A URL says it all. A path, or PARTY/ROOM, is asked of the server whose admin socket is in the
--- data folder, which knows where it listens.

local failure = require "partylua.config.failure"
local native = require "partylua.native"
local output = require "partylua.cli.output"
local server = require "partylua.cli.server"

local target = {}

local CONNECT_MS = 10000

---@class partylua.cli.Target
---@field host string
---@field port integer
---@field path string    with its query
---@field authority string    for the Host header

local function bad(text, why)
  failure.raise(("'%s' %s"):format(output.printable(text), why),
    "write a URL, such as http://127.0.0.1:1999/, or a path of the server in the data folder")
end

--- The parts of a URL of one of these schemes.
local function of_url(text)
  local scheme, authority, path = text:match "^(%a+)://([^/?#]+)([^#]*)"
  if not scheme then return bad(text, "is no URL") end
  scheme = scheme:lower()
  if scheme == "https" or scheme == "wss" then bad(text, "needs TLS, which is not spoken here") end
  if scheme ~= "http" and scheme ~= "ws" then bad(text, "has another scheme than http and ws") end
  local host, port = authority:match "^%[([%x:.]+)%]:?(%d*)$"
  if not host then host, port = authority:match "^([^:@%s]+):?(%d*)$" end
  port = port == "" and 80 or tonumber(port)
  if not host or not port or port < 1 or port > 65535 then bad(text, "has no right host") end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  return { host = host, port = port, path = path, authority = authority }
end

local function path_of(text)
  if text:sub(1, 1) == "/" then return text end
  return text:find "^[^/]+/." and "/parties/" .. text or bad(text, "names no room")
end

--- A path at the server of the data folder.
local function at_server(path, result)
  local known = server.get(result):ask("GET", "/api/info")
  local base = of_url(known.url)
  if base.host == "0.0.0.0" then base.host = "127.0.0.1" end
  if base.host == "::" then base.host = "::1" end
  base.path = path
  return base
end

--- Adds parameters, "name=value" each, to the query of a path.
local function add_query(path, parameters)
  for _, parameter in ipairs(parameters) do
    local name, value = parameter:match "^([^=]+)=(.*)$"
    if not name then
      failure.raise(("--query must be NAME=VALUE, not \"%s\""):format(output.printable(parameter)))
    end
    local encoded = server.path("", { [name] = value }):sub(2)
    path = path .. (path:find("?", 1, true) and "&" or "?") .. encoded
  end
  return path
end

--- Where a URL, or a path that begins with a slash, leads; PARTY/ROOM is /parties/PARTY/ROOM.
--- A server is looked for when all that was given is right.
---@param result table    of parser.parse
---@param parameters string[]    "name=value" each, for the query
---@return partylua.cli.Target
function target.of(result, parameters)
  local text = result.target
  local is_url = text:find "^%a[%w+.-]*://" ~= nil
  local found = is_url and of_url(text) or { path = path_of(text) }
  if found.path:find "[%c%s\127-\255]" then bad(text, "has characters that have to be escaped") end
  found.path = add_query(found.path, parameters)
  return is_url and found or at_server(found.path, result)
end

--- The header lines that were given with --header: none may end the head, or begin another line.
---@param result table    of parser.parse
---@return string[]
function target.headers(result)
  for _, line in ipairs(result.header) do
    if line:find "%c" or not line:find "^[%w!#$%%&'*+.^_`|~-]+:" then
      failure.raise(('--header must be a line such as "Cookie: a=b", not "%s"')
        :format(output.printable(line)))
    end
  end
  return result.header
end

--- Connects.
---@param found partylua.cli.Target
---@return partylua.native.Wire
function target.dial(found)
  local line, message = native.dial(found.host, found.port, CONNECT_MS)
  return line or failure.raise(("cannot connect to %s port %d: %s"):format(found.host, found.port,
    message))
end

return target
