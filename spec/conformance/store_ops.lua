--- store_ops: the storage operations of the store party, called as (storage, a, b).
---
--- What a Map holds in PartyKit is answered as an array of [key, value] in its order.

local party = require "partylua"
local support = require "support"

local json = party.json

local ops = {}

--- `count` keys n000, n001, ... in order.
local function numbered(count)
  local keys = {}
  for i = 1, count do keys[i] = ("n%03d"):format(i - 1) end
  return keys
end

local function size_of(map)
  local size = 0
  for _ in pairs(map) do size = size + 1 end
  return size
end

-- Writing -----------------------------------------------------------------------------------

function ops.put(storage, key, value)
  storage:put(key, value)
  return true
end

-- In Lua a put is done when it returns, so there is nothing to leave unawaited.
ops.putNoWait = ops.put

function ops.putMany(storage, entries)
  storage:put(entries)
  return true
end

function ops.putUndefined(storage, key)
  storage:put(key, nil)
  return true
end

function ops.putValueSize(storage, key, size)
  return ops.put(storage, key, ("v"):rep(size))
end

function ops.putKeySize(storage, size, value)
  return ops.put(storage, ("k"):rep(size), value)
end

function ops.putBytes(storage, key, digits)
  return ops.put(storage, key, support.unhex(digits))
end

function ops.putCount(storage, count)
  local entries = {}
  for i, key in ipairs(numbered(count)) do entries[key] = i - 1 end
  return ops.putMany(storage, entries)
end

function ops.sync(storage)
  storage:sync()
  return true
end

-- Reading -----------------------------------------------------------------------------------

function ops.get(storage, key)
  local value = storage:get(key)
  return { found = value ~= nil, value = value }
end

function ops.getMany(storage, keys)
  local found, entries = storage:get(keys), json.array {}
  for key, value in pairs(found) do entries[#entries + 1] = json.array { key, value } end
  table.sort(entries, function(left, right) return left[1] < right[1] end)
  return entries
end

function ops.getValueSize(storage, key)
  return #(storage:get(key) or "")
end

function ops.getKeySize(storage, size)
  return { found = storage:get(("k"):rep(size)) ~= nil }
end

function ops.getBytes(storage, key)
  local value = storage:get(key)
  return value == nil and json.null or support.hex(value)
end

function ops.getCount(storage, count)
  return size_of(storage:get(numbered(count)))
end

function ops.list(storage, options)
  local entries = json.array {}
  for key, value in storage:list(options) do
    entries[#entries + 1] = json.array { key, value }
  end
  return entries
end

function ops.keys(storage, options)
  local keys = json.array {}
  for key in storage:list(options) do keys[#keys + 1] = key end
  return keys
end

-- Deleting ----------------------------------------------------------------------------------

function ops.delete(storage, key)
  return storage:delete(key)
end

ops.deleteMany = ops.delete

function ops.deleteKeySize(storage, size)
  return storage:delete(("k"):rep(size))
end

function ops.deleteCount(storage, count)
  return storage:delete(numbered(count))
end

function ops.deleteAll(storage)
  storage:deleteAll()
  return true
end

-- Copies, counters, transactions ------------------------------------------------------------

function ops.mutateAfterGet(storage, key)
  storage:get(key).changed = true
  return { second = storage:get(key) }
end

function ops.mutateAfterPut(storage, key)
  local value = { n = 1 }
  storage:put(key, value)
  value.n = 2
  return { stored = storage:get(key) }
end

function ops.incr(storage, key)
  local count = (storage:get(key) or 0) + 1
  storage:put(key, count)
  return count
end

--- `how` is "commit", "rollback" or "throw".
function ops.transaction(storage, entries, how)
  return storage:transaction(function(txn)
    for key, value in pairs(entries) do txn:put(key, value) end
    local inside = #ops.keys(txn)
    if how == "rollback" then txn:rollback() end
    if how == "throw" then error "transaction failed" end
    return { inside = inside }
  end)
end

local store_ops = { list = ops.list }

--- Runs one operation; raises what it raises.
---@param storage partylua.Storage
---@param operation any[]    a name and its arguments
function store_ops.run(storage, operation)
  local name, a, b = operation[1], operation[2], operation[3]
  local op = ops[name]
  if not op then error("no such operation: " .. tostring(name)) end
  return op(storage, a, b)
end

--- Runs another operation and keeps of its error only the first sentence, free of sizes.
function ops.firstSentence(storage, operation)
  local ok, value = pcall(store_ops.run, storage, operation)
  if ok then return { worked = value } end
  local message = support.message(value)
  return { failed = message:match "^(.-)%. " or message }
end

return store_ops
