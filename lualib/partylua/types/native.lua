---@meta partylua.native

--- The native module: what lualib is made of, and no API for apps. Each function and method here
--- is registered in C, in runtime/lua/bind_*.c or runtime/cli; above each stands the same
--- signature. A wrong argument raises and names itself.
---@class partylua.native
---@field version string    of the program
---@field luajit string    version of the LuaJIT inside
---@field executable string    absolute path of the program
---@field lualib string    absolute folder that holds partylua/
---@field room { methods: table<string, function>, getters: table<string, function> }
---@field connection { methods: table<string, function>, getters: table<string, function> }
---@field exchange { methods: table<string, function>, getters: table<string, function> }
local native = {}

-- Base (bind_base.c) ----------------------------------------------------------------------------

--- Loading is over: collector and compiler, which stand still at first, work from now on.
function native.loaded() end

---@return number milliseconds    since 1970
function native.now() end

---@return number milliseconds    of a clock that only goes forward, with fractions
function native.clock_ms() end

--- RFC 3629: no overlong forms, no surrogates.
---@param s string
---@return boolean
function native.utf8_valid(s) end

--- The JSON text of an everyday value (bind_json.c); nil for one that asks for a closer look.
---@param value any
---@return string?
function native.json_text(value) end

---@param text string
---@return boolean    whether it is an IP address, or a range such as "10.0.0.0/8"
function native.is_address_range(text) end

--- From the kernel, unpredictable.
---@param count integer    0 to 65536
---@return string
function native.random_bytes(count) end

--- RFC 9562: version 4.
---@return string    36 characters, lower case
function native.uuid() end

--- A table that belongs to a handle, made when it is first asked for.
---@param handle userdata
---@return table
function native.side(handle) end

--- Gives a handle a table that many have in common: its own has it as the field `shared`. Most
--- handles never need one of their own.
---@param handle userdata
---@param shared table
function native.share(handle, shared) end

--- Says which metatable marks binary messages.
---@param metatable table
function native.set_binary(metatable) end

-- Log (bind_log.c) ------------------------------------------------------------------------------

--- One line on standard error, with the party and room of the running task.
---@param level "error"|"warn"|"info"|"debug"
---@param topic string
---@param event string
---@param fields? (string|number|boolean)[]    keys and values in turn
function native.log(level, topic, event, fields) end

---@param level? "error"|"warn"|"info"|"debug"    the least important that is written; "info"
---@param format? "text"|"pretty"|"json"    "text"
function native.log_configure(level, format) end

-- Tasks (bind_task.c) ---------------------------------------------------------------------------
-- What waits raises outside of a task, and where Lua cannot suspend.

--- Waits.
---@param ms number    0 to 1e15, rounded up
function native.sleep(ms) end

--- Prepares the running task for a wait.
---@param what string    who waits, for errors
---@return number id    for `wait`, and for the one `wake`
function native.wait_id(what) end

--- Waits for the wake, unless it came before.
---@param id number
---@return any ...    what `wake` was given
function native.wait(id) end

--- Lets the task that waits with this id go on with these values.
---@param id number
---@param ... any
---@return boolean    false when it was woken before or is gone
function native.wake(id, ...) end

--- Runs a function as a task of the same room, at the end of the turn.
---@param fn function
---@param ... any
function native.spawn(fn, ...) end

--- The same for a function whose end the running task waits for.
---@param fn function
---@param ... any
function native.spawn_awaited(fn, ...) end

-- Timers (bind_timer.c) -------------------------------------------------------------------------

--- Runs a function in a task of the room that asks. The timer ends with its room; one that fires
--- once keeps the room in memory.
---@param ms number    0 to 1e15, rounded up
---@param repeats boolean
---@param fn function
---@return partylua.native.Timer
function native.timer(ms, repeats, fn) end

---@class partylua.native.Timer
local Timer = {}

--- Harmless when it has fired or was cancelled before.
function Timer:cancel() end

-- Rooms (bind_room.c) ---------------------------------------------------------------------------

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

-- Storage (bind_storage.c) -----------------------------------------------------------------------
-- Keys, values and limits are checked in lualib. `is_silent`: effects need not wait for the write.

---@param room partylua.native.Room
---@param key string
---@return string? bytes
function native.storage_get(room, key) end

