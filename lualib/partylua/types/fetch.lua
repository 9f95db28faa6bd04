---@meta _

-- Requests, responses and what they are made of, as in the Fetch, URL and XMLHttpRequest
-- standards of the WHATWG, in Lua's shape: classes are called to make an instance, iterators are
-- for `for`, and what is absent is nil. Wrong arguments raise, blaming the caller's line.

---@alias partylua.Chunk string|partylua.Binary
---@alias partylua.BodyInit
---| partylua.Chunk
---| partylua.FormData
---| partylua.SearchParams
---| fun(): partylua.Chunk?    an iterator, called for one chunk after the other until it gives nil
---| fun(write: fun(chunk: partylua.Chunk))    a producer: a Lua function that names a parameter

-- Headers ---------------------------------------------------------------------------------------

---@alias partylua.HeaderValue string|number
---@alias partylua.HeadersInit
---| partylua.Headers
---| table<string, partylua.HeaderValue|partylua.HeaderValue[]>
---| { [1]: string, [2]: partylua.HeaderValue }[]

--- HTTP header fields; names are the same in any case. Raises for a name that is no token (RFC
--- 9110 5.6.2) and for a value with a line break or NUL.
---@class partylua.Headers
---@overload fun(init?: partylua.HeadersInit): partylua.Headers
local Headers = {}

--- The value of a field, nil without one. Several fields of one name are joined with ", ".
---@param name string
---@return string?
function Headers:get(name) end

--- Every Set-Cookie field by itself, as they cannot be joined.
---@return string[]
function Headers:getSetCookie() end

---@param name string
---@return boolean
function Headers:has(name) end

--- Gives a field this one value.
---@param name string
---@param value partylua.HeaderValue
function Headers:set(name, value) end

--- Adds a value beside those the field already has.
---@param name string
---@param value partylua.HeaderValue
function Headers:append(name, value) end

---@param name string
function Headers:delete(name) end

--- Iterates over name and value, sorted by name: `for name, value in headers:entries() do`.
---@return fun(): string?, string?
function Headers:entries() end

--- A plain table from name to value; under `set-cookie` a list.
---@return table<string, string|string[]>
function Headers:toTable() end

---@param value any
---@return boolean
function Headers.is(value) end

-- Bodies ----------------------------------------------------------------------------------------

--- What a Request and a Response have in common. A body can be used once; reading one that was
--- used raises. Reading the body of a request waits for it, up to --body-bytes.
---@class partylua.Body
---@field bodyUsed boolean    whether it was read, or is being read
---@field body? fun(): string?    an iterator over the content in chunks; nil without a body
local Body = {}

--- Iterates over the content in chunks, as they arrive.
---@return fun(): string?
function Body:chunks() end

--- The content as bytes.
---@return string
function Body:bytes() end

--- The content as text. A byte order mark at its beginning is left out; nothing else is changed,
--- so what is no UTF-8 stays so.
---@return string
function Body:text() end

--- The content as a value, read as JSON. Raises when it is none.
---@return any
function Body:json() end

--- The content as a form, read as its content type says. Raises when it is none, and for one of
--- more than 1000 fields.
---@return partylua.FormData
function Body:formData() end

-- Request ---------------------------------------------------------------------------------------

---@alias partylua.RequestInput string|partylua.URL|partylua.Request

---@class partylua.RequestInit    or a request
---@field method? string
---@field headers? partylua.HeadersInit
---@field body? partylua.BodyInit

---@class partylua.Request : partylua.Body
---@field method string    in capitals
---@field url string    absolute, http also for a WebSocket
---@field path string    of the URL, as it was sent: escapes are not decoded
---@field search string    the query with its question mark, or empty
---@field query table<string, string>    the first value of each parameter, decoded
---@field searchParams partylua.SearchParams
---@field headers partylua.Headers    changes are seen by whoever gets the request later
---@field cf table<string, any>    what a trusted proxy says of the client's place: country, city …
---@field address? string    of the client; nil for a request that room code has made
---@overload fun(input: partylua.RequestInput, init?: partylua.RequestInit): partylua.Request
local Request = {}

--- A second request with the same content. A content in chunks is read to its end for it.
---@return partylua.Request
function Request:clone() end

---@param value any
---@return boolean
function Request.is(value) end

-- Response --------------------------------------------------------------------------------------

---@class partylua.ResponseInit
---@field status? integer    200 to 599; 200 if left out
---@field statusText? string
---@field headers? partylua.HeadersInit

---@class partylua.Response : partylua.Body
---@field status integer
---@field statusText string
---@field ok boolean    whether the status is from 200 to 299
---@field headers partylua.Headers
---@field url string    where it came from, redirects followed; empty unless it was fetched
---@field redirected boolean    whether redirects were followed
---@overload fun(body?: partylua.BodyInit, init?: partylua.ResponseInit): partylua.Response
local Response = {}

--- On the class: a response with a value as JSON. On a response: its content read as JSON.
---@overload fun(self: partylua.Response): any
---@param value any
---@param init? partylua.ResponseInit
---@return partylua.Response
function Response.json(value, init) end

--- A response that sends the client to another URL.
---@param location string|partylua.URL    absolute
---@param status? integer    301, 302 (the default), 303, 307 or 308
---@return partylua.Response
function Response.redirect(location, status) end

--- A second response with the same content. A content in chunks is read to its end for it.
---@return partylua.Response
function Response:clone() end

---@param value any
---@return boolean
function Response.is(value) end

