--- presence: who is in a room, told to everybody as it changes.
---
---     self.presence = presence(self.room)
---     self.presence:enter(conn, { name = "Ann" })      -- in onConnect, or when a name is known
---     self.presence:update(conn, { name = "Ann", typing = true })
---     self.presence:leave(conn)                        -- in onClose
---
--- What somebody shows is kept in the state of their connection, under `presence`, so it survives
--- hibernation; state of your own is set beside it with a function. People have an id that is not
--- their connection's: whoever connects with such an id takes the connection's place.

local class = require "partylua.class"
local json = require "partylua.json"
local native = require "partylua.native"

---@class partylua.PresenceOptions
---@field type? string    of the messages; "presence"

---@class partylua.Person
---@field id string
---@field data any    what they show

---@class partylua.Presence
---@field private room partylua.Room
---@field private type string
---@overload fun(room: partylua.Room, options?: partylua.PresenceOptions): partylua.Presence
local Presence = class()

---@param room partylua.Room
---@param options? partylua.PresenceOptions
function Presence:init(room, options)
  self.room = room
  self.type = options and options.type or "presence"
end

--- What a connection shows; nil when it has not entered.
local function shown(conn)
  local state = conn.state
  return type(state) == "table" and state.presence or nil
end

local function set(conn, person)
  conn:setState(function(old)
    local state = type(old) == "table" and old or {}
    state.presence = person
    return state
  end)
end

--- The newest connection of this person but `except`; nil without one.
local function other_of(self, id, except)
  local found
  for conn in self.room:getConnections() do
    local person = conn ~= except and shown(conn) -- a newer one may have its id
    if person and person.id == id then found = conn end
  end
  return found
end

local function tell(self, change, without)
  change.type = self.type
  self.room:broadcast(json.encode(change), without and { without.id } or nil)
end

--- Who is here, each once, in the order they came.
---@return partylua.Person[]
function Presence:list()
  local people, places = json.array {}, {}
  for conn in self.room:getConnections() do
    local person = shown(conn)
    if person then
      local place = places[person.id] or #people + 1
      places[person.id] = place
      people[place] = { id = person.id, data = person.data } -- of several, the newest counts
    end
  end
  return people
end

--- Lets a connection appear. It is told who is here (`people`, and `you`, its id), and the others
--- that somebody `entered`. Several connections of one user are one person when they bring the
--- same id, which the others see: the user's own, checked before.
---@param conn partylua.Connection
---@param data? any    what to show of them; small, as it is part of the connection's state
---@param id? string    one of its own if left out
---@return string id
function Presence:enter(conn, data, id)
  local old = shown(conn)
  id = id or old and old.id or native.uuid()
  local is_new = not other_of(self, id, conn) and not (old and old.id == id)
  if old and old.id ~= id then self:leave(conn) end
  local person = { id = id, data = data }
  set(conn, person)
  conn:send(json.encode { type = self.type, you = id, people = self:list() })
  tell(self, { [is_new and "entered" or "changed"] = person }, conn)
  return id
end

--- Changes what is shown of somebody, which the others are told. Nothing for one who has not
--- entered.
---@param conn partylua.Connection
---@param data any
function Presence:update(conn, data)
  local old = shown(conn)
  if not old then return end
  local person = { id = old.id, data = data }
  set(conn, person)
  tell(self, { changed = person }, conn)
end

--- Lets a connection disappear, which the others are told when it was the last of this person.
---@param conn partylua.Connection
function Presence:leave(conn)
  local person = shown(conn)
  if not person then return end
  if conn.readyState == conn.OPEN then set(conn, nil) end
  local other = other_of(self, person.id, conn)
  if other then return tell(self, { changed = shown(other) }, conn) end
  tell(self, { left = person.id }, conn)
end

return Presence
