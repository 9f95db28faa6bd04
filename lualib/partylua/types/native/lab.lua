---@meta

--- lab: a server under test. Registered by runtime/lab.

---@class partylua.native
local native = {}

---@class partylua.native.LabOptions
---@field hooks table    partylua.host
---@field parties partylua.native.PartyTraits[]
---@field limits table<string, integer>
---@field has_socket boolean
---@field now number    milliseconds since 1970 at the beginning
---@field seed integer    of ids
---@field is_real boolean    clients are sockets
---@field fetch_allow string[]
---@field fetch_deny string[]
---@field fetch_proxy? string
---@field fetch_ca? string

--- Starts a server whose time, clients and commits are the caller's. One at a time.
---@param store partylua.native.Store    must stay open meanwhile
---@param options partylua.native.LabOptions
---@return integer? port    0 without sockets
---@return string? message
---@return string? errno
function native.lab_open(store, options) end

--- Ends it as a power cut would. Harmless when it is closed.
function native.lab_close() end

--- Closes clients with 1012, and refuses what is new.
function native.lab_drain() end

---@return boolean    whether no client, no hook and no commit is under way
function native.lab_is_quiet() end

--- Runs all that follows from what has happened.
function native.lab_settle() end

---@param ms number
function native.lab_advance(ms) end

--- The wall clock is set; what counts time goes on as before.
---@param ms number
function native.lab_jump(ms) end

---@return number? ms    until the first timer is due
function native.lab_next_due() end

---@return boolean    whether code of the app runs
function native.lab_is_in_hook() end

---@param count integer    of the next commits; all for a negative one
---@param keeps boolean    they are written all the same
function native.lab_fail_commits(count, keeps) end

---@param ms number    that each takes; a negative one: until told otherwise
function native.lab_slow_commits(ms) end

---@return integer    batches that were submitted and are not durable
function native.lab_in_flight() end

---@return boolean    whether some hook waits, or some batch is not durable
function native.lab_is_waiting() end

---@return integer    how many sockets the server has
function native.lab_sockets() end

--- Waits until what the room of the task has written is durable.
function native.lab_wait_for_gate() end

---@param party string
---@param id string
---@return partylua.Room? room    nil when it is not in memory
---@return table? object    of the party's class
function native.lab_room(party, id) end

---@param party string
---@param id string
---@return boolean    false when something holds the room off
function native.lab_hibernate(party, id) end

---@return table[]    what hooks have raised since the last call
function native.lab_faults() end

---@return string    lines that were logged since the last call
function native.lab_log() end

---@param parts partylua.testing.RequestParts
---@return partylua.native.Line?    nil when the target is of no use
function native.lab_request(parts) end

---@param port integer    of 127.0.0.1
---@return partylua.native.Dial?
---@return string? message
---@return string? errno
function native.lab_dial(port) end

--- A client without a network: the other end of a request or a WebSocket.
---@class partylua.native.Line
local Line = {}

---@return "waiting"|"open"|"ended"
function Line:state() end

---@return integer? status    nil before the answer's head; 101 for an open socket
---@return string? reason
---@return string[]? headers
---@return string? body    as far as it has come
---@return boolean? is_broken
function Line:answer() end

---@return string    of the upgrade's answer; empty without
function Line:protocol() end

--- What the server has sent over a socket, or its close.
---@return "message"|"close"|nil kind
---@return string|integer|nil data    the message, or the code
---@return boolean|string|nil extra    whether it is binary, or the reason
---@return boolean? was_clean
function Line:next_event() end

---@param bytes string
---@param is_binary boolean
function Line:send(bytes, is_binary) end

---@param code integer    1005 for none
---@param reason string
function Line:close(code, reason) end

--- Its network is gone.
function Line:drop() end

--- A socket of a client.
---@class partylua.native.Dial
local Dial = {}

---@param bytes string
---@return integer    how many were taken; all when the other side is gone
function Dial:write(bytes) end

---@return string? bytes
---@return "wait"|"end"|nil state    where there are none
function Dial:read() end

--- Harmless when repeated.
function Dial:close() end
