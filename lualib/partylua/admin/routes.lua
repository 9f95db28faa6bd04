--- routes: which function answers which admin request.

local apply = require "partylua.admin.apply"
local live = require "partylua.admin.live"
local pages = require "partylua.admin.pages"
local process = require "partylua.admin.process"
local rooms = require "partylua.admin.rooms"
local storage = require "partylua.admin.storage"

local routes = {}

---@class partylua.admin.Route
---@field run fun(exchange: partylua.native.Exchange)
---@field is_local? boolean    answered at the admin socket only
---@field is_open? boolean    nothing in the answer has to be kept from anybody

---@type table<string, table<string, partylua.admin.Route>>    by path and method
local known = {
  ["/healthz"] = { GET = { run = process.healthz, is_open = true } },
  ["/readyz"] = { GET = { run = process.readyz, is_open = true } },
  ["/metrics"] = { GET = { run = process.metrics } },
  ["/api/info"] = { GET = { run = process.info } },
  ["/api/totals"] = { GET = { run = process.totals } },
  ["/api/faults"] = { GET = { run = process.faults } },
  ["/api/reload"] = { POST = { run = process.reload } },
  ["/api/drain"] = { POST = { run = process.drain } },
  ["/api/stop"] = { POST = { run = process.stop } },
  ["/api/tail"] = { GET = { run = live.tail } },
  ["/api/rooms"] = { GET = { run = rooms.list } },
  ["/api/room"] = { GET = { run = rooms.show } },
  ["/api/room/hibernate"] = { POST = { run = rooms.hibernate } },
  ["/api/room/broadcast"] = { POST = { run = rooms.broadcast } },
  ["/api/room/close"] = { POST = { run = rooms.close } },
  ["/api/room/fetch"] = { POST = { run = rooms.fetch } },
  ["/api/storage"] = { GET = { run = storage.list }, POST = { run = storage.change } },
  ["/api/storage/apply"] = { POST = { run = apply.run, is_local = true } },
  ["/api/alarm"] = { POST = { run = storage.alarm } },
}
for path, run in pairs(pages.all) do known[path] = { GET = run } end

--- The route of a request, or nil, a status and a message.
---@param method string
---@param path string
---@return partylua.admin.Route?
---@return integer? status
---@return string? message
function routes.find(method, path)
  local methods = known[path]
  if not methods then return nil, 404, "there is nothing at " .. path end
  local route = methods[method] or method == "HEAD" and methods.GET
  if route then return route end
  local allowed = next(methods)
  return nil, 405, ("%s takes %s, not %s"):format(path, allowed, method)
end

return routes
