--- admin: what a server answers through its admin doors.
---
--- There are two: the admin socket in the data folder, which only the server's own user can open,
--- and, with `--admin`, an address, where a token has to be shown. Both speak HTTP with JSON; the
--- commands `rooms`, `tail`, `reload` and the like are thin clients of the first, and the inspector
--- is one of the second.

local guard = require "partylua.admin.guard"
local json = require "partylua.json"
local routes = require "partylua.admin.routes"

local admin = {}

local token, address

--- Sets what the application brings, before it is served.
---@param settings partylua.Settings
function admin.configure(settings)
  token = settings.admin_token
  guard.configure { token = settings.admin_token, hosts = settings.admin_hosts }
  require("partylua.admin.process").configure(settings)
end

--- The server listens from now on.
---@param parties string[]
---@param url string    of the server
function admin.on_listening(parties, url)
  require("partylua.admin.process").on_listening(parties, url)
end

--- The admin address is open.
---@param url string
function admin.on_address(url)
  address = url
end

--- Where the inspector is; nil without an admin address.
---@param has_token boolean    for somebody who may have it
---@return string?
function admin.inspector_url(has_token)
  if not address then return nil end
  return has_token and ("%s/?token=%s"):format(address, token) or address .. "/"
end

--- Says what `partylua reload` does: a function that loads the app anew, and raises a failure, or
--- gives nil and a message, when that cannot be done.
---@param reload fun(): boolean?, string?
function admin.on_reload(reload)
  require("partylua.admin.process").set_reload(reload)
end

local function refuse(exchange, status, message)
  exchange:respond(status, "", {
    "content-type", "application/json", "cache-control", "no-store",
  }, json.encode { error = message } .. "\n")
end

--- Answers one request. Runs as a task.
---@param exchange partylua.native.Exchange
---@param is_local boolean    came through the admin socket
function admin.answer(exchange, is_local)
  if exchange:is_websocket() then return refuse(exchange, 400, "no WebSocket is answered here") end
  local route, status, message = routes.find(exchange:method(), exchange:path())
  local fault = not is_local and guard.check(exchange, route)
  if fault then return refuse(exchange, fault.status, fault.message) end
  if not route then return refuse(exchange, status, message) end
  if route.is_local and not is_local then
    return refuse(exchange, 403, "this is answered at the admin socket only")
  end
  local ok, problem = pcall(route.run, exchange)
  if ok then return end
  if type(problem) == "table" and problem.status then
    return refuse(exchange, problem.status, problem.message)
  end
  error(problem, 0)
end

return admin
