--- Transaction: changes that are made together at its end, or not at all.
---
--- They are kept here until the end and seen by its own reads; the room's storage knows nothing
--- of them before.

local Entries = require "partylua.storage.entries"
local class = require "partylua.class"

local ffi = require "ffi"

---@class partylua.Transaction: partylua.Entries
---@field private storage partylua.Storage
---@field private writes table<string, string|false>    bytes by key; false deletes
---@field private alarm? integer    0: it is deleted
---@field private is_silent boolean
---@field private state "open"|"rolled back"|"ended"
local Transaction = class(Entries)

---@param storage partylua.Storage
function Transaction:init(storage)
  self.storage, self.writes, self.state, self.is_silent = storage, {}, "open", true
end

function Transaction:begin(operation, level)
  if self.state == "open" then return end
  if self.state == "rolled back" then
    error(("Cannot %s on rolled back transaction"):format(operation), level + 1)
  end
  error(("Cannot %s: the transaction has already been committed"):format(operation), level + 1)
end

function Transaction:read(key)
  local own = self.writes[key]
  if own ~= nil then return own or nil end
  return self.storage:read(key)
end

function Transaction:write(key, bytes, silent)
  self.writes[key] = bytes
  self.is_silent = self.is_silent and silent
end

function Transaction:write_lent(key, pointer, len, silent)
  self:write(key, ffi.string(pointer, len), silent)
end

function Transaction:remove(key, silent)
  local was_there = self:read(key) ~= nil
  if was_there then self:write(key, false, silent) end
  return was_there
end

--- Own keys of a range, in the order of the listing.
local function own_keys(self, start, is_out, stop, reverse)
  local keys = {}
  for key in pairs(self.writes) do
    local is_in = (not start or key > start or key == start and not is_out)
      and (not stop or key < stop)
    if is_in then keys[#keys + 1] = key end
  end
  table.sort(keys, reverse and function(a, b) return a > b end or nil)
  return keys
end

--- The storage's entries with the own ones over them.
function Transaction:range(start, is_out, stop, reverse, limit)
  local keys, at, left = own_keys(self, start, is_out, stop, reverse), 1, limit or math.huge
  local step = self.storage:range(start, is_out, stop, reverse)
  local key, bytes = step()
  local writes = {} -- a snapshot, as the storage's part is
  for own, own_bytes in pairs(self.writes) do writes[own] = own_bytes end
  local function advance() key, bytes = step() end
  return function()
    while left > 0 do
      local own = keys[at]
      if own == nil and key == nil then return nil end
      local found, found_bytes
      local own_first = own ~= nil and (key == nil or own == key or (own < key) ~= reverse)
      if own_first then
        found, found_bytes, at = own, writes[own], at + 1
        if own == key then advance() end
      else
        found, found_bytes = key, bytes
        advance()
      end
      if found_bytes then
        left = left - 1
        return found, found_bytes
      end
    end
  end
end

function Transaction:read_alarm()
  if self.alarm then return self.alarm ~= 0 and self.alarm or nil end
  return self.storage:read_alarm()
end

function Transaction:write_alarm(due, silent)
  self.alarm = due
  self.is_silent = self.is_silent and silent
end

--- PartyKit: not possible here.
function Transaction:deleteAll() -- luacheck: ignore self
  error("Cannot call deleteAll() within a transaction", 2)
end

--- Gives up every change; what follows in the transaction raises.
function Transaction:rollback()
  if self.state == "ended" then self:begin("rollback", 2) end
  self.state = "rolled back"
end

--- Ends the transaction, with its changes or without.
---@param keeps boolean
function Transaction:finish(keeps)
  local storage, is_kept = self.storage, keeps and self.state == "open"
  if self.state == "open" then self.state = "ended" end
  if not is_kept then return end
  for key, bytes in pairs(self.writes) do
    if bytes then storage:write(key, bytes, self.is_silent) else
      storage:remove(key, self.is_silent)
    end
  end
  if self.alarm then storage:write_alarm(self.alarm, self.is_silent) end
end

return Transaction
