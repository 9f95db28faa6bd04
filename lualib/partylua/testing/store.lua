--- store: what the rooms of one app have stored: a store in a folder that has no name any more.
---
--- The server reads through the same handle, and looks anew after each commit.

local fs = require "partylua.fs"
local native = require "partylua.native"
local value = require "partylua.value"

local MAP_BYTES = 2 ^ 30
local FILES = { "data.mdb", "lock.mdb", "server.lock" }

---@class partylua.testing.Store
---@field native partylua.native.Store
local Store = {}
Store.__index = Store

--- Opens an empty store. Its files have no names, so that nothing is left behind whatever becomes
--- of this process.
---@param is_real boolean    it waits for its disk
---@return partylua.testing.Store
function Store.open(is_real)
  local parent = not is_real and fs.is_folder "/dev/shm" and "/dev/shm" or nil
  local folder = native.make_temporary_folder(parent)
  local opened, why = native.store_open(folder, { volatile = not is_real, map_bytes = MAP_BYTES })
  for _, name in ipairs(FILES) do os.remove(folder .. "/" .. name) end
  os.remove(folder)
  if not opened then error(why, 2) end
  return setmetatable({ native = opened }, Store)
end

--- What a room has stored under a key; nil without.
function Store:get(party, id, key)
  local bytes = self.native:get(party, id, key)
  if bytes == nil then return nil end
  return (value.decode(bytes))
end

--- All that a room has stored, by key.
function Store:all(party, id)
  local entries = {}
  for key, bytes in self.native:entries(party, id) do entries[key] = value.decode(bytes) end
  return entries
end

--- When the alarm of a room is due, in milliseconds since 1970; nil without.
function Store:alarm(party, id)
  local room = self.native:room(party, id)
  return room and room.due
end

function Store:close()
  self.native:close()
end

return Store
