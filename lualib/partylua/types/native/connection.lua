---@meta

--- connection: connections. Registered by runtime/lua/bind_connection.c.

---@class partylua.native
local native = {}

--- Lua code adds its own to `methods` and `getters`, so a handle is a partylua.Connection. The
--- attributes stay readable after the end.
---@class partylua.native.Connection
---@field id string
---@field uri string    URL of the upgrade request
---@field protocol string    the sub-protocol that was chosen, or empty
---@field readyState 0|1|2|3    connecting, open, closing, closed
---@field tags string[]    the id, then its own
local Connection = {}

--- Raises after our own close; to a peer that has gone it does nothing (PartyKit: send rules).
---@param message string|partylua.Binary    text must be UTF-8
function Connection:send(message) end

--- Raises for a code that may not be sent (RFC 6455 7.4.2), and for a reason without a code.
---@param code? integer
---@param reason? string    cut to 123 bytes
function Connection:close(code, reason) end

--- Lists the connection in its room. One with the same id is closed with 4000 and leaves.
---@param connection partylua.native.Connection
---@param tags string[]    its own, checked already
function native.register(connection, tags) end

--- Keeps the state, also while the room hibernates; an empty text forgets it.
---@param connection partylua.native.Connection
---@param bytes string
function native.set_state(connection, bytes) end

---@param connection partylua.native.Connection
---@return string? bytes
function native.get_state(connection) end

--- Keeps the handle, and what Lua has hung on it, as long as the connection itself.
---@param connection partylua.native.Connection
function native.pin(connection) end
