--- rooms: Party.Room, lobbies and the other things that hooks are given.

local class = require "ts2lua.runtime.class"
local connections = require "ts2lua.host.connections"
local context = require "partylua.context"
local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local later = require "ts2lua.runtime.later"
local native = require "partylua.native"
local platform = require "ts2lua.host.platform"
local promises = require "ts2lua.runtime.promises"
local shape = require "ts2lua.runtime.shape"
local storage = require "ts2lua.host.storage"
local tasks = require "ts2lua.runtime.tasks"
local values = require "ts2lua.host.values"
local waiting = require "ts2lua.host.waiting"

local collections = later "collections"

local rooms = {}

local Room = class.builtin("Room")
local prototype = Room.prototype

--- The program's object for a room's handle.
---@param handle partylua.Room
function rooms.wrap(handle)
  local side = native.side(handle)
  if not side.program_object then
    side.program_object = class.instance(Room, { handle, {} })
  end
  return side.program_object
end

--- The application's variables as an object.
local function env()
  return values.from_native(context.shared "env")
end
rooms.env = env

for _, name in ipairs { "id", "internalID", "name" } do
  class.accessor(Room, false, name, "get", function(self) return self[1][name] end)
end

--- A property that is made when it is read first.
local function lazy(name, make)
  class.accessor(Room, false, name, "get", function(self)
    local made = self[2][name]
    if made == nil then
      made = make(self[1])
      self[2][name] = made
    end
    return made
  end)
end

lazy("env", env)
lazy("storage", function(handle) return storage.wrap(handle.storage) end)

local Context = class.builtin("Context")

--- Parties are asked of the host each time: there are moments when it refuses.
class.accessor(Context, false, "parties", "get", function(self)
  local parties = self[1].parties
  if not self[2] then rawset(self, 2, require("ts2lua.host.stubs").parties(parties)) end
  return self[2]
end)
class.accessor(Context, false, "bindings", "get", platform.bindings)
class.accessor(Context, false, "analytics", "get", platform.analytics)

--- Services, made when they are asked for first; slots 3 and on hold them.
for slot, name in pairs { [3] = "ai", [4] = "vectorize", [5] = "assets" } do
  class.accessor(Context, false, name, "get", function(self)
    if self[slot] == nil then
      rawset(self, slot, require("ts2lua.host.services")[name](self[1][name]))
    end
    return self[slot]
  end)
end

local function wrap_context(native_context)
  return class.instance(Context, { native_context })
end

lazy("context", function(handle) return wrap_context(handle.context) end)
class.accessor(Room, false, "parties", "get", function(self) return self.context.parties end)

lazy("analytics", platform.analytics)

class.accessor(Room, false, "connections", "get", function(self)
  local map = class.new(collections.Map)
  for connection in self[1]:getConnections() do
    map:set(connection.id, connections.wrap(connection))
  end
  return map
end)

local function ids_of(without)
  if without == nil then return nil end
  local list = {}
  for _, id in iterate.iterate(without) do list[#list + 1] = convert.to_text(id) end
  return list
end

function prototype.broadcast(self, message, without)
  self[1]:broadcast(values.message_out(message), ids_of(without))
end

function prototype.getConnection(self, id)
  local handle = self[1]:getConnection(convert.to_text(id))
  return handle and connections.wrap(handle) or nil
end

function prototype.getConnections(self, tag)
  local step, state, start
  if tag == nil then
    step, state, start = self[1]:getConnections()
  else
    step, state, start = self[1]:getConnections(convert.to_text(tag))
  end
  return iterate.iterator(function()
    start = step(state, start)
    if start ~= nil then return true, connections.wrap(start) end
  end)
end

--- No other event of the room runs until what `fn` promises is there. In a constructor the room
--- does not start before.
function prototype.blockConcurrencyWhile(self, fn)
  local promise = tasks.run(function()
    return self[1]:blockConcurrencyWhile(function() return waiting.call(fn, nil) end)
  end, true)
  table.insert(self[2], promise)
  return promise
end

--- Waits for what a constructor has begun.
function rooms.wait_for_blocks(room)
  for i, promise in ipairs(room[2]) do
    room[2][i] = nil
    waiting.settle(promise)
  end
end

--- A lobby for a static hook.
---@param lobby partylua.Lobby
function rooms.lobby(lobby)
  local made = wrap_context(lobby)
  local object = shape.object()
  if lobby.id ~= nil then object.id = lobby.id end
  object.env = env()
  for _, name in ipairs { "parties", "ai", "vectorize", "assets" } do
    shape.define_accessor(object, name, "get", function() return made[name] end)
  end
  shape.add(object, "bindings", made.bindings)
  shape.add(object, "analytics", made.analytics)
  return object
end

--- The last argument of static hooks.
---@param execution partylua.ExecutionContext
function rooms.execution(execution)
  local object = shape.object()
  rawset(object, "waitUntil", function(_, promise)
    promise = promises.of(promise)
    execution:waitUntil(function() waiting.settle(promise) end)
  end)
  rawset(object, "passThroughOnException", function() end)
  return object
end

return rooms
