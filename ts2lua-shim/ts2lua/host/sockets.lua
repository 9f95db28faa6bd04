--- sockets: WebSocket as programs open them, to other servers and to rooms. Slot 1 holds the
--- host's, 2 the listeners, 3 those that stand in properties such as `onmessage`.

local class = require "ts2lua.runtime.class"
local connections = require "ts2lua.host.connections"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local tasks = require "ts2lua.runtime.tasks"
local values = require "ts2lua.host.values"

local sockets = {}

--- What the host says about an address or a message that it refuses.
local function guarded(name, fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  local message = tostring(result):gsub("^[^:\n]*:%d+: ", "")
  return error(class.new(errors.DOMException, message, name), 0)
end

local function protocols_of(given)
  if given == nil then return nil end
  if not iterate.is_array(given) then return { convert.to_text(given) } end
  local list = {}
  for _, each in iterate.iterate(given) do list[#list + 1] = convert.to_text(each) end
  return list
end

local WebSocket = class.builtin("WebSocket", nil, function(self, url, protocols)
  local Native = require "partylua.websocket"
  rawset(self, 1, guarded("SyntaxError", Native, convert.to_text(url), protocols_of(protocols)))
  rawset(self, 2, {})
end, { tag = "WebSocket" })
sockets.WebSocket = WebSocket
local prototype = WebSocket.prototype

for name, value in pairs { CONNECTING = 0, OPEN = 1, CLOSING = 2, CLOSED = 3 } do
  rawset(WebSocket, name, value)
  rawset(prototype, name, value)
end

for _, name in ipairs { "readyState", "protocol", "url" } do
  class.accessor(WebSocket, false, name, "get", function(self) return self[1][name] or "" end)
end
class.accessor(WebSocket, false, "binaryType", "get", function() return "arraybuffer" end)
class.accessor(WebSocket, false, "binaryType", "set", function() end)

function prototype.accept() end

--- The host waits where the other side takes no more; here nobody does.
function prototype.send(self, message)
  local native, data = self[1], values.message_out(message)
  if native.readyState == 0 then guarded("InvalidStateError", native.send, native, data) end
  tasks.spawn(function() native:send(data) end)
end

function prototype.close(self, code, reason)
  local native = self[1]
  guarded("InvalidAccessError", native.close, native,
    code ~= nil and convert.to_number(code) or nil,
    reason ~= nil and convert.to_text(reason) or nil)
end

connections.install_listeners(prototype)

for _, kind in ipairs { "open", "message", "close", "error" } do
  local name = "on" .. kind
  class.accessor(WebSocket, false, name, "get", function(self)
    return self[3] and self[3][kind] or null
  end)
  class.accessor(WebSocket, false, name, "set", function(self, listener)
    if not self[3] then rawset(self, 3, {}) end
    local before = self[3][kind]
    if before then self:removeEventListener(kind, before) end
    self[3][kind] = type(listener) == "function" and listener or nil
    if self[3][kind] then self:addEventListener(kind, listener) end
  end)
end

--- The program's object for a socket of the host.
function sockets.wrap(native)
  return class.instance(WebSocket, { native, {} })
end

return sockets
