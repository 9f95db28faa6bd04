---@meta

--- fetch: requests to other servers. Registered by runtime/lua/bind_fetch.c.

---@class partylua.native
local native = {}

---@class partylua.native.FetchInit
---@field method string
---@field url string    absolute, without user name and password
---@field headers string[]    name, value, ...; 256 fields at most
---@field body_bytes? integer    nil without a body, negative for one of unknown length
---@field timeout_ms number    for all of it
---@field upgrades? boolean    after a 101 the body is what is said in the other protocol
---@field is_service? boolean    to a server that the configuration names: ServeOptions.services

--- A request to another server, not yet started. Raises without a server in this process.
---@param init partylua.native.FetchInit
---@return partylua.native.Transfer
function native.fetch(init) end

--- Whether `--fetch-allow` and `--fetch-deny` take this text.
---@param text string
---@return boolean
function native.is_fetch_rule(text) end

---@class partylua.native.Transfer
local Transfer = {}

--- On its way, as soon as what the room has stored before is durable.
function Transfer:start() end

--- Waits until there may be more to read, or to write.
---@param what string    who waits, for errors
function Transfer:wait(what) end

---@return boolean    whether there is a head, or will be none
function Transfer:has_head() end

---@return integer? status    nil when there was no answer
---@return string? reason
---@return string[]? headers    name, value, ...; names in lower case
function Transfer:head() end

--- From here on, what is taken is decompressed.
---@param coding string    of Content-Encoding
---@return boolean    false for a coding that is not known
function Transfer:decode(coding) end

--- What has come of the answer's body since the last call.
---@return string? bytes
---@return "end"|"broken"|"wait"|nil state    where there are no bytes
function Transfer:take() end

---@param bytes string    of the request's body
function Transfer:send_body(bytes) end

---@return boolean    false when the caller should wait before the next piece
function Transfer:has_room() end

function Transfer:end_body() end

---@return boolean    whether it is over, so that what is sent will not be read
function Transfer:has_ended() end

---@return string?    why it has failed
function Transfer:why() end

---@return number    milliseconds left of its time
function Transfer:left_ms() end

--- Gives it up. Harmless when it is over.
---@param why string
function Transfer:cancel(why) end
