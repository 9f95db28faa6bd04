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

--- What a path means at the server of the data folder.
local function of_path(text, result)
  local known = server.get(result):ask("GET", "/api/info")
  local base = of_url(known.url)
  if base.host == "0.0.0.0" then base.host = "127.0.0.1" end
  if base.host == "::" then base.host = "::1" end
  base.path = text
  return base
end

local function check(found, text)
  if found.path:find "[%c%s\127-\255]" then bad(text, "has characters that have to be escaped") end
  return found
end

--- Where a URL, or a path that begins with a slash, leads; PARTY/ROOM is /parties/PARTY/ROOM.
---@param text string
---@param result table    of parser.parse
---@return partylua.cli.Target
function target.of(text, result)
  if text:find "^%a[%w+.-]*://" then return check(of_url(text), text) end
  if text:sub(1, 1) == "/" then return check(of_path(text, result), text) end
  if text:find "^[^/]+/." then return check(of_path("/parties/" .. text, result), text) end
  return bad(text, "names no room")
end

--- Adds parameters, "name=value" each, to the query of a path.
---@param path string
---@param parameters string[]
---@return string
function target.add_query(path, parameters)
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

--- Connects.
---@param found partylua.cli.Target
---@return partylua.native.Wire
function target.dial(found)
  local line, message = native.dial(found.host, found.port, CONNECT_MS)
  return line or failure.raise(("cannot connect to %s port %d: %s"):format(found.host, found.port,
    message))
end

return target
