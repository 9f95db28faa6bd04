--- Room: a room of an app under test, as seen from outside, and a look inside.

local Answer = require "partylua.testing.answer"
local Client = require "partylua.testing.client"
local native = require "partylua.native"
local url = require "partylua.url"

---@class partylua.testing.Room
---@field id string    as it stands in the URL
---@field party string
---@field private app partylua.testing.App
local Room = {}
Room.__index = Room

---@param app partylua.testing.App
---@param party string
---@param id string
---@return partylua.testing.Room
function Room.new(app, party, id)
  return setmetatable({ app = app, party = party, id = url.encode_segment(id) }, Room)
end

---@return string
function Room:path()
  return ("/parties/%s/%s"):format(self.party, self.id)
end

--- Connects a client. It is open when this returns, unless a hook has refused it or waits.
---@param options? partylua.testing.ConnectOptions
---@return partylua.testing.Client
function Room:connect(options)
  self.app:check_driving(2)
  local client = Client.connect(self.app, self:path(), options or {}, 2)
  return client
end

--- Sends a request to the room; `path` stands behind the room's own.
---@param path? string
---@param init? partylua.RequestInit
---@return partylua.testing.Answer
function Room:fetch(path, init)
  self.app:check_driving(2)
  if type(path) == "table" then path, init = nil, path end
  local answer = Answer.request(self.app, self:path() .. (path or ""), init, 2)
  return answer
end

-- Looking inside --------------------------------------------------------------------------------

--- What the room has stored under a key, or all of it by key: what would be left after a crash.
---@param key? string
---@return any
function Room:storage(key)
  self.app:check_running(2)
  local store = self.app.store
  if key == nil then return store:all(self.party, self.id) end
  return store:get(self.party, self.id, key)
end

--- When its alarm is due, in milliseconds since 1970; nil without one.
---@return number?
function Room:alarm()
  self.app:check_running(2)
  return (self.app.store:alarm(self.party, self.id))
end

--- Its open connections as room code has them, in the order they came; with a tag, those that
--- have it. None while the room is not in memory.
---@param tag? string
---@return partylua.Connection[]
function Room:connections(tag)
  self.app:check_running(2)
  local list = {}
  local room = native.lab_room(self.party, self.id)
  if not room then return list end
  for connection in room:getConnections(tag) do list[#list + 1] = connection end
  return list
end

--- The object of the party's class; nil while the room is not in memory, or sleeps.
---@return table?
function Room:instance()
  self.app:check_running(2)
  local _, object = native.lab_room(self.party, self.id)
  return object
end

--- Lets the room leave memory at once, or sleep when it hibernates, as it would after a while
--- without work. Raises when something holds it: a hook that waits, a timer, connections of a
--- room that does not hibernate.
function Room:hibernate()
  self.app:check_driving(2)
  if not native.lab_hibernate(self.party, self.id) then
    error(("the room %s/%s cannot hibernate now: a hook or a timer runs, or it has connections "
      .. "and no `options = { hibernate = true }`"):format(self.party, self.id), 2)
  end
  self.app:settle()
end

return Room
