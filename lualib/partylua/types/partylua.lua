---@meta partylua

--- What `require "partylua"` gives. Durations are seconds; points in time are milliseconds since
--- 1970, as in PartyKit. What "waits" suspends the hook that calls it, and other events of the
--- room run meanwhile; it raises where Lua cannot suspend, as inside a comparator of table.sort.
---@class partylua
---@field version string    such as "0.1.0"
---@field Headers partylua.Headers    the class: `party.Headers { ["x-a"] = "1" }`
---@field Request partylua.Request    the class
---@field Response partylua.Response    the class: `party.Response("hello")`
---@field URL partylua.URL    the class: `party.URL "http://example.com/"`
---@field FormData partylua.FormData    the class, and its `File`
---@field AbortController partylua.AbortController    the class
---@field WebSocket partylua.WebSocket    the class: `party.WebSocket "wss://example.com/"`
---@field json partylua.Json
---@field binary partylua.BinaryModule    `party.binary(bytes)` marks a string as binary
---@field log partylua.Log
---@field jwt partylua.Jwt    the same as `require "partylua.jwt"`
local party = {}

--- Waits for some seconds.
---@param seconds number    0 or more; anything else raises
function party.sleep(seconds) end

--- Runs `fn` once after some seconds, in the room that asks for it. A timer that is running keeps
--- its room in memory. Raises for a negative time and for what is no function.
---@param seconds number
---@param fn fun()
---@return partylua.Timer
function party.after(seconds, fn) end

--- Runs `fn` every so many seconds until the room leaves memory, which this does not hinder. A
--- run that waits for longer than the interval does not hold up the next.
---@param seconds number
---@param fn fun()
---@return partylua.Timer
function party.every(seconds, fn) end

--- Runs `fn(...)` beside the caller: it begins when the current turn ends. An error in it is
--- logged and reaches nobody else.
---@param fn fun(...)
---@param ... any
function party.spawn(fn, ...) end

--- Runs functions side by side and waits for all of them. The first error is raised again, once
--- all have ended.
---@param functions (fun(): any)[]
---@return any[] results    the first result of each, at its place
function party.all(functions) end

--- Sends a request to another server and waits for the head of its answer; the body comes while it
--- is read. Raises when there is no answer: no such host, an address that is not open (see
--- --fetch-allow), no answer in time. A request that follows a write to storage leaves when the
--- write is durable; it ends with its room.
---@param input partylua.RequestInput
---@param init? partylua.FetchInit|partylua.Request
---@return partylua.Response
function party.fetch(input, init) end

--- Several parties in one file: `return party.app { main = Chat, parties = { lobby = Lobby } }`.
---@param parts { main: party.Server, parties?: table<string, party.Server> }
---@return table app    to be returned by the app's file
function party.app(parts) end

--- A class made of PartyKit's older form, a table of functions which get the room as an
--- argument: `onConnect(conn, room, ctx)`, `onMessage(message, conn, room)` (PartyKit: legacy
--- syntax). Raises for a name that is no hook.
---@param functions table<string, function>
---@return party.Server
function party.legacy(functions) end

--- The time.
---@return number milliseconds    since 1970
function party.now() end

--- A random UUID, version 4.
---@return string    36 characters, lower case
function party.uuid() end

-- Timers ----------------------------------------------------------------------------------------

--- What party.after and party.every give.
---@class partylua.Timer
local Timer = {}

--- Stops the timer. Harmless when it has fired or was cancelled before.
function Timer:cancel() end

-- Binary data -----------------------------------------------------------------------------------

--- A string marked as bytes: sent as a binary message. Its `bytes` are the string.
---@class partylua.Binary
---@field bytes string

---@class partylua.BinaryModule
---@overload fun(bytes: string): partylua.Binary
---@field Binary table    the class of what `party.binary` gives
local binary = {}

--- Whether a value was made by `party.binary`.
---@param value any
---@return boolean
function binary.is(value) end

--- The bytes of a string or of binary data. Raises for anything else.
---@param value string|partylua.Binary
---@param level? integer    whom an error blames, as in error(), counted from the caller; 2
---@return string bytes
---@return boolean is_binary
function binary.unwrap(value, level) end

-- JSON ------------------------------------------------------------------------------------------

--- JSON (RFC 8259). NaN, infinity, bad UTF-8, functions, cycles and more than 1000 levels are
--- refused both ways.
---@class partylua.Json
---@field null lightuserdata    JSON's null, which is true in a condition; compare with it
---@field arrayMetatable table    what `json.array` sets
---@field objectMetatable table    what `json.object` sets
local json = {}

--- The JSON text of a value. Keys 1 to n make an array, names an object, `{}` an object. Raises
--- for what has no JSON form, with its path: `cannot encode value.users[3].name: ...`.
---@param value any
---@return string
function json.encode(value) end

--- The value of a JSON text; arrays keep their mark. Raises for what is not JSON, with its place:
--- `invalid JSON at line 1, column 5: ...`.
---@param text string
---@return any
function json.decode(text) end

--- The same for text from strangers: nil and the message instead of an error.
---@param text string
---@return any value
---@return string? message
function json.tryDecode(text) end

--- Marks a table as an array, so that it is one even when it is empty, and gives it back. Raises
--- for a table with a metatable of another kind.
---@generic T: table
---@param list? T    a new table if left out
---@return T
function json.array(list) end

--- Marks a table as an object and gives it back; its numbers become names.
---@generic T: table
---@param fields? T    a new table if left out
---@return T
function json.object(fields) end

--- Whether `json.encode` writes this value as an array.
---@param value any
---@return boolean
function json.isArray(value) end

-- Log -------------------------------------------------------------------------------------------

--- One line an event, on standard error, with the party and room that it comes from. The fields
--- stand in the order of their names; tables are written as JSON.
---@class partylua.Log
local log = {}

---@param event any    what happened, in a few words
---@param fields? table<string, any>
function log.error(event, fields) end

---@param event any    what happened, in a few words
---@param fields? table<string, any>
function log.warn(event, fields) end

---@param event any    what happened, in a few words
---@param fields? table<string, any>
function log.info(event, fields) end

---@param event any    what happened, in a few words
---@param fields? table<string, any>
function log.debug(event, fields) end

return party
