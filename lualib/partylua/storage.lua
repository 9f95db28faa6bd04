--- Storage: `room.storage`, the room's own entries and alarm, which outlive memory and machine.
---
--- Nothing here waits but `sync`: reads come from memory, writes are kept in memory and made
--- durable together at the end of the turn, and what the room sends after a write leaves when
--- that write is durable (output gate). A read sees every earlier write of its room.

local Entries = require "partylua.storage.entries"
local Transaction = require "partylua.storage.transaction"
local class = require "partylua.class"
local native = require "partylua.native"

local storage_get, storage_put = native.storage_get, native.storage_put

---@class partylua.Storage: partylua.Entries
---@field private room partylua.native.Room
local Storage = class(Entries)

---@param room partylua.native.Room
function Storage:init(room)
  self.room = room
end

function Storage:begin() end

function Storage:read(key)
  return storage_get(self.room, key)
end

function Storage:write(key, bytes, silent)
  storage_put(self.room, key, bytes, silent)
end

function Storage:write_lent(key, pointer, len, silent)
  storage_put(self.room, key, pointer, silent, len)
end

function Storage:remove(key, silent)
  return native.storage_delete(self.room, key, silent)
end

function Storage:range(start, is_out, stop, reverse, limit)
  return native.storage_list(self.room, start, is_out, stop, reverse, limit)
end

function Storage:read_alarm()
  return native.alarm_get(self.room)
end

function Storage:write_alarm(due, silent)
  native.alarm_set(self.room, due, silent)
end

--- Deletes every entry. The alarm stays.
---@param options? partylua.WriteOptions
function Storage:deleteAll(options)
  native.storage_clear(self.room, options ~= nil and options.allowUnconfirmed == true)
end

--- Waits until everything written before is durable.
function Storage:sync()
  native.storage_sync(self.room)
end

--- Runs `fn(txn)` with no other event of the room in between, and makes the changes it has made
--- through `txn` together when it returns: none of them when it raises, or calls
--- `txn:rollback()`. What it returns is returned, what it raises is raised.
---@generic T
---@param fn fun(txn: partylua.Transaction): T
---@return T
function Storage:transaction(fn)
  if type(fn) ~= "function" then
    error("transaction takes a function, got " .. type(fn), 2)
  end
  if self.is_in_transaction then error("a transaction cannot hold another one", 2) end
  local is_blocker = native.block(self.room)
  local txn = Transaction(self)
  self.is_in_transaction = true
  local ok, result = pcall(fn, txn)
  self.is_in_transaction = false
  txn:finish(ok)
  if is_blocker then native.unblock(self.room) end
  if not ok then error(result, 0) end
  return result
end

return Storage