---@param room partylua.native.Room
---@param key string
---@param bytes string
---@param is_silent boolean
function native.storage_put(room, key, bytes, is_silent) end

---@param room partylua.native.Room
---@param key string
---@param is_silent boolean
---@return boolean    whether it was there
function native.storage_delete(room, key, is_silent) end

--- Deletes every entry; the alarm stays.
---@param room partylua.native.Room
---@param is_silent boolean
function native.storage_clear(room, is_silent) end

--- A snapshot of entries in the order of their keys' bytes.
---@param room partylua.native.Room
---@param start? string
---@param is_start_out boolean    `start` itself is left out
---@param stop? string    left out itself
---@param is_reverse boolean
---@param limit? integer
---@return fun(): string?, string? next    key and bytes
function native.storage_list(room, start, is_start_out, stop, is_reverse, limit) end

--- Waits until everything written before is durable.
---@param room partylua.native.Room
function native.storage_sync(room) end

---@param room partylua.native.Room
---@return number? due    milliseconds since 1970
function native.alarm_get(room) end

---@param room partylua.native.Room
---@param due number    milliseconds since 1970; 0 takes the alarm away
---@param is_silent boolean
function native.alarm_set(room, due, is_silent) end

--- Whether the running task is an onAlarm that must not know its room.
---@return boolean
function native.is_alarm_strict() end

---@param is_strict boolean
function native.set_strict_alarms(is_strict) end

--- Delivers no event of the room, and lets only the running task and those it spawns go on.
---@param room partylua.native.Room
---@param has_limit? boolean    whether the room is reset after --block-timeout
---@return boolean    false when the room is blocked already
function native.block(room, has_limit) end

---@param room partylua.native.Room
function native.unblock(room) end

--- Ends the room's life, once what it has written is durable; its hooks go no further.
---@param room partylua.native.Room
---@param why string    for the log
---@return boolean    false for one that is only starting, whose start fails instead
function native.reset(room, why) end

--- A new folder for what need not last.
---@param parent? string    $TMPDIR, or /tmp, if left out
---@return string path
function native.make_temporary_folder(parent) end

-- The store of a data folder (bind_store.c, opened.c) ---------------------------------------------
-- For code outside of rooms. Times are milliseconds since 1970; errno is the name of one.

---@class partylua.native.StoreOptions
---@field read_only? boolean    takes no lock and changes nothing; another process may serve
---@field volatile? boolean    never waits for the disk: what is kept need not last
---@field map_bytes? integer    of address space; 1 TiB if left out

--- Opens the store of a folder, which is made when it is missing, but not for readers.
---@param folder string
---@param options partylua.native.StoreOptions
---@return partylua.native.Store?
---@return string? message    a sentence that names the folder
---@return string? errno    EBUSY: a server has it; EPROTO: made by a newer version; EMEDIUMTYPE:
---                         holds something else; ENOENT: nothing is there to read; …
function native.store_open(folder, options) end

---@class partylua.native.RestoreOptions
---@field force? boolean    takes the place of a store that is there, which is kept beside it
---@field map_bytes? integer

---@class partylua.native.Restored
---@field rooms integer
---@field entries integer
---@field kept? string    the name of the earlier store in the folder

--- Makes the store of a folder out of a backup, which is looked through before it counts.
---@param file string
---@param folder string
---@param options partylua.native.RestoreOptions
---@return partylua.native.Restored?
---@return string? message
---@return string? errno    as of store_open; ENOTEMPTY; EBADMSG: the file is damaged
---@return "file"|"folder"|nil place    what is at fault
function native.store_restore(file, folder, options) end

---@class partylua.native.RoomRecord
---@field created number
---@field due? number    the alarm: when it was set for
---@field attempt? number    when it runs next
---@field retries? integer    failed runs so far

---@class partylua.native.WriteOptions
---@field clear? boolean    deletes what was there before
---@field due? number    sets the alarm; 0 takes it away
---@field attempt? number
---@field retries? integer

---@class partylua.native.Store
local Store = {}

--- Runs a call of an index here and now.
---@param call partylua.native.VectorCall
function Store:run(call) end

--- Rooms in the order of their names, behind one of them: of one party, or of all. The iterator
--- raises after the next refresh or close.
---@param party? string
---@param after_party? string
---@param after_id? string
---@return fun(): string?, string?, partylua.native.RoomRecord? next    party, id, record
function Store:rooms(party, after_party, after_id) end

