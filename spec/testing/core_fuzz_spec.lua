--- The core under random joins, messages, drops, hibernations, crashes, failing and slow commits:
--- what a client was told is never lost.

local party = require "partylua.testing"

local ROOMS = { "north", "south" }
local SHARED_KEYS = { "x", "y" } -- written by all
local KEYS = { "x", "y", "c1", "c2", "c3", "c4" }
local RUNS = tonumber(os.getenv "FUZZ_RUNS") or 30

--- What a spec knows: every write that was sent, by room and key, and the newest that was told.
local function new_model()
  local model = { n = 0, rooms = {}, counts = {} }
  for _, room in ipairs(ROOMS) do
    local writes = { remote = {} }
    for _, key in ipairs(KEYS) do writes[key] = {} end
    model.rooms[room] = { writes = writes, told = {}, rang = 0 }
  end
  return model
end

local OPS = {
  { "put", 20 }, { "delete", 4 }, { "slow", 4 }, { "silent", 3 }, { "remote", 6 }, { "alarm", 2 },
  { "sync", 4 },
}

-- Rooms that wait for each other with all the hooks they may have wait for ever.
local ALONE = {}
for _, each in ipairs(OPS) do
  if each[1] ~= "remote" then ALONE[#ALONE + 1] = each end
end

--- Where senders are read no further for a while, and over sockets, the messages of different
--- clients come in any order: there each client has a key of its own.
local function message(random, client, world)
  local given = world.options.app
  local is_in_order = not given.limits and not given.real
  local key = is_in_order and random:pick(SHARED_KEYS) or client
  world.model.n = world.model.n + 1
  return {
    op = random:weigh(given.limits and ALONE or OPS), key = key, n = world.model.n,
    room = random:pick(ROOMS), seconds = random(0, 20),
  }
end

local WRITERS = { put = true, delete = true, slow = true, sync = true }

local function sent(world, client, m)
  local writes = world.model.rooms[world.rooms[client]].writes
  if WRITERS[m.op] then
    table.insert(writes[m.key], { n = m.n, value = m.op ~= "delete" and m.n or nil })
  elseif m.op == "remote" then
    table.insert(world.model.rooms[m.room].writes.remote, { n = m.n, value = m.n })
  end
end

local function hear_count(world, client, m)
  local counts = world.model.counts[client] or {}
  world.model.counts[client] = counts
  assert(not counts[m.count], ("%s has counted %d twice"):format(client, m.count))
  counts[m.count] = true
end

local function received(world, client, m)
  local room = world.model.rooms[world.rooms[client]]
  if m.op == "rang" then
    room.rang = math.max(room.rang, m.n)
    return
  end
  hear_count(world, client, m)
  if WRITERS[m.op] then room.told[m.key] = math.max(room.told[m.key] or 0, m.n) end
  if m.op == "remote" then world.model.rooms[m.room].told.remote = true end
  if m.op == "alarm" then room.has_alarm = true end
end

local function closed(world, client)
  world.model.counts[client] = nil
end

--- Whether a value is what some write has left that is not older than what was told.
local function is_left_by(value, writes, told)
  if value == nil and not told then return true end
  for _, write in ipairs(writes) do
    if write.n >= (told or 0) and write.value == value then return true end
  end
  return false
end

local function each_room(world, fn)
  for _, id in ipairs(ROOMS) do fn(world.app:room(id), world.model.rooms[id], id) end
end

local invariants = {}

invariants["what a client was told is stored"] = function(world)
  each_room(world, function(room, known, id)
    local stored = room:storage()
    for _, key in ipairs(KEYS) do
      local value = stored["a-" .. key]
      assert(is_left_by(value, known.writes[key], known.told[key]),
        ("%s.%s: told of %s, stored %s"):format(id, key, tostring(known.told[key]),
          tostring(value)))
    end
    assert(not known.told.remote or stored["a-remote"], id .. " has lost what another room sent")
    assert((stored.rang or 0) >= known.rang,
      ("%s has rung %d times, stored are %s"):format(id, known.rang, tostring(stored.rang)))
  end)
end

invariants["what one hook writes is stored as a whole"] = function(world)
  each_room(world, function(room, known, id)
    local stored = room:storage()
    for key in pairs(known.writes) do
      local a, b = stored["a-" .. key], stored["b-" .. key]
      assert(a == b, ("%s.%s: %s and %s"):format(id, key, tostring(a), tostring(b)))
    end
  end)
end

invariants["nothing is stored without what was stored before it"] = function(world)
  each_room(world, function(room, _, id)
    local stored = room:storage()
    local at = stored.at or 0
    for i = math.max(1, at - 7), at do
      assert(stored["log-" .. i], ("%s has the write %d without the write %d"):format(id, at, i))
    end
  end)
end

local at_rest = {}

at_rest["an alarm that was promised has rung"] = function(world)
  each_room(world, function(room, known, id)
    local due = room:alarm()
    assert(not due or due > world.app:now(), id .. " has an alarm of long ago")
    assert(not known.has_alarm or due or (room:storage "rang" or 0) > 0, id .. " has never rung")
  end)
end

at_rest["a room reads what is stored"] = function(world)
  each_room(world, function(room)
    local answer = room:fetch()
    assert.equal(200, answer.status)
    assert.same(room:storage(), answer:json())
  end)
end

at_rest["nothing is under way"] = function(world)
  assert.equal(0, require("partylua.native").lab_in_flight())
end

local function options(more)
  local all = {
    clients = 4, steps = 300, rooms = ROOMS, model = new_model, message = message, sent = sent,
    received = received, closed = closed, invariants = invariants, atRest = at_rest,
    request = function() return "" end,
  }
  for name, value in pairs(more) do all[name] = value end
  return all
end

describe("the core", function()
  it("keeps what it has promised, whatever happens", function()
    local result = party.fuzz("ledger.lua", options { seed = 1, runs = RUNS })
    assert.equal(RUNS * 300, result.steps)
    for name, count in pairs(result.counts) do
      assert.is_true(count > 0, name .. " was never done")
    end
  end)

  it("keeps it where events have to wait for hooks, and senders are read no further", function()
    local limits = { room_tasks = 2, room_events = 16 }
    party.fuzz("ledger.lua", options { seed = 2000, runs = RUNS, app = { limits = limits } })
  end)

  it("keeps it over sockets", function()
    party.fuzz("ledger.lua", options {
      seed = 3000, runs = math.ceil(RUNS / 40), steps = 100, app = { real = true },
    })
  end)

  it("keeps it in rooms that do not hibernate", function()
    local Awake = setmetatable({ options = { hibernate = false } },
      { __index = dofile "spec/testing/ledger.lua" })
    party.fuzz(Awake, options { seed = 1000, runs = math.ceil(RUNS / 4) })
  end)
end)
