--- The app of storage_list_spec: rooms that change random keys and list them in random ways,
--- beside a plain table that does the same.

local party = require "partylua"

local App = {}

-- Keys that lie close together, on both sides of every border the store has: LMDB's keys end at
-- 511 bytes, and longer ones of ours go on every 502.
local LENGTHS = { 0, 1, 2, 3, 480, 500, 501, 502, 503, 510, 520, 1003, 1004, 1005, 1506, 1507,
  2045 }
local BYTES = { "\0", "a", "b", "\255" }
local KEYS_MAX = 200

local function one_of(list)
  return list[math.random(#list)]
end

local function tail()
  local bytes = {}
  for i = 1, math.random(0, 3) do bytes[i] = one_of(BYTES) end
  return table.concat(bytes)
end

local function make_key()
  return one_of(BYTES):rep(one_of(LENGTHS)) .. tail()
end

--- Some key, most times one that is there or beside one.
local function near(model)
  local keys = {}
  for key in pairs(model) do keys[#keys + 1] = key end
  if #keys == 0 or math.random() < 0.3 then return make_key() end
  table.sort(keys) -- pairs has an order of its own in each process
  local key = one_of(keys)
  local how = math.random(4)
  if how == 1 then return key:sub(1, -2) end
  if how == 2 and #key < 2048 then return key .. one_of(BYTES) end
  if how == 3 then return key:sub(1, math.random(0, #key)) end
  return key
end

-- Changing ---------------------------------------------------------------------------------------

local changes = {}

function changes.put(storage, model)
  local key, value = make_key(), math.random(1e9)
  storage:put(key, value)
  model[key] = value
end

function changes.put_many(storage, model)
  local entries = {}
  for _ = 1, math.random(20) do entries[make_key()] = math.random(1e9) end
  storage:put(entries)
  for key, value in pairs(entries) do model[key] = value end
end

function changes.delete(storage, model)
  local key = near(model)
  local was_there = model[key] ~= nil
  assert(storage:delete(key) == was_there, "delete says the wrong thing")
  model[key] = nil
end

function changes.transaction(storage, model)
  local copy = {}
  for key, value in pairs(model) do copy[key] = value end
  storage:transaction(function(txn)
    for _ = 1, math.random(10) do changes[one_of { "put", "delete" }](txn, copy) end
    App.compare(txn, copy)
  end)
  for key in pairs(model) do model[key] = copy[key] end
  for key, value in pairs(copy) do model[key] = value end
end

function changes.rollback(storage, model)
  local copy = {}
  for key, value in pairs(model) do copy[key] = value end
  storage:transaction(function(txn)
    for _ = 1, math.random(10) do changes[one_of { "put", "delete" }](txn, copy) end
    txn:rollback()
  end)
end

--- What was pending is on disk.
function changes.sync(storage)
  storage:sync()
end

function changes.clear(storage, model)
  storage:deleteAll()
  for key in pairs(model) do model[key] = nil end
end

local OFTEN = { "put", "put", "put_many", "put_many", "delete", "delete", "delete", "transaction",
  "rollback", "sync", "sync" }

-- Listing ----------------------------------------------------------------------------------------

local function make_options(model)
  local options = {}
  if math.random() < 0.3 then options.prefix = near(model) end
  local how = math.random(4)
  if how == 1 then options.start = near(model) end
  if how == 2 then options.startAfter = near(model) end
  if math.random() < 0.4 then options[one_of { "endBefore", "end" }] = near(model) end
  if math.random() < 0.5 then options.reverse = true end
  if math.random() < 0.4 then options.limit = math.random(30) end
  return options
end

local function is_listed(key, options)
  local stop = options.endBefore or options["end"]
  return (not options.prefix or key:sub(1, #options.prefix) == options.prefix)
    and (not options.start or key >= options.start)
    and (not options.startAfter or key > options.startAfter)
    and (not stop or key < stop)
end

local function list_model(model, options)
  local keys = {}
  for key in pairs(model) do
    if is_listed(key, options) then keys[#keys + 1] = key end
  end
  table.sort(keys, options.reverse and function(a, b) return a > b end or nil)
  for i = #keys, (options.limit or #keys) + 1, -1 do keys[i] = nil end
  return keys
end

local function show(value)
  if type(value) ~= "string" then return tostring(value) end
  local bytes = value:sub(-8):gsub(".", function(byte) return ("%02x "):format(byte:byte()) end)
  return ("%d bytes ending %s"):format(#value, bytes)
end

local function fail(what, options)
  local words = {}
  for name, value in pairs(options) do words[#words + 1] = name .. " = " .. show(value) end
  error(("%s with { %s }"):format(what, table.concat(words, ", ")), 0)
end

--- Lists both in one way.
function App.compare(storage, model)
  local options = make_options(model)
  local keys, count = list_model(model, options), 0
  for key, value in storage:list(options) do
    count = count + 1
    if key ~= keys[count] then
      fail(("entry %d is %s, not %s"):format(count, show(key), show(keys[count])), options)
    end
    if value ~= model[key] then fail("a wrong value for " .. show(key), options) end
  end
  if count ~= #keys then fail(("%d entries, not %d"):format(count, #keys), options) end
end

local function is_large(model)
  local count = 0
  for _ in pairs(model) do count = count + 1 end
  return count > KEYS_MAX
end

--- GET ?seed=1&lists=200: "equal", or what differs.
function App:onRequest(request)
  local lists, model = tonumber(request.query.lists), {}
  math.randomseed(tonumber(request.query.seed))
  for _ = 1, lists do
    for _ = 1, math.random(0, 3) do
      changes[is_large(model) and "clear" or one_of(OFTEN)](self.room.storage, model)
    end
    App.compare(self.room.storage, model)
    local key = near(model)
    if self.room.storage:get(key) ~= model[key] then fail("get differs", { key = key }) end
  end
  return party.Response("equal")
end

return App
