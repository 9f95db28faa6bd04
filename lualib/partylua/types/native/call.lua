---@meta

--- call: rooms that call rooms. Registered by runtime/lua/bind_call.c.

---@class partylua.native
local native = {}

---@class partylua.native.CallInit
---@field method string
---@field host string
---@field path string    "/parties/PARTY/ID" and what follows
---@field search string
---@field headers string[]    name, value, ...; 256 fields at most
---@field has_body boolean
---@field is_websocket boolean
---@field is_awaited boolean    whether the running task will wait for it
---@field is_public boolean    whether it goes by the before-hooks, as a client's request does

--- A call to a room of this process. Raises without a server, without such a party, for more than
--- 16 levels of calls, and for one that would wait for itself.
---@param party string
---@param room_id string
---@param init partylua.native.CallInit
---@return partylua.native.Call
function native.call(party, room_id, init) end

---@class partylua.native.Call
local Call = {}

--- On to the room.
function Call:start() end

--- Waits until there may be more to read, or to write.
---@param what string    who waits, for errors
function Call:wait(what) end

---@return boolean    whether there is a head, or will be none
function Call:has_head() end

---@return boolean    whether the room is done with it: nothing more comes, or is taken
function Call:has_ended() end

---@return integer? status    nil when the room gave no answer; 101 for an open socket
---@return string? reason
---@return string[]? headers
function Call:head() end

--- What has come of the answer's body since the last call.
---@return string? bytes
---@return "end"|"broken"|"wait"|nil state    where there are no bytes
function Call:take() end

--- Nothing more of the answer is wanted, whose head has come.
function Call:give_up() end

---@param bytes string    of the request's body
---@return boolean?    false when the caller should wait before the next; nil when it has ended
function Call:send_body(bytes) end

function Call:end_body() end

--- What the room has sent over a socket, or its close.
---@return "message"|"close"|nil kind
---@return string|integer|nil data    the message, or the code
---@return boolean|string|nil extra    whether it is binary, or the reason
---@return boolean? was_clean
function Call:next_event() end

--- Keeps what the caller sends over a socket for deliver().
---@param message string|partylua.Binary
---@return boolean    false when the caller should wait until can_say()
function Call:say(message) end

---@return boolean
function Call:can_say() end

--- Hands the room what was kept.
---@return boolean    false when some is left: the room takes no more just now
function Call:deliver() end

--- The caller's part of the closing is done.
---@param code integer
---@param reason string
function Call:closed(code, reason) end
