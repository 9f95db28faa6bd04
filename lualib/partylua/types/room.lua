---@meta _

--- A room, as its hooks see it: `self.room`.
---@class partylua.Room
---@field id string    as it stands in the URL, nothing decoded; raises in onAlarm
---@field name string    of its party: "main", or its key in `parties`
---@field internalID string    64 hex digits that stand for party and id, the same after restarts
---@field env table<string, any>    the application's variables: texts, or any JSON from `vars`
---@field context partylua.RoomContext
---@field storage partylua.Storage    what the room keeps when it leaves memory
---@field analytics { writeDataPoint: fun(self: table, data?: table) }    does nothing; says so once
---@field parties table<string, partylua.Party>    deprecated: context.parties
---@field connections table<string, partylua.Connection>    deprecated: getConnections; by id
local Room = {}

--- Sends a message to every open connection. A reader whose queue is full is closed with 1013 and
--- delays nobody. Raises for a text that is not UTF-8.
---@param message string|partylua.Binary    a string goes as text
---@param without? string[]    ids of connections that do not get it
function Room:broadcast(message, without) end

--- The open connection with this id.
---@param id string
---@return partylua.Connection?
function Room:getConnection(id) end

--- Iterates over the open connections, in the order they came: `for conn in
--- room:getConnections() do`. It goes over those of the beginning and leaves out what has closed
--- meanwhile, so a loop may close connections.
---@param tag? string    only those with this tag; an id is a tag too
---@return fun(): partylua.Connection?
function Room:getConnections(tag) end

--- Runs `fn` with no other event of the room in between, whatever it waits for: in a constructor
--- or hook that reads settings from elsewhere, say. An error resets the room: its connections are
--- closed with 1011, hooks that wait go no further, and the next event starts it anew; so does a
--- function that takes longer than --block-timeout (30 s). What it has written stays.
---@generic T
---@param fn fun(): T
---@return T
function Room:blockConcurrencyWhile(fn) end

--- What a room has beside itself.
---@class partylua.RoomContext
---@field parties table<string, partylua.Party>    by name; nil for what is not configured; raises
---                                                in onAlarm
---@field env table<string, any>
---@field assets partylua.Assets
---@field ai? partylua.Ai    nil unless the configuration names a provider
---@field analytics { writeDataPoint: fun(self: table, data?: table) }    does nothing; says so once
---@field bindings { r2: table, kv: table }    what the configuration declares raises an error
---@field vectorize? table<string, partylua.VectorIndex>    by the names of the configuration; nil
---                                                        when it has none

-- Connections -----------------------------------------------------------------------------------

--- What listeners are called with.
---@class partylua.SocketEvent
---@field type string
---@field target table    the connection or socket
---@field data? string    of a message
---@field isBinary? boolean    of a message
---@field code? integer    of a close
---@field reason? string    of a close
---@field wasClean? boolean    of a close
---@field message? string    of an error

--- One WebSocket of a room. It stays readable after its end.
---@class partylua.Connection
---@field id string    the client's `_pk`, or a UUID. Of two with one id the older is closed with
---                    4000. It is no secret and no proof of who somebody is
---@field uri string    the URL that asked for the WebSocket, with its query
---@field state any    what setState was given last; nil before. Its own copy: change it by setState
---@field tags string[]    the id, then those of getConnectionTags
---@field protocol string    the sub-protocol that was chosen, or empty
---@field extensions string    empty: none are used
---@field readyState 0|1|2|3    one of the constants below
---@field socket partylua.Connection    deprecated: itself
---@field CONNECTING 0    its onConnect has not ended
---@field OPEN 1
---@field CLOSING 2    one side has said goodbye
---@field CLOSED 3
local Connection = {}

--- Sends one message. To a client that has gone it does nothing. Raises after close() of ours,
--- and for a text that is not UTF-8.
---@param message string|partylua.Binary    a string goes as text
function Connection:send(message) end

--- Closes the WebSocket; closing again does nothing. Raises for a code that may not be sent (RFC
--- 6455 7.4) and for a reason without a code. The reason is cut to 123 bytes.
---@param code? integer    1000 to 4999, but for the reserved ones; without it the client sees 1005
---@param reason? string
function Connection:close(code, reason) end

--- Replaces the state, which lasts as long as the connection. Raises for a value that is not made
--- of plain values, or is larger than --state-bytes (2 KiB) encoded.
---@param value any    a copy is kept; a function is called with the old state and gives the new;
---                    nil and json.null clear it
---@return any state    the new one
function Connection:setState(value) end

--- Does nothing: a connection is accepted before its hooks hear of it.
function Connection:accept() end

--- Calls `fn(event)` for each event of a kind: message (event.data, event.isBinary), close
--- (event.code, event.reason, event.wasClean), error (event.message).
---@param kind "message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function Connection:addEventListener(kind, fn) end

---@param kind "message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function Connection:removeEventListener(kind, fn) end

--- Deprecated: setState.
---@param value any
function Connection:serializeAttachment(value) end

--- Deprecated: state.
---@return any
function Connection:deserializeAttachment() end

-- Other rooms -----------------------------------------------------------------------------------

--- The rooms of one party: `room.context.parties.lobby`.
---@class partylua.Party
local Party = {}

--- The stub of a room. What may not stand in a path is percent-encoded and escapes stay, so `get
--- "my room"` and `/parties/main/my%20room` are one room. Raises for an empty id.
---@param id string
---@return partylua.Stub
function Party:get(id) end

--- A room as others reach it, whether it is in memory or not. Traffic of stubs goes straight to
--- the room: its before-hooks do not run (PartyKit: party stubs). Rooms may call each other up to
--- 16 levels deep.
---@class partylua.Stub
local Stub = {}

--- Sends a request to the room and waits for its answer. A failing hook there is an answer such
--- as 500 and not an error here.
---@param path? string|partylua.RequestInit|partylua.Request    below the room's own path, starting
---                                                             with "/"; or the init
---@param init? partylua.RequestInit|partylua.Request
---@return partylua.Response
function Stub:fetch(path, init) end

--- Opens a WebSocket to the room and waits until it is open. Raises when the room refuses it.
---@param path? string|partylua.RequestInit|partylua.Request
---@param init? partylua.RequestInit|partylua.Request
---@return partylua.StubSocket
function Stub:socket(path, init) end

--- Deprecated: like socket, but it does not wait, so that the socket is still connecting; and it
--- comes by onBeforeConnect, as a client does.
---@return partylua.StubSocket
function Stub:connect() end

--- The caller's end of a WebSocket to a room. While it is open the caller's room stays in memory.
---@class partylua.StubSocket
---@field readyState 0|1|2|3
---@field CONNECTING 0
---@field OPEN 1
---@field CLOSING 2
---@field CLOSED 3
local StubSocket = {}

--- Does nothing: sockets of stubs are accepted already.
function StubSocket.accept() end

--- Sends one message to the room. While the room takes no more it waits. Raises before it is open,
--- after close(), and for a text that is not UTF-8.
---@param message string|partylua.Binary
function StubSocket:send(message) end

---@param code? integer
---@param reason? string
function StubSocket:close(code, reason) end

--- Calls `fn(event)` for each event of a kind; the fields are those of a connection's events.
---@param kind "open"|"message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function StubSocket:addEventListener(kind, fn) end

---@param kind "open"|"message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function StubSocket:removeEventListener(kind, fn) end