---@param party string
---@param id string
---@return partylua.native.RoomRecord?
function Store:room(party, id) end

---@param party string
---@param id string
---@return integer entries
---@return integer bytes    of their keys and values
function Store:measure(party, id) end

--- Entries of a room in the order of their keys' bytes. The iterator raises after the next refresh
--- or close.
---@param party string
---@param id string
---@param start? string
---@param is_start_out? boolean    `start` itself is left out
---@param stop? string    left out itself
---@param is_reverse? boolean
---@return fun(): string?, string? next    key and bytes
function Store:entries(party, id, start, is_start_out, stop, is_reverse) end

---@param party string
---@param id string
---@param key string
---@return string? bytes
function Store:get(party, id, key) end

--- Makes a change durable: all of it or nothing.
---@param party string
---@param id string
---@param writes (string|false)[]    keys, each followed by its bytes, or by false to delete it
---@param options? partylua.native.WriteOptions
---@return true?
---@return string? message
---@return string? errno    ENOSPC when the disk, or the address space, is full
function Store:write(party, id, writes, options) end

--- What is added from now on takes the place of what the room has, or joins it, when it is placed:
--- any amount at once. Until then the room stays as it is. Iterators end.
---@param party string
---@param id string
---@param keeps_entries boolean
---@return true?
---@return string? message
---@return string? errno
function Store:stage_begin(party, id, keeps_entries) end

---@param writes (string|false)[]
---@return true?
---@return string? message
---@return string? errno
function Store:stage_add(writes) end

---@param alarm? { due: number, attempt?: number, retries?: integer }    the room's own, if left out
---@return true?
---@return string? message
---@return string? errno
function Store:stage_place(alarm) end

--- Drops what was added. Harmless when no stage has begun.
function Store:stage_drop() end

--- What is read from now on is everything committed by now.
function Store:refresh() end

--- Writes a compact copy of one moment into a new file.
---@param path string
---@return true?
---@return string? message
---@return string? errno    EEXIST also when there is a file of that name with ".part" behind it
function Store:backup(path) end

--- Harmless when it is closed. Its other methods raise from then on.
function Store:close() end

-- Connections (bind_connection.c) ---------------------------------------------------------------

--- The same for connections. The attributes stay readable after the end.
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

-- Exchanges (bind_exchange.c) -------------------------------------------------------------------

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

-- Calls (bind_call.c) ---------------------------------------------------------------------------

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

-- The client of a WebSocket (bind_ws.c) -----------------------------------------------------------

---@param key string    of the request
---@return string    what a server answers to it
function native.ws_accept(key) end

---@param opcode integer
---@param payload string
---@return string    a whole frame, masked
function native.ws_frame(opcode, payload) end

---@param code integer
---@return boolean    whether a server may close with it
function native.ws_is_code(code) end

-- Listeners (bind_crowd.c) ------------------------------------------------------------------------

--- The listeners of one socket.
---@return partylua.native.Crowd
function native.crowd() end

---@class partylua.native.Crowd
local Crowd = {}

--- Calls a listener in a task of the running one's room.
---@param fn fun(event: table)
---@param event table
function Crowd:run(fn, event) end

---@return boolean    false while too many of them run
function Crowd:has_room() end

--- Waits until one has ended.
---@param what string    who waits, for errors
function Crowd:wait(what) end

-- Signatures (bind_jws.c) -------------------------------------------------------------------------

--- Bytes; DER of a SubjectPublicKeyInfo; DER of a private key.
---@alias partylua.native.KeyKind "secret"|"public"|"private"

--- What a key is for; nil and why when it is for nothing.
---@param kind partylua.native.KeyKind
---@param key string
---@return "HS256"|"RS256"|"ES256"|"EdDSA"|nil algorithm
---@return string? why
function native.jws_algorithm(kind, key) end

--- The signature of RFC 7515 for bytes; nil when this key signs nothing.
---@param kind partylua.native.KeyKind
---@param key string
---@param input string
---@return string?
function native.jws_sign(kind, key, input) end

--- Whether a signature is that of these bytes.
---@param kind partylua.native.KeyKind
---@param key string
---@param input string
---@param signature string
---@return boolean
function native.jws_verify(kind, key, input, signature) end

-- Requests to other servers (bind_fetch.c) --------------------------------------------------------

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

