--- doors: answers a request that came through one of the admin doors.

local guard = require "partylua.admin.guard"
local json = require "partylua.json"
local routes = require "partylua.admin.routes"

local doors = {}

local function refuse(exchange, status, message)
  exchange:respond(status, "", {
    "content-type", "application/json", "cache-control", "no-store",
  }, json.encode { error = message } .. "\n")
end

---@param exchange partylua.native.Exchange
---@param is_local boolean    came through the admin socket
function doors.answer(exchange, is_local)
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

return doors
