--- Room: what room code sees of its room beside the native handle's own id, name, broadcast and
--- connections.

local context = require "partylua.context"
local native = require "partylua.native"
local parties = require "partylua.parties"
local Storage = require "partylua.storage"

local getters = native.room.getters

local room = {}

--- The application's variables.
function getters.env()
  return context.shared "env"
end

--- The storages of rooms by room, beside their rooms' sides, which hold them: asking for a side
--- would end the compiled code of a hook.
---@type table<partylua.native.Room, partylua.Storage>
local storages = setmetatable({}, { __mode = "kv" })

--- What the room stores.
function getters.storage(self)
  local storage = storages[self]
  if storage then return storage end
  local side = native.side(self)
  storage = side.storage or Storage(self)
  side.storage, storages[self] = storage, storage
  return storage
end

-- PartyKit: what is unavailable in onAlarm.
local NO_PARTIES = "You can not access `Party.context.parties` in the `onAlarm` handler.\n"
  .. "This is a known limitation, and may be fixed in a future version of PartyKit."

--- What ends a call of blockConcurrencyWhile: its results go on, an error resets the room.
local function finish(self, is_blocker, ok, ...)
  if ok then
    if is_blocker then native.unblock(self) end
    return ...
  end
  local err = ...
  local message = type(err) == "table" and err.message or err
  if not native.reset(self, tostring(message)) and is_blocker then native.unblock(self) end
  error(err, 0)
end

--- Runs `fn` with no other event of the room in between, whatever it waits for, and gives what it
--- gives. An error resets the room: its connections are closed with 1011 and it starts anew with
--- the next event. What it has written stays.
---@generic T
---@param fn fun(): T
---@return T
function native.room.methods.blockConcurrencyWhile(self, fn)
  if type(fn) ~= "function" then
    error("blockConcurrencyWhile takes a function, got " .. type(fn), 2)
  end
  return finish(self, native.block(self, true), pcall(fn))
end

local fields = {}

function fields.__index(self, key)
  if key == "ai" then return context.make_ai(self) end
  if key ~= "parties" then return context.shared(key) end
  if native.is_alarm_strict() then error(NO_PARTIES, 2) end
  local made = rawget(self, "made_parties") or parties.for_host(rawget(self, "host"))
  rawset(self, "made_parties", made)
  return made
end

--- Stubs of other rooms, static files, and whatever the configuration binds.
function getters.context(self)
  local side = native.side(self)
  if not side.context then
    side.context = setmetatable({ host = side.shared.host }, fields)
  end
  return side.context
end

local has_warned = {}

local function warn_once(name, instead)
  if has_warned[name] then return end
  has_warned[name] = true
  native.log("warn", "app", ("room.%s is deprecated: use %s"):format(name, instead))
end

--- Deprecated: room.context.parties.
function getters.parties(self)
  warn_once("parties", "room.context.parties")
  return getters.context(self).parties
end

--- Deprecated: room:getConnections(); a table from id to connection.
function getters.connections(self)
  warn_once("connections", "room:getConnections()")
  local all = {}
  for connection in self:getConnections() do all[connection.id] = connection end
  return all
end

function getters.analytics()
  return context.shared "analytics"
end

--- What rooms that were started by requests to the same host share.
---@type table<string, { host: string }>
local shared_by_host = setmetatable({}, { __mode = "v" })

--- Remembers the host of the request that started the room: stubs build their URLs with it.
---@param self partylua.Room
---@param host string
function room.set_host(self, host)
  local shared = shared_by_host[host]
  if not shared then
    shared = { host = host }
    shared_by_host[host] = shared
  end
  native.share(self, shared)
end

return room