-- Indexes of vectors (bind_vector.c) -----------------------------------------------------------

---@class partylua.native.VectorAsked
---@field dimensions? integer    what the index has to have, or is made of
---@field metric? string    "cosine", "euclidean" or "dot-product"
---@field preset? string
---@field description? string
---@field makes_index? boolean    when there is none
---@field vectors? (string|false)[]    id, namespace, values, metadata, fields, id, ...
---@field ids? string[]
---@field id? string    of the vector that is searched for
---@field values? string    of what is searched for; float32s
---@field space? string    only this namespace
---@field count? integer    of matches
---@field filter? string    conditions: partylua.vectorize.filter
---@field wants_values? boolean
---@field wants_metadata? boolean

--- A call of an index, not started.
---@param act "create"|"drop"|"list"|"describe"|"insert"|"upsert"|"delete"|"get"|"query"
---@param index string    its name
---@param asked partylua.native.VectorAsked
---@return partylua.native.VectorCall
function native.vector_call(act, index, asked) end

---@class partylua.native.VectorIndex
---@field name string
---@field number integer
---@field preset? string
---@field description? string
---@field metric string
---@field dimensions integer
---@field count integer    vectors in it
---@field changes integer    calls that have changed it
---@field created number
---@field changed number

---@class partylua.native.VectorCall
local VectorCall = {}

--- On its way to the thread of indexes, as soon as what the room has stored before is durable.
--- Raises where nobody can wait for it.
---@param what string    who waits, for errors
function VectorCall:start(what) end

--- Waits until it may be done.
---@param what string
function VectorCall:wait(what) end

---@return boolean
function VectorCall:is_done() end

--- What has come of it. Raises before it is done.
---@return partylua.native.VectorIndex? index    as it is now
---@return table[]|string found    vectors, or indexes; or a message
---@return integer[]|string done    places, in what was asked, of what was changed; or errno
function VectorCall:result() end

-- Files (bind_file.c) ---------------------------------------------------------------------------

--- A file that is open for reading. It closes when Lua lets go.
---@class partylua.native.File
local File = {}

---@return integer size    in bytes
---@return integer modified    seconds since 1970
---@return string tag    another one when the file has changed in any way
function File:about() end

--- Raises when the file cannot be read.
---@param from integer    in bytes
---@param count integer    up to 1 MiB
---@return string    empty at the end
function File:read(from, count) end

function File:close() end

-- The house (runtime/cli) -----------------------------------------------------------------------

--- A static file (PartyKit: static assets): nothing outside the folder, no dot files.
---@param folder string
---@param path string    as in the URL
---@param suffix string    added to the name of the file, and not looked at for its type
---@param follows_links boolean    symbolic links, wherever they lead
---@return partylua.native.File? file
---@return string content_type    or why it cannot be opened
---@return string? code    ENOENT where there is no such file
function native.find_asset(folder, path, suffix, follows_links) end

---@class partylua.native.ServeOptions
---@field host string    a numeric address
---@field port integer    0: any free one; both are passed over when systemd hands over a socket
---@field data string    folder of the store
---@field map_bytes integer    address space for it; 0: 1 TiB
---@field is_volatile boolean    what is stored need not outlast the server
---@field limits table<string, integer>    by setting: message_bytes, header_timeout_ms, ...
---@field app? string    bytes for partylua.app; without, a reload has to bring one
---@field own { admin: function, other?: function }    hooks of the program itself: for requests at
---                                                   the admin doors, and for its own pages
---@field drain_timeout_ms integer
---@field admin_host? string    a numeric address; no admin address without one
---@field admin_port? integer    0 takes a free one
---@field admin_folder? string    where the admin socket is, which is made when it is missing
---@field on_listening fun(host: string, port: integer, admin_port?: integer, report?: string)
---                                                   the report is that of the app
---@field on_reload? fun()    SIGHUP has come: runs as a task
---@field on_drain? fun()    it is told to stop: runs as a task

