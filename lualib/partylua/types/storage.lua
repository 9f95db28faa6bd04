---@meta _

--- What a room keeps: entries of its own, and one alarm. They outlive memory, restarts and power
--- cuts: what the room sends after a write leaves when that write is on disk.
---
--- Values are booleans, numbers, strings of any bytes, 64-bit integers (`1LL`), party.json.null,
--- party.binary, and tables of these; they go in and come out as copies. Limits are PartyKit's:
--- keys of 2048 bytes, values of 131072, 128 keys a call (reference: storage methods).
---@class partylua.Storage
local Storage = {}

---@class partylua.WriteOptions
---@field allowUnconfirmed? boolean    what the room sends need not wait for this write
---@field allowConcurrency? boolean    accepted: nothing here lets other events in
---@field noCache? boolean    accepted: there is no cache to go by

---@class partylua.ListOptions
---@field prefix? string    only keys that begin with it
---@field start? string    from this key on
---@field startAfter? string    from behind this key on; not with start
---@field endBefore? string    up to this key, which is left out; also `["end"]`
---@field reverse? boolean    from the last key to the first
---@field limit? integer    at most so many, above 0

--- The value of a key, nil when there is none. Of a list, a table from the keys that are there to
--- their values. Raises for keys that are too long, and for more than 128.
---@param key string|string[]
---@param options? partylua.WriteOptions
---@return any
function Storage:get(key, options) end

--- Stores a copy of a value, or of each value of a table under its key, all or none. Raises for
--- what cannot be stored, with its path: `value.users[3].cb is a function`.
---@param key string|table<string, any>
---@param value any    not nil
---@param options? partylua.WriteOptions
---@overload fun(self, entries: table<string, any>, options?: partylua.WriteOptions)
function Storage:put(key, value, options) end

--- Deletes a key and tells whether it was there; of a list, how many were.
---@param key string|string[]
---@param options? partylua.WriteOptions
---@return boolean|integer
function Storage:delete(key, options) end

--- Deletes every entry. The alarm stays (PartyKit: deleteAll).
---@param options? partylua.WriteOptions
function Storage:deleteAll(options) end

--- Iterates over entries in the order of their keys' bytes, as they are at the call: `for key,
--- value in storage:list { prefix = "user:" } do`.
---@param options? partylua.ListOptions
---@return fun(): string?, any
function Storage:list(options) end

--- Runs `fn(txn)` with no other event of the room in between and keeps the changes made through
--- `txn` when it returns: none of them when it raises or calls `txn:rollback()`.
---@generic T
---@param fn fun(txn: partylua.Transaction): T
---@return T
function Storage:transaction(fn) end

--- Waits until everything written before is on disk.
function Storage:sync() end

--- When the alarm is due; nil without one, and in onAlarm until that has set another.
---@return number?    milliseconds since 1970
function Storage:getAlarm() end

--- Sets the room's one alarm, in place of an earlier one. onAlarm runs at that time, or at once
--- when it is past, at least once whatever happens; after a failure again, six times at most.
---@param time number|osdate    milliseconds since 1970, or a date in UTC as os.date "!*t" gives
---@param options? partylua.WriteOptions
function Storage:setAlarm(time, options) end

--- Takes the alarm away; in onAlarm also its further attempts.
---@param options? partylua.WriteOptions
function Storage:deleteAlarm(options) end

--- What `storage:transaction` gives its function: the same calls, and rollback.
---@class partylua.Transaction: partylua.Storage
local Transaction = {}

--- Gives up every change made through the transaction; further calls raise.
function Transaction:rollback() end
