---@meta

--- room: rooms. Registered by runtime/lua/bind_room.c.

---@class partylua.native
local native = {}

--- Lua code adds its own to `methods` and `getters`, so a room handle is a partylua.Room.
---@class partylua.native.Room
---@field id string    as it stands in the URL, nothing decoded; raises in a strict onAlarm
---@field name string    the party's
---@field internalID string    64 hex digits
local Room = {}

--- PartyKit: broadcast. Raises for a text that is not UTF-8.
---@param message string|partylua.Binary
---@param without? string[]
function Room:broadcast(message, without) end

---@param id string
---@return partylua.Connection?    an open one
function Room:getConnection(id) end

--- A snapshot; what has closed since is passed over.
---@param tag? string    an empty one is none
---@return fun(): partylua.Connection?
function Room:getConnections(tag) end

--- The object of the room that is being started. Raises in any other task.
---@param object table
---@param hibernates? boolean    drop the object when the room is idle, and keep its connections
---@param is_serial? boolean    each event waits until the hook of the last one has ended
function native.set_object(object, hibernates, is_serial) end

--- Whether the server has been told to stop.
---@return boolean
function native.is_draining() end