--- What partylua.app gives for the native side.
---@class partylua.native.App
---@field parties partylua.native.PartyTraits[]
---@field has_socket boolean    whether the main party has onSocket
---@field hooks table    partylua.host
---@field hides_errors boolean    whether clients get a text of ours for errors in hooks
---@field fetch_allow string[]    texts that is_fetch_rule takes
---@field fetch_deny string[]
---@field fetch_proxy? string    a URL
---@field fetch_ca? string    path of a PEM file
---@field trusted_proxies string[]    texts that is_address_range takes
---@field cors string[]    name, value, ...: headers of every answer of a room's URL
---@field subprotocols string[]    tokens, the best first; none: what a client offers first
---@field services? partylua.native.Services    servers that the configuration names

--- Who may be fetched from with `is_service`, besides the public network.
---@class partylua.native.Services
---@field allow string[]    texts that is_fetch_rule takes
---@field active integer    requests at the same time
---@field room_active integer    those of one room
---@field is_direct? boolean    past the proxy

---@class partylua.native.PartyTraits
---@field name string
---@field has_request boolean
---@field has_before_request boolean
---@field has_before_connect boolean

--- Serves until SIGTERM, SIGINT or native.stop. Raises when this process serves already.
---@param options partylua.native.ServeOptions
---@return integer? code    0; nil when it cannot listen
---@return string? message
---@return string? errno    its name, such as "EADDRINUSE"; of an app the hint
---@return "data"|"listen"|"socket"|"admin"|"app"|nil place    what is at fault; "socket": the one
---                                                       that systemd has handed over
function native.serve(options) end

---@class partylua.native.ReloadOptions
---@field app string    bytes for partylua.app
---@field limits table<string, integer>
---@field within_ms integer    for what hooks of the app that was there wait for

--- Loads the app anew, in a new Lua state. Rooms move to it from the end of the turn on; the app
--- that was there serves on when this one cannot be loaded.
---@param options partylua.native.ReloadOptions
---@return string? report    of partylua.app
---@return string? message
---@return string? hint
---@return string? files    what was looked at until then, packed
function native.reload(options) end

--- How far the rooms have come since the last reload.
---@return { moved: integer, leaving: integer, connections: integer }
function native.renewal() end

--- What code of this library has counted in the app's state.
---@return string? text    as Prometheus reads it; nil when that is nothing
function native.app_metrics() end

--- All that the running task does from here on is to wait for what others say: a reload may end it.
function native.listen() end

--- Does what SIGHUP does and waits until that is done. Waits; in any state of the process.
function native.await_reload() end

--- The command tells those who wait for it what has come of a reload.
---@param message? string    why it has not worked
---@param hint? string
function native.finish_reload(message, hint) end

---@return string? message    why the last reload has not worked
---@return string? hint    perhaps empty
function native.reload_fault() end

-- For partylua dev (runtime/cli/develop.c) ------------------------------------------------------

--- Tells of changes in a folder as long as it is kept.
---@class partylua.native.Watch
local Watch = {}

--- Harmless when repeated.
function Watch:close() end

--- Calls `on_change` in a task when something in a folder changes; what is below it is not watched.
---@param path string
---@param on_change fun(name: string)    of what has changed; empty when that cannot be told
---@return partylua.native.Watch?
---@return string? message
---@return string? errno
function native.watch_folder(path, on_change) end

---@param path string
---@return string[]? names    nil when it cannot be read; links are none
function native.subfolders(path) end

---@param path string
---@return string? path    without links; nil when there is nothing
function native.real_path(path) end

---@param path string
---@return number? milliseconds    since 1970, when its content was changed last
function native.modified_ms(path) end

--- Calls `on_key` in a task for each key that is pressed at the terminal.
---@param on_key fun(key: string)
---@return boolean    false when there is no terminal to read from
function native.read_keys(on_key) end

--- Puts the terminal back. Harmless when repeated.
function native.stop_keys() end

---@return string[]    addresses under which other machines find this one
function native.network_addresses() end

---@class partylua.native.RunOptions
---@field run fun()
---@field hooks table    partylua.host
---@field limits? table<string, integer>
---@field services? partylua.native.Services
---@field fetch_allow? string[]
---@field fetch_deny? string[]
---@field fetch_proxy? string
---@field fetch_ca? string

--- Calls a function as a task, in a process that serves nothing, and returns when all tasks are
--- over: so a command may wait, and fetch. An error in it is logged. Raises in one that serves.
---@param options partylua.native.RunOptions
function native.run(options) end

--- As if SIGTERM had come; nothing when nothing is served.
function native.stop() end

--- The same, with another time limit; nothing when a drain is under way.
---@param timeout_ms? number
function native.drain(timeout_ms) end

