---@meta

--- store: the store of a data folder. Registered by runtime/lua/bind_store.c and
--- runtime/lua/opened.c.

---@class partylua.native
local native = {}

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
