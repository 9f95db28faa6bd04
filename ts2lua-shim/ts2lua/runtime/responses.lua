--- responses: Response. Slot 1 holds partylua's own, which is what the host sends, 6 the signal
--- that gives up what is still to come of it.

local Headers = require "partylua.headers"
local Native = require "partylua.response"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local http_body = require "ts2lua.runtime.http_body"
local http_headers = require "ts2lua.runtime.http_headers"
local json_text = require "ts2lua.runtime.json_text"
local null = require "ts2lua.runtime.null"
local raise = require "ts2lua.runtime.raise"

local responses = {}

--- What partylua says about arguments that it refuses, as an error of the right class.
local function refuse(problem)
  local message = tostring(problem):gsub("^[^:\n]*:%d+: ", "")
  if message:find "status" and not message:find "body" then raise.range_error(message) end
  raise.type_error(message)
end

local function native_init(init)
  if type(init) ~= "table" then return nil end
  local status = init.status
  return {
    status = status ~= nil and convert.to_number(status) or nil,
    statusText = init.statusText ~= nil and convert.to_text(init.statusText) or nil,
    headers = http_headers.to_native(init.headers),
  }
end

local function make(fn, ...)
  local ok, native = pcall(fn, ...)
  if not ok then refuse(native) end
  return native
end

--- The status that begins a WebSocket; partylua upgrades by itself, so no response carries it.
local SWITCHING = 101

local Response = class.builtin("Response", nil, function(self, body, init)
  local given = native_init(init)
  if given and given.status == SWITCHING then
    given.status = 200
    rawset(self, 3, SWITCHING)
  end
  rawset(self, 1, make(Native, http_body.to_native(body), given))
end, { is_response = true, tag = "Response" })
responses.Response = Response
http_body.install(Response)

--- A Response around a native one.
---@param native partylua.Response
---@param signal? table    an AbortSignal
function responses.wrap(native, signal)
  local response = class.instance(Response, { native })
  rawset(response, 6, signal)
  return response
end

local function from_native(fn, ...)
  return responses.wrap(make(fn, ...))
end

rawset(Response, "json", function(_, value, init)
  local text = json_text(value)
  if text == nil then raise.type_error "Value is not JSON serializable" end
  local given = native_init(init) or {}
  given.headers = Headers(given.headers)
  if not given.headers:has "content-type" then
    given.headers:set("content-type", "application/json")
  end
  return from_native(Native, text, given)
end)

rawset(Response, "redirect", function(_, location, status)
  return from_native(Native.redirect, convert.to_text(location),
    status ~= nil and convert.to_number(status) or nil)
end)

rawset(Response, "error", function() return from_native(Native.adopt, 0, "", {}) end)

for _, name in ipairs { "statusText", "ok" } do
  class.accessor(Response, false, name, "get", function(self) return self[1][name] end)
end
class.accessor(Response, false, "status", "get", function(self)
  return self[3] or self[1].status
end)
class.accessor(Response, false, "headers", "get", function(self)
  if not self[4] then rawset(self, 4, http_headers.wrap(self[1].headers)) end
  return self[4]
end)
class.accessor(Response, false, "url", "get", function(self) return self[1].url or "" end)
class.accessor(Response, false, "redirected", "get", function(self)
  return self[1].redirected or false
end)
class.accessor(Response, false, "type", "get", function(self)
  return self[1].status == 0 and "error" or "default"
end)
class.accessor(Response, false, "webSocket", "get", function() return null end)

function Response.prototype.clone(self)
  return responses.wrap(http_body.clone(self), self[6])
end

return responses
