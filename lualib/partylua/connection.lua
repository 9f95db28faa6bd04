--- Connection: one WebSocket of a room, as room code sees it.
---
--- The native handle sends and closes; this adds what PartyKit keeps beside each socket: the
--- state, and listeners. Both hang on the handle, which is pinned for as long as the connection
--- lasts once there is something to keep; afterwards they stay readable.

local binary = require "partylua.binary"
local json = require "partylua.json"
local native = require "partylua.native"
local value = require "partylua.value"

local methods, getters = native.connection.methods, native.connection.getters

--- Bytes of a state, encoded (PartyKit: the attachment of a hibernating connection; here for
--- all). Set once by the application.
local state_bytes_max = 2048

--- `has_listeners` is true once anybody has listened to any connection: a message to a server
--- without listeners asks for nothing more.
local connection = { has_listeners = false }

native.set_binary(binary.Binary)

--- Sets how large a state may be, encoded.
---@param state_bytes integer
function connection.configure(state_bytes)
  state_bytes_max = state_bytes
end

--- Connections somebody listens to.
local listening = setmetatable({}, { __mode = "k" })

-- State ----------------------------------------------------------------------------------------

local function encode_state(given, level)
  local bytes, fault = value.encode(given, state_bytes_max, "state")
  if bytes then return bytes end
  if fault.text then error(fault.text, level + 1) end
  error(("A connection's state cannot be larger than %d bytes; it was %d bytes.")
    :format(state_bytes_max, fault.size), level + 1)
end

--- The last value given to setState; nil before that. It is kept as bytes and made anew when the
--- room has hibernated meanwhile.
function getters.state(self)
  local side = native.side(self)
  local state = side.state
  if state ~= nil then return state end
  local bytes = native.get_state(self)
  if not bytes then return nil end
  side.state = value.decode(bytes)
  native.pin(self)
  return side.state
end

--- Replaces the state. The connection keeps a copy; what a function gives for the old state
--- becomes the new one; nil and json.null clear it.
---@param given any
---@return any state    the new one
function methods.setState(self, given)
  if type(given) == "function" then given = given(getters.state(self)) end
  local side = native.side(self)
  if given == nil or given == json.null then
    side.state = nil
    native.set_state(self, "")
    return nil
  end
  local bytes = encode_state(given, 2)
  native.set_state(self, bytes)
  side.state = value.decode(bytes)
  native.pin(self)
  return side.state
end

local has_warned = false

local function warn_once()
  if has_warned then return end
  has_warned = true
  native.log("warn", "app", "serializeAttachment and deserializeAttachment are deprecated: "
    .. "use setState and state")
end

--- Deprecated: setState.
function methods.serializeAttachment(self, given)
  warn_once()
  methods.setState(self, given)
end

--- Deprecated: state.
function methods.deserializeAttachment(self)
  warn_once()
  return getters.state(self)
end

--- PartyKit has these of the platform's WebSocket: it is accepted already, and uses no extensions.
function methods.accept() end

function getters.extensions()
  return ""
end

--- Deprecated: the connection itself.
function getters.socket(self)
  return self
end

-- Listeners ------------------------------------------------------------------------------------

local EVENTS = { message = true, close = true, error = true }

local function check_event(kind, fn, level)
  if not EVENTS[kind] then
    error(("there is no event %q; there are message, close and error"):format(tostring(kind)),
      level + 1)
  end
  if type(fn) ~= "function" then
    error("a listener must be a function, got " .. type(fn), level + 1)
  end
end

--- Calls `fn(event)` for each event of a kind: message (event.data, event.isBinary), close
--- (event.code, event.reason, event.wasClean), error (event.message).
---@param kind "message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function methods.addEventListener(self, kind, fn)
  check_event(kind, fn, 2)
  local lists = listening[self]
  if not lists then
    lists = {}
    listening[self] = lists
    native.side(self).listeners = lists
    connection.has_listeners = true
    native.pin(self)
  end
  local list = lists[kind] or {}
  lists[kind] = list
  for _, other in ipairs(list) do
    if other == fn then return end
  end
  list[#list + 1] = fn
end

---@param kind "message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function methods.removeEventListener(self, kind, fn)
  check_event(kind, fn, 2)
  local list = listening[self] and listening[self][kind]
  for i = list and #list or 0, 1, -1 do
    if list[i] == fn then table.remove(list, i) end
  end
end

--- Tells the listeners of a connection. Each runs by itself, so that one's error or waiting is
--- no matter of the others.
---@param self partylua.Connection
---@param kind "message"|"close"|"error"
---@param event table
function connection.dispatch(self, kind, event)
  local lists = listening[self]
  local list = lists and lists[kind]
  if not list then return end
  event.type, event.target = kind, self
  for i = 1, #list do native.spawn(list[i], event) end
end

-- Constants ------------------------------------------------------------------------------------

methods.CONNECTING, methods.OPEN, methods.CLOSING, methods.CLOSED = 0, 1, 2, 3

-- Tags -----------------------------------------------------------------------------------------

local TAGS_MAX, TAG_CHARACTERS_MAX = 10, 256

local function check_tag(tag)
  if type(tag) ~= "string" then
    error("A connection tag must be a string. Received: " .. tostring(tag), 0)
  end
  if tag == "" then error("A connection tag must not be an empty string.", 0) end
  if #tag > TAG_CHARACTERS_MAX then
    error("A connection tag must not exceed 256 characters", 0)
  end
end

--- The own tags of a connection as getConnectionTags gave them: checked, without the id, each
--- once. The rules are PartyKit's for hibernating rooms, here for all.
---@param id string
---@param list any
---@return string[]
function connection.check_tags(id, list)
  if list == nil then return {} end
  if type(list) ~= "table" then
    error("getConnectionTags must return a list of strings, got " .. type(list), 0)
  end
  local tags, seen = {}, { [id] = true }
  for _, tag in ipairs(list) do
    if not seen[tag] then
      seen[tag] = true
      tags[#tags + 1] = tag
    end
  end
  if #tags + 1 > TAGS_MAX then
    error("A connection can only have 10 tags, including the default id tag.", 0)
  end
  for _, tag in ipairs(tags) do check_tag(tag) end
  return tags
end

return connection
