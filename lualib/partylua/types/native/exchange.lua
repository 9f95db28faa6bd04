---@meta

--- exchange: a request and its response. Registered by runtime/lua/bind_exchange.c.

--- A request and its answer.
---@class partylua.native.Exchange
local Exchange = {}

---@return string
function Exchange:method() end

---@return string    absolute, with the http scheme
function Exchange:url() end

---@return string
function Exchange:path() end

---@return string    with the port, as the client sent it
function Exchange:host() end

---@return string    with its question mark, or empty
function Exchange:search() end

---@return string?    of the client, numeric; nil for a call of room code
function Exchange:address() end

---@return boolean    whether a proxy whose headers are trusted has passed it on
function Exchange:is_forwarded() end

---@return boolean
function Exchange:is_websocket() end

---@return string    of a party URL
function Exchange:room_id() end

---@param name string    in lower case
---@return string?    values of a repeated header joined by ", "
function Exchange:header(name) end

---@return string[]    name, value, name, value, ...; names in lower case
function Exchange:headers() end

---@return boolean
function Exchange:has_body() end

--- What has come of the body since the last call.
---@return string? bytes
---@return "end"|"broken"|"wait"|nil state    where there are no bytes
function Exchange:take() end

--- Waits until there may be more of the body, or room to write.
---@param what string    who waits, for errors
function Exchange:wait(what) end

--- Answers. Raises for a header or status text with a line break, and for more than 256 headers.
---@param status integer
---@param reason? string    status text; the standard one when empty
---@param headers string[]    name, value, ...
---@param body? string
---@return boolean    whether the answer was still wanted
function Exchange:respond(status, reason, headers, body) end

--- Answers with nothing but a content type.
---@param status integer
---@param usual 1|2    text or JSON
---@param body? string
---@return boolean    whether the answer was still wanted
function Exchange:respond_usual(status, usual, body) end

--- Begins an answer whose body follows with write and finish.
---@param status integer
---@param reason? string
---@param headers string[]
---@return boolean    whether the answer was still wanted
function Exchange:begin(status, reason, headers) end

---@param bytes string
---@return boolean    false when the caller should wait before the next
function Exchange:write(bytes) end

function Exchange:finish() end

--- The body cannot be completed, and the client shall notice.
function Exchange:abort() end

---@return boolean    nobody waits for the answer any more
function Exchange:is_gone() end

--- Answers with a file, which is closed.
---@param status integer
---@param reason? string
---@param headers string[]
---@param file partylua.native.File    which is used up
---@param from integer    in bytes
---@param size integer    in bytes
---@return boolean    whether the answer was still wanted
function Exchange:respond_file(status, reason, headers, file, from, size) end

--- After a before-hook: on to the room.
function Exchange:forward() end

---@param name string    of the sub-protocol that a WebSocket is answered with; "" for none
function Exchange:choose_protocol(name) end

--- The request as hooks see it travels with the exchange from the before-hook to the room, whose
--- hook gets it as an argument.
---@param value any
function Exchange:keep(value) end

--- This handle of it is not used again. Its memory, which the collector does not know of, need not
--- wait for that.
function Exchange:release() end