--- Ends serving with this turn of the loop. What was written is kept.
function native.end_now() end

--- The last warnings and errors of the log, each a JSON object, oldest first.
---@return string[]
function native.recent_faults() end

--- Memory of all Lua states of the process.
---@return number
function native.lua_bytes() end

--- Everything that is counted, as Prometheus reads it. Raises when nothing is served.
---@return string
function native.metrics() end

-- Admin requests (bind_admin.c) -----------------------------------------------------------------
-- Each raises without a server.

---@class partylua.native.LiveRoom
---@field party string
---@field room string
---@field state "awake"|"hibernating"|"starting"
---@field connections integer
---@field rate number    messages a second, over about the last ten
---@field waiting integer    events that wait for it
---@field hooks integer    that run or wait

--- Rooms in memory, in no order.
---@param most integer
---@param party? string
---@return partylua.native.LiveRoom[]
---@return boolean is_whole    false when there are more
function native.live_rooms(most, party) end

---@param party string
---@param id string
---@return partylua.native.LiveRoom?    nil when it is not in memory
function native.live_room(party, id) end

---@param party string
---@param id string
---@return boolean?    false when something holds it off, nil when it is not in memory
function native.hibernate_room(party, id) end

--- Makes the running task, which must be of an admin request, one of a room: its answer waits until
--- what it writes is durable. The room is not started.
---@param party string
---@param id string
---@return partylua.Room?    nil without such a party
function native.enter_room(party, id) end

--- Waits while another task blocks the room that was entered.
function native.await_room() end

--- Sets a room's alarm as it was stored; due 0 takes it away.
---@param room partylua.native.Room
---@param due number
---@param attempt number
---@param retries integer
function native.restore_alarm(room, due, attempt, retries) end

---@class partylua.native.Totals    of all parties, since the server has started
---@field rooms integer    in memory
---@field hibernating integer    of these
---@field connections integer
---@field received integer    messages
---@field sent integer
---@field errors integer    hooks that have failed
---@field hooks number[][]    { seconds, count }: hooks that took up to so long; -1 is any time
---@field hook_seconds number

---@return partylua.native.Totals
function native.totals() end

-- What happens (bind_tap.c) ---------------------------------------------------------------------

---@class partylua.native.TapTopics
---@field messages? boolean
---@field connections? boolean
---@field requests? boolean
---@field log? boolean

--- Has lines kept, of JSON, about what happens: 512 KiB of them at most.
---@param topics partylua.native.TapTopics
---@param party? string    only what concerns it; empty: any
---@param room? string
---@return partylua.native.Tap
function native.tap(topics, party, room) end

---@class partylua.native.Tap
local Tap = {}

--- The lines that have come since the last call; empty when there are none.
---@return string
function Tap:take() end

--- Waits until there may be lines.
function Tap:wait() end

--- Adds an empty line when there is none, so that whoever writes them notices a lost reader.
function Tap:beat() end

--- Nothing comes any more.
function Tap:close() end

-- Connections of commands (bind_dial.c) ---------------------------------------------------------

--- Connects to a Unix socket, however long the path of its folder.
---@param folder string
---@param name string
---@return partylua.native.Wire?
---@return string? message
---@return string? errno    ENOENT: there is none; ECONNREFUSED: its server is gone
function native.dial_local(folder, name) end

---@param host string    a name or an address
---@param port integer
---@param within_ms number
---@return partylua.native.Wire?
---@return string? message
---@return string? errno
function native.dial(host, port, within_ms) end

--- Stands still. Nothing that serves may call it.
---@param ms number
function native.pause(ms) end

---@class partylua.native.Wire
local Wire = {}

---@param within_ms number
---@return string? bytes    empty at the end
---@return string? message
---@return string? errno    ETIMEDOUT
function Wire:read(within_ms) end

---@param bytes string
---@param within_ms number    for each wait
---@return true?
---@return string? message
---@return string? errno
function Wire:write(bytes, within_ms) end

--- Of the connection and of standard input, whichever has something first.
---@param within_ms number
---@return "line"|"input"|nil source
---@return string? bytes    empty at its end; or a message
---@return string? errno
function Wire:read_either(within_ms) end

function Wire:close() end

-- Lab (runtime/lab): a server under test --------------------------------------------------------

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

return native
