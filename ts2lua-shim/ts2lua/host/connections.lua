--- connections: Party.Connection as programs see it. Slot 1 holds the host's handle, 2 the
--- listeners, 3 and 4 the state the host has and what the program sees of it.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local native = require "partylua.native"
local shape = require "ts2lua.runtime.shape"
local values = require "ts2lua.host.values"
local waiting = require "ts2lua.host.waiting"

local requests = later "requests"

local connections = {}

local Connection = class.builtin("WebSocket", nil, nil, { is_connection = true })
local prototype = Connection.prototype

--- The program's object for a handle: the same one for as long as the connection lasts.
---@param handle partylua.Connection
function connections.wrap(handle)
  local side = native.side(handle)
  local wrapper = side.program_object
  if not wrapper then
    wrapper = class.instance(Connection, { handle, {} })
    side.program_object = wrapper
    native.pin(handle)
  end
  return wrapper
end

--- What the host raises, as an Error of the program, without the place in the host.
local function guarded(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  error(errors.caught(result), 0)
end

for _, name in ipairs { "id", "uri", "readyState" } do
  class.accessor(Connection, false, name, "get", function(self) return self[1][name] end)
end
class.accessor(Connection, false, "socket", "get", function(self) return self end)
class.accessor(Connection, false, "url", "get", function() return null end)
class.accessor(Connection, false, "request", "get", function(self)
  local request = self[1].request
  return request and requests.wrap(request) or nil
end)

for name, value in pairs { CONNECTING = 0, OPEN = 1, CLOSING = 2, CLOSED = 3,
  READY_STATE_CONNECTING = 0, READY_STATE_OPEN = 1, READY_STATE_CLOSING = 2,
  READY_STATE_CLOSED = 3 } do
  rawset(prototype, name, value)
end

function prototype.accept() end

function prototype.send(self, message)
  local handle = self[1]
  guarded(handle.send, handle, values.message_out(message))
end

function prototype.close(self, code, reason)
  local handle = self[1]
  guarded(handle.close, handle, code ~= nil and convert.to_number(code) or nil,
    reason ~= nil and convert.to_text(reason) or nil)
end

-- State.

local function state(self)
  local held = self[1].state
  if held == nil then return null end
  if held ~= self[3] or type(held) ~= "table" then
    rawset(self, 3, held)
    rawset(self, 4, values.from_native(held))
  end
  return self[4]
end
class.accessor(Connection, false, "state", "get", state)

function prototype.setState(self, value)
  if type(value) == "function" then value = value(nil, state(self)) end
  local handle = self[1]
  guarded(handle.setState, handle, value ~= nil and values.to_native(value) or nil)
  return state(self)
end

prototype.serializeAttachment = prototype.setState
function prototype.deserializeAttachment(self) return state(self) end

-- Listeners.

--- An event of the host as a program sees it.
function connections.event(event, target)
  local made = shape.object()
  for _, name in ipairs { "type", "code", "reason", "wasClean", "message" } do
    if event[name] ~= nil then made[name] = event[name] end
  end
  if event.data ~= nil then made.data = values.message_in(event.data, event.isBinary) end
  made.target = target
  return made
end

--- Gives a prototype addEventListener and removeEventListener over the host's own.
function connections.install_listeners(target_prototype)
  function target_prototype.addEventListener(self, kind, listener, options)
    local listeners = self[2]
    local key = kind .. "\0" .. tostring(listener)
    if listeners[key] then return end
    local is_once = type(options) == "table" and convert.truthy(options.once)
    listeners[key] = function(event)
      if is_once then self:removeEventListener(kind, listener) end
      local fn = type(listener) == "table" and listener.handleEvent or listener
      waiting.call(fn, listener, connections.event(event, self))
    end
    self[1]:addEventListener(kind, listeners[key])
  end

  function target_prototype.removeEventListener(self, kind, listener)
    local key = kind .. "\0" .. tostring(listener)
    local fn = self[2][key]
    if not fn then return end
    self[2][key] = nil
    self[1]:removeEventListener(kind, fn)
  end
end

connections.install_listeners(prototype)

return connections
