--- requests: Request. Slot 1 holds partylua's own, 6 the signal that gives it up.

local Native = require "partylua.request"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local http_body = require "ts2lua.runtime.http_body"
local http_headers = require "ts2lua.runtime.http_headers"
local later = require "ts2lua.runtime.later"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local events = later "events"

local requests = {}

local function is_request(value)
  return type(value) == "table" and getmetatable(value).is_request == true
end

--- What partylua takes as the second argument of a request.
---@param init any
function requests.native_init(init)
  if is_request(init) then return init[1] end
  if type(init) ~= "table" then return nil end
  local source = http_body.to_native(init.body)
  local headers = http_headers.to_native(init.headers)
  return {
    method = init.method ~= nil and convert.to_text(init.method) or nil,
    headers = headers,
    body = source,
  }
end

--- What partylua takes as the first argument of a request.
function requests.native_input(input)
  if is_request(input) then return input[1] end
  return convert.to_text(input)
end

local function signal_of(input, init)
  local signal = type(init) == "table" and not is_request(init) and init.signal or nil
  if signal == nil and is_request(input) then signal = input[6] end
  return signal
end

local Request = class.builtin("Request", nil, function(self, input, init)
  local ok, native = pcall(Native, requests.native_input(input), requests.native_init(init))
  if not ok then raise.type_error((tostring(native):gsub("^[^:\n]*:%d+: ", ""))) end
  rawset(self, 1, native)
  rawset(self, 6, signal_of(input, init))
end, { is_request = true, tag = "Request" })
requests.Request = Request
http_body.install(Request)

--- A Request around a native one.
function requests.wrap(native)
  return class.instance(Request, { native })
end

for _, name in ipairs { "method", "url" } do
  class.accessor(Request, false, name, "get", function(self) return self[1][name] end)
end
class.accessor(Request, false, "headers", "get", function(self)
  if not self[4] then rawset(self, 4, http_headers.wrap(self[1].headers)) end
  return self[4]
end)

class.accessor(Request, false, "signal", "get", function(self)
  if not self[6] then rawset(self, 6, class.new(events.AbortSignal)) end
  return self[6]
end)

--- What a trusted proxy says of the client's place.
local function place_of(native)
  local names, made = {}, shape.object()
  for name in pairs(native.cf or {}) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for _, name in ipairs(names) do shape.add(made, name, native.cf[name]) end
  return made
end

class.accessor(Request, false, "cf", "get", function(self)
  if not self[5] then rawset(self, 5, place_of(self[1])) end
  return self[5]
end)
class.accessor(Request, false, "cf", "set", function(self, value) rawset(self, 5, value) end)

function Request.prototype.clone(self)
  return requests.wrap(http_body.clone(self))
end

return requests
