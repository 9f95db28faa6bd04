-- measure: the time that handlers in TypeScript take, beside the same in Lua.
--
--   build/release/partylua bench/typescript/measure.lua [SECONDS]
--
-- Both do the same work in turns; a round's ratio is taken within it, and the median of the
-- rounds counts. Prints "NAME RATIO TS-MICROSECONDS LUA-MICROSECONDS" a line, and for two awaits
-- the microseconds alone.
package.path = "./ts2lua-shim/?.lua;./ts2lua-shim/?/init.lua;./?.lua;" .. package.path

local class = require "ts2lua.runtime.class"
local microtasks = require "ts2lua.runtime.microtasks"
local runtime = require "ts2lua.runtime"
local shape = require "ts2lua.runtime.shape"
local translator = require "ts2lua.translator"

io.stdout:setvbuf "line"

local ROUNDS = 15
local round_seconds = (tonumber(arg[1]) or 3) / ROUNDS / 2

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- The class that a file in TypeScript exports.
local function load_typescript(name)
  local path = ("bench/typescript/%s.ts"):format(name)
  local exports = shape.object()
  local chunk = assert(loadstring(assert(translator.translate(read(path), path)).lua, "@" .. path))
  chunk(runtime, error, exports)
  return exports.default
end

local function load_lua(name)
  return dofile(("bench/typescript/%s.lua"):format(name))
end

--- A room and a sender of which handlers need no more; what is broadcast is counted.
local heard = 0
local function made_room()
  return { broadcast = function(_, message) heard = heard + #message end }
end
local SENDER = { id = "ann" }

local MESSAGES = {
  '{"type":"move","id":"ab12cd34","x":512.25,"y":-88.5,"keys":["left","up"]}',
  '{"type":"chat","from":"Ann Example","text":"Hello there, how are you doing today? "}',
}

local function seconds(run, count)
  local started = os.clock()
  for i = 1, count do run(i) end
  return os.clock() - started
end

--- Calls that fill a round.
local function calls_for(run)
  local count = 256
  while true do
    local took = seconds(run, count)
    if took >= round_seconds / 4 then return math.ceil(count * round_seconds / took) end
    count = count * 2
  end
end

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

local function compare(name, ours, theirs)
  local count = calls_for(theirs)
  seconds(ours, count)
  local ratios, mine, yours = {}, {}, {}
  for i = 1, ROUNDS do
    collectgarbage()
    yours[i] = seconds(theirs, count)
    collectgarbage()
    mine[i] = seconds(ours, count)
    ratios[i] = mine[i] / yours[i]
  end
  local each = 1e6 / count
  print(("%s %.3f %.3f %.3f"):format(name, median(ratios), median(mine) * each,
    median(yours) * each))
end

local function compute()
  local ours, theirs = class.new(load_typescript "tick", made_room()), load_lua("tick").new {}
  compare("compute", function() return ours:onTick() end, function() return theirs:onTick() end)
  assert(ours.bodies[3].x == theirs.bodies[4].x or ours.ticks ~= theirs.ticks)
end

local function json()
  local ours = class.new(load_typescript "messages", made_room())
  local theirs = load_lua("messages").new(made_room())
  compare("json",
    function(i) return ours:onMessage(MESSAGES[i % 2 + 1], SENDER) end,
    function(i) return theirs:onMessage(MESSAGES[i % 2 + 1], SENDER) end)
  assert(heard > 0)
end

--- Nothing in Lua is like it: its time is told alone.
local function awaits()
  local ours = class.new(load_typescript "awaits", made_room())
  local function run()
    ours:onMessage "x"
    microtasks.drain()
  end
  local count, times = calls_for(run), {}
  for i = 1, ROUNDS do times[i] = seconds(run, count) end
  print(("awaits %.3f"):format(median(times) * 1e6 / count))
end

compute()
json()
awaits()
