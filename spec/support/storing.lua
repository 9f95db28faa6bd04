--- An app whose rooms store what a spec asks for: the request's body is a word and its argument.

local exact = require "spec.support.exact"
local party = require "partylua"

local LONG_KEYS, RANDOM_KEYS, DUE = 5, 60, 33e11 -- the year 2074

--- The entries of a seed: keys of every kind and length, values of every kind.
local function entries_of(seed)
  math.randomseed(seed)
  local entries = {}
  for _ = 1, RANDOM_KEYS do
    entries[exact.random_string()] = exact.random(5)
  end
  for i = 1, LONG_KEYS do entries[("long"):rep(100 * i) .. i] = exact.random(3) end
  entries.large = ("x"):rep(131000)
  return entries
end

local words = {}

function words.fill(storage, seed)
  for key, given in pairs(entries_of(tonumber(seed))) do storage:put(key, given) end
  storage:setAlarm(DUE + tonumber(seed))
  return "filled"
end

--- Whether the room holds what `fill` has put into one, and nothing else.
function words.check(storage, seed)
  local entries = entries_of(tonumber(seed))
  for key, stored in storage:list() do
    if not exact.is_same(entries[key], stored) then return ("not the same: %q"):format(key) end
    entries[key] = nil
  end
  if next(entries) ~= nil then return ("missing: %q"):format(next(entries)) end
  if storage:getAlarm() ~= DUE + tonumber(seed) then return "another alarm" end
  return "the same"
end

--- Both keys get the same number, in one turn.
function words.count(storage, bytes)
  local number = (storage:get "one" or 0) + 1
  storage:put { one = number, two = number, filling = ("%09d"):format(number):rep(bytes / 9) }
  return tostring(number)
end

function words.put(storage, argument)
  local key, text = argument:match "^(%S+) ?(.*)$"
  storage:put(key, text)
  return "put"
end

local Storing = {}

--- Writes again and again, each time when the last one is durable.
function words.storm(storage, _, self)
  self.is_storming = true
  party.spawn(function()
    while self.is_storming do
      words.count(storage, 9000)
      storage:sync()
    end
  end)
  return "storming"
end

function words.calm(storage, _, self)
  self.is_storming = false
  return tostring(storage:get "one")
end

function Storing:onRequest(request)
  local word, argument = request:text():match "^(%S+) ?(.*)$"
  return party.Response(words[word](self.room.storage, argument, self))
end

function Storing:onAlarm() end

return Storing
