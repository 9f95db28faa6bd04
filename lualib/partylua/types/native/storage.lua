---@meta

--- storage: what rooms store. Registered by runtime/lua/bind_storage.c.

---@class partylua.native
local native = {}

-- Keys, values and limits are checked in lualib. `is_silent`: effects need not wait for the write.

---@param room partylua.native.Room
---@param key string
---@return string? bytes
function native.storage_get(room, key) end

---@param room partylua.native.Room
---@param key string
---@param bytes string|ffi.cdata*    a pointer with its length (value.lend)
---@param is_silent boolean
---@param len? integer
function native.storage_put(room, key, bytes, is_silent, len) end

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
