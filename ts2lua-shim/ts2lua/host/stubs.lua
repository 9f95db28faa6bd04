--- stubs: room.context.parties as programs see it.

local class = require "ts2lua.runtime.class"
local connections = require "ts2lua.host.connections"
local convert = require "ts2lua.runtime.convert"
local later = require "ts2lua.runtime.later"
local shape = require "ts2lua.runtime.shape"
local tasks = require "ts2lua.runtime.tasks"
local values = require "ts2lua.host.values"

local requests = later "requests"
local responses = later "responses"

local stubs = {}

-- Sockets. Slot 1 holds the host's, 2 the listeners.

local Socket = class.builtin("WebSocket")
local socket = Socket.prototype

for name, value in pairs { CONNECTING = 0, OPEN = 1, CLOSING = 2, CLOSED = 3 } do
  rawset(socket, name, value)
end
class.accessor(Socket, false, "readyState", "get", function(self) return self[1].readyState end)

function socket.accept() end
function socket.send(self, message) self[1]:send(values.message_out(message)) end
function socket.close(self, code, reason)
  self[1]:close(code ~= nil and convert.to_number(code) or nil,
    reason ~= nil and convert.to_text(reason) or nil)
end
connections.install_listeners(socket)

local function wrap_socket(native)
  return class.instance(Socket, { native, {} })
end

-- Stubs. Slot 1 holds the host's.

local Stub = class.builtin("Stub")
local stub = Stub.prototype

--- The arguments of fetch and socket: a path and an init, or only one of them.
local function arguments(path, init)
  if type(path) == "table" then path, init = nil, path end
  return path ~= nil and convert.to_text(path) or nil, requests.native_init(init)
end

function stub.fetch(self, path, init)
  local native_path, native_init = arguments(path, init)
  return tasks.run(function()
    return responses.wrap(self[1]:fetch(native_path, native_init))
  end, true)
end

function stub.socket(self, path, init)
  local native_path, native_init = arguments(path, init)
  return tasks.run(function()
    return wrap_socket(self[1]:socket(native_path, native_init))
  end, true)
end

function stub.connect(self) return wrap_socket(self[1]:connect()) end

--- The parties by name, of the host's.
---@param native table<string, partylua.Party>
function stubs.parties(native)
  local names = {}
  for name in pairs(native) do names[#names + 1] = name end
  table.sort(names)
  local all = shape.object()
  for _, name in ipairs(names) do
    local party = shape.object()
    rawset(party, "get", function(_, id)
      return class.instance(Stub, { native[name]:get(convert.to_text(id)) })
    end)
    shape.add(all, name, party)
  end
  return all
end

return stubs
