---@meta _

--- A party: a class whose hooks this server calls. It is a plain table, its hooks are declared
--- with `:`, and each may be left out.
---
---     local party = require "partylua"
---
---     ---@class Chat : party.Server
---     local Chat = {}
---     function Chat:onMessage(message, sender) self.room:broadcast(message, { sender.id }) end
---     return Chat
---
--- Hooks of a room have its object as `self`; those marked "static" have the class, run outside
--- of rooms, and have no room. Every hook may wait (sleep, fetch from another room, read a body):
--- other events of the room run meanwhile.
---@class party.Server
---@field room partylua.Room    set before the constructor runs; not in static hooks
---@field options? { hibernate?: boolean, serialize?: boolean }    whether an idle room's object is
---        dropped while its connections stay (PartyKit: hibernation); whether each event of a room
---        waits until the hook of the last one has ended
local Server = {}

-- A room's life ---------------------------------------------------------------------------------

--- Called when a room is made, on an object that has `self.room`. An error answers what woke the
--- room with 500; the next event tries again (PartyKit: server hooks).
---@param room partylua.Room
function Server:constructor(room) end

--- Called once before any other event of the room, all of which wait for its end. An error counts
--- as one of the constructor.
function Server:onStart() end

--- The tags of a new connection: up to 9 strings of 1 to 256 bytes; its id is a tag by itself.
--- More, or others, refuse the connection with 1011 (PartyKit: connection tags).
---@param conn partylua.Connection
---@param ctx partylua.ConnectionContext
---@return string[]?
function Server:getConnectionTags(conn, ctx) end

--- A new connection. The client sees it as open when this hook has ended, and what is sent here
--- arrives first. An error closes it with 1011 and the error's message, or with the `code` from
--- 3000 to 4999 of `error { message = m, code = n }`; onClose does not follow.
---@param conn partylua.Connection
---@param ctx partylua.ConnectionContext
function Server:onConnect(conn, ctx) end

--- A message. An error is logged, and the connection stays. The next message does not wait for
--- a hook that waits.
---@param message string    text, or bytes when `isBinary`
---@param sender partylua.Connection
---@param isBinary boolean
function Server:onMessage(message, sender, isBinary) end

--- A connection has ended, by whichever side; it is not listed any more. `code`, `reason` and
--- `wasClean` go beyond PartyKit: 1005 is an end without code, 1006 one without goodbye.
---@param conn partylua.Connection
---@param code integer
---@param reason string
---@param wasClean boolean
function Server:onClose(conn, code, reason, wasClean) end

--- The client broke the protocol, or sent too large a message. onClose does not follow.
---@param conn partylua.Connection
---@param err { message: string }    also good for tostring
function Server:onError(conn, err) end

--- An HTTP request to the room. An error answers 500 with its message, or the `code` from 400 to
--- 599 of `error { message = m, code = n }`. Without this hook requests get 500.
---@param request partylua.Request
---@return partylua.Response
function Server:onRequest(request) end

--- The alarm that storage:setAlarm has set is due; a room that is not in memory starts first. An
--- error makes it run again, after 2, 4, 8, 16, 32 and 64 seconds. Here `room.id` and
--- `room.context.parties` raise, unless the configuration has "strictAlarms": false (PartyKit:
--- alarms).
---@param info { retryCount: integer, isRetry: boolean }
function Server:onAlarm(info) end

-- Before a room, static -------------------------------------------------------------------------

--- Static: a WebSocket is asked for. A Response refuses it, a Request goes on to the room, and
--- nothing lets the request on as it is by now. An error answers 401 with its message. Stubs of
--- rooms do not come by here (PartyKit: party stubs).
---@param request partylua.Request
---@param lobby partylua.Lobby
---@param ctx partylua.ExecutionContext
---@return partylua.Request|partylua.Response|nil
function Server:onBeforeConnect(request, lobby, ctx) end

--- Static: the same for an HTTP request to a room.
---@param request partylua.Request
---@param lobby partylua.Lobby
---@param ctx partylua.ExecutionContext
---@return partylua.Request|partylua.Response|nil
function Server:onBeforeRequest(request, lobby, ctx) end

-- No room, static, asked of the party main only -------------------------------------------------

--- Static: a request whose path names no room and no static file. Nothing answers 404; an error
--- answers 500 with its message.
---@param request partylua.Request
---@param lobby partylua.FetchLobby
---@param ctx partylua.ExecutionContext
---@return partylua.Response?
function Server:onFetch(request, lobby, ctx) end

--- Static: a WebSocket whose path names no room. The client sees it as open when the hook has
--- ended; what it sends is heard with `socket:addEventListener`.
---@param socket partylua.FetchSocket
---@param lobby partylua.FetchLobby
---@param ctx partylua.ExecutionContext
function Server:onSocket(socket, lobby, ctx) end

--- Static: a schedule of "crons" is due. An error is logged, and nothing is tried again; a time
--- that comes while the last run goes on is dropped. With --dev-endpoints
--- `/__scheduled__?cron=NAME` runs it at once.
---@param cron partylua.Cron
---@param lobby partylua.FetchLobby
---@param ctx partylua.ExecutionContext
function Server:onCron(cron, lobby, ctx) end

-- What hooks are given --------------------------------------------------------------------------

--- The second argument of onConnect and getConnectionTags.
---@class partylua.ConnectionContext
---@field request partylua.Request    the one that asked for the WebSocket

--- What static hooks may use. The bindings and analytics are there so that code of PartyKit finds
--- them, and do nothing.
---@class partylua.FetchLobby
---@field env table<string, any>    the application's variables
---@field parties table<string, partylua.Party>    by name; nil for what is not configured
---@field assets partylua.Assets
---@field ai? partylua.Ai    nil unless the configuration names a provider
---@field analytics { writeDataPoint: fun(self: table, data?: table) }
---@field bindings { r2: table, kv: table }
---@field vectorize? table<string, partylua.VectorIndex>    as of a room's context

--- What the before-hooks of a room may use.
---@class partylua.Lobby : partylua.FetchLobby
---@field id string    of the room, as it stands in the URL

--- The static files of `serve` in the configuration.
---@class partylua.Assets
local Assets = {}

--- The static file of a path as a GET would have it, nil without one. The content is read in
--- pieces.
---@param path string    starting with "/"
---@return partylua.Response?
function Assets:fetch(path) end

--- The third argument of static hooks.
---@class partylua.ExecutionContext
local ExecutionContext = {}

--- Runs `work` beside the answer. The end of the server waits for it, up to --drain-timeout.
---@param work fun()
function ExecutionContext:waitUntil(work) end

--- Does nothing: there is no origin behind this server to fall through to.
function ExecutionContext:passThroughOnException() end

--- The socket of onSocket. It has no room, and so no tags that anybody could look for.
---@class partylua.FetchSocket : partylua.Connection
---@field request partylua.Request    the one that asked for the WebSocket

--- The first argument of onCron.
---@class partylua.Cron
---@field name string
---@field definition string    the expression, as the configuration has it
---@field cron string    the same
---@field scheduledTime number    when it was due, in milliseconds since 1970
---@field noRetry fun(self: partylua.Cron)    does nothing: a run that fails is not repeated
