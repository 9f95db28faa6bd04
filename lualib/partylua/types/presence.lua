---@meta partylua.presence

-- Who is in a room: `require "partylua.presence"`; see docs/guides/presence.md.

---@class partylua.PresenceOptions
---@field type? string    of the messages; "presence"

---@class partylua.Person
---@field id string
---@field data any    what they show

---@class partylua.Presence
---@overload fun(room: partylua.Room, options?: partylua.PresenceOptions): partylua.Presence
local Presence = {}

--- Who is here, each once, in the order they came.
---@return partylua.Person[]
function Presence:list() end

--- Lets a connection appear. It is told who is here (`people`, and `you`, its id), and the others
--- that somebody `entered`. Several connections of one user are one person when they bring the
--- same id, which the others see: the user's own, checked before.
---@param conn partylua.Connection
---@param data? any    what to show of them; small, as it is part of the connection's state
---@param id? string    one of its own if left out
---@return string id
function Presence:enter(conn, data, id) end

--- Changes what is shown of somebody, which the others are told. Nothing for one who has not
--- entered.
---@param conn partylua.Connection
---@param data any
function Presence:update(conn, data) end

--- Lets a connection disappear, which the others are told when it was the last of this person.
---@param conn partylua.Connection
function Presence:leave(conn) end

return Presence