-- Fetch -----------------------------------------------------------------------------------------

---@class partylua.FetchInit : partylua.RequestInit
---@field redirect? "follow"|"manual"|"error"    "follow" if left out
---@field timeout? number    seconds for all of it, below --fetch-timeout
---@field signal? partylua.AbortSignal    gives it up when it is aborted

---@class partylua.AbortSignal
---@field aborted boolean
---@field reason any    what `abort` was given
local AbortSignal = {}

--- Calls `fn` when it is aborted; not if it was already.
---@param kind "abort"
---@param fn fun(event: { type: string, target: partylua.AbortSignal })
function AbortSignal:addEventListener(kind, fn) end

---@param kind "abort"
---@param fn function
function AbortSignal:removeEventListener(kind, fn) end

---@class partylua.AbortController
---@field Signal table    the class of its signals
---@field signal partylua.AbortSignal    to be given to a fetch
---@overload fun(): partylua.AbortController
local AbortController = {}

--- Gives up what was given the signal. Harmless when it was called before.
---@param reason? any    shown in the error that it causes
function AbortController:abort(reason) end

-- Queries and forms -----------------------------------------------------------------------------

--- An ordered list of names and values, as queries and forms hold them.
---@class partylua.Pairs
local Pairs = {}

--- The first value of this name, nil without one.
---@param name string
---@return any
function Pairs:get(name) end

---@param name string
---@return any[]
function Pairs:getAll(name) end

---@param name string
---@return boolean
function Pairs:has(name) end

---@param name string
---@param value string|number
function Pairs:append(name, value) end

--- Gives a name this one value, in the place of its first one if it has any. Takes what `append`
--- takes.
---@param name string
---@param value any
---@param ... any
function Pairs:set(name, value, ...) end

---@param name string
function Pairs:delete(name) end

--- Iterates over name and value in order.
---@return fun(): string?, any
function Pairs:entries() end

--- The names and values of a query; `url.searchParams` also changes its URL.
---@class partylua.SearchParams : partylua.Pairs
local SearchParams = {}

---@return string
function SearchParams:toString() end

--- A form: of a request's body, or one to be a body. Reads and writes multipart/form-data (RFC
--- 7578), and reads application/x-www-form-urlencoded.
---@class partylua.FormData : partylua.Pairs
---@field File partylua.File    the class of files
---@overload fun(): partylua.FormData
local FormData = {}

--- Adds a field or a file. Binary data, and whatever has a file name, becomes a file.
---@param name string
---@param value string|number|partylua.Binary|partylua.File
---@param filename? string
function FormData:append(name, value, filename) end

---@param value any
---@return boolean
function FormData.is(value) end

--- A file of a form.
---@class partylua.File
---@field name string
---@field type string    its media type
---@field size integer    in bytes
---@overload fun(bytes: string|partylua.Binary, name: string, type?: string): partylua.File
local File = {}

---@return string
function File:bytes() end

--- The content as text: a byte order mark at its beginning is left out.
---@return string
function File:text() end

-- URL -------------------------------------------------------------------------------------------

--- A URL of the schemes http, https, ws and wss. Every field may be read and, but for origin and
--- searchParams, assigned to. Raises for what is no URL, and for a host outside ASCII.
---@class partylua.URL
---@field href string
---@field origin string    scheme, host and port
---@field protocol string    with its colon
---@field username string
---@field password string
---@field host string    with the port, where it is not the scheme's own
---@field hostname string
---@field port string    empty for the scheme's own
---@field pathname string
---@field search string    with its question mark, or empty
---@field hash string    with its number sign, or empty
---@field searchParams partylua.SearchParams    follows and changes the query
---@overload fun(text: string|partylua.URL, base?: string|partylua.URL): partylua.URL
local URL = {}

--- Whether `URL(text, base)` would not raise.
---@param text string|partylua.URL
---@param base? string|partylua.URL
---@return boolean
function URL.canParse(text, base) end

---@return string
function URL:toString() end

---@param value any
---@return boolean
function URL.is(value) end

-- WebSocket -------------------------------------------------------------------------------------

---@class partylua.WebSocketInit
---@field headers? partylua.HeadersInit
---@field timeout? number    seconds until it is open, below --fetch-timeout

--- A room's end of a WebSocket to another server, as in a browser: what may be reached is what
--- party.fetch may reach. While it is open its room stays in memory, and does not hibernate.
---@class partylua.WebSocket
---@field url string
---@field protocol string    the sub-protocol that the server has chosen, or empty
---@field readyState 0|1|2|3    one of the constants below
---@field CONNECTING 0
---@field OPEN 1
---@field CLOSING 2
---@field CLOSED 3
---@overload fun(url: string, protocols?: string[], init?: table): partylua.WebSocket
local WebSocket = {}

--- Sends a message. While the server takes no more, it waits. Raises before it is open, and for a
--- text that is not UTF-8; after its end it does nothing.
---@param message string|partylua.Binary    a string goes as text
function WebSocket:send(message) end

--- Closes it; closing again does nothing.
---@param code? integer    1000, or 3000 to 4999
---@param reason? string
function WebSocket:close(code, reason) end

--- Calls `fn(event)` for each event of a kind: open, message (event.data, event.isBinary), close
--- (event.code, event.reason, event.wasClean), error (event.message).
---@param kind "open"|"message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function WebSocket:addEventListener(kind, fn) end

---@param kind "open"|"message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function WebSocket:removeEventListener(kind, fn) end
