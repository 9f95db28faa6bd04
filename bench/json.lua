--- json: the time party.json takes, as a ratio to lua-cjson alone.
---
---   build/release/partylua bench/json.lua
---
--- Each document is encoded and decoded by both in turns, and the best round of each counts,
--- so that a busy machine disturbs both alike. "in a loop" is Lua code that encodes again and
--- again; "from C" enters Lua anew for each call, as the server does for each event.

local cjson = require "cjson"
local json = require "partylua.json"

local ROUNDS = 25
local ROUND_SECONDS = 0.004

local function game()
  return {
    type = "move", player = "ab12cd34", seq = 10423, x = 512.25, y = -88.5, hp = 97,
    keys = { left = true, right = false, jump = false }, hits = { 3, 17, 42 },
    name = "Ann Example", room = "lobby",
  }
end

local function chat(text)
  return { type = "chat", from = "Ann Example", id = "a81bc81b", at = 1732412341234, text = text }
end

-- A plain sequence: always the same numbers on every machine.
local function numbers(count, make)
  local list, seed = {}, 42
  for i = 1, count do
    seed = (seed * 16807) % 2147483647
    list[i] = make(seed / 2147483647)
  end
  return list
end

local function nested()
  local players = {}
  for i = 1, 24 do
    players[i] = {
      id = "player-" .. i, name = "Player number " .. i, online = i % 3 ~= 0, score = i * 137,
      position = { x = i * 12.5, y = i * -3.25 }, tags = { "red", "team-" .. i % 4 },
      inventory = { { item = "sword", count = 1 }, { item = "potion", count = i } },
    }
  end
  return { type = "state", room = "lobby", round = 7, players = players }
end

local function lobby()
  return {
    type = "lobby", id = "a81bc81b", name = "Ann Example", players = json.array {},
    options = json.object {}, tables = { { id = 1, seats = json.array {} } },
  }
end

local documents = {
  { "game message", game() },
  { "chat message", chat "Hello there, how are you doing today? I have been waiting." },
  { "chat, escapes", chat 'He said: "wait for me"\nand then he left. Did you see that?' },
  { "chat, not ASCII", chat "Grüße aus Köln, wie geht es dir heute? 😀 Schön, dass du da bist" },
  { "200 integers", numbers(200, function(x) return math.floor(x * 100000) end) },
  { "200 decimals", numbers(200, function(x) return math.floor(x * 100000) / 100 end) },
  { "200 doubles", numbers(200, function(x) return x * 1000 end) },
  { "nested document", nested() },
  { "[] and {} in it", lobby() },
}

local function in_a_loop(call, argument, count)
  for _ = 1, count do call(argument) end
end

local function from_c(call, argument, count)
  string.gsub(string.rep(" ", count), " ", function() call(argument) end)
end

local function seconds(context, call, argument, count)
  collectgarbage()
  local started = os.clock()
  context(call, argument, count)
  return os.clock() - started
end

-- Calls that fill a round.
local function calls_for(context, call, argument)
  local count = 16
  while true do
    local took = seconds(context, call, argument, count)
    if took >= ROUND_SECONDS / 4 then return math.ceil(count * ROUND_SECONDS / took) end
    count = count * 2
  end
end

local function ratio(context, ours, theirs, argument)
  local count = calls_for(context, theirs, argument)
  local best_ours, best_theirs = math.huge, math.huge
  for _ = 1, ROUNDS do
    best_theirs = math.min(best_theirs, seconds(context, theirs, argument, count))
    best_ours = math.min(best_ours, seconds(context, ours, argument, count))
  end
  return best_ours / best_theirs
end

io.write(("%-16s %7s  %13s  %13s\n"):format("", "", "in a loop", "from C"))
io.write(("%-16s %7s  %6s %6s  %6s %6s\n"):format("time / lua-cjson", "bytes",
  "encode", "decode", "encode", "decode"))
for _, document in ipairs(documents) do
  local name, value = document[1], document[2]
  local text = json.encode(value)
  io.write(("%-16s %7d  %6.2f %6.2f  %6.2f %6.2f\n"):format(name, #text,
    ratio(in_a_loop, json.encode, cjson.encode, value),
    ratio(in_a_loop, json.decode, cjson.decode, text),
    ratio(from_c, json.encode, cjson.encode, value),
    ratio(from_c, json.decode, cjson.decode, text)))
end
