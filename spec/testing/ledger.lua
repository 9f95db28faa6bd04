--- A room that does everything whose order matters: it stores, answers, hibernates, calls other
--- rooms and waits. Each write has a number; what is written last under a key has the highest.

local party = require "partylua"

local Ledger = { options = { hibernate = true } }

local LOG_LENGTH = 8

local commands = {}

--- Each write has a place in a log, of which the last few are kept.
local function note(storage, m)
  local at = (storage:get "at" or 0) + 1
  storage:put("at", at)
  storage:put("log-" .. at, m.n)
  storage:delete("log-" .. at - LOG_LENGTH)
end

--- Two keys that are always written together.
function commands.put(self, storage, m)
  note(storage, m)
  storage:put("a-" .. m.key, m.n)
  storage:put("b-" .. m.key, m.n)
end

function commands.delete(self, storage, m)
  note(storage, m)
  storage:delete("a-" .. m.key)
  storage:delete("b-" .. m.key)
end

--- Written only if the hook gets so far: a wait makes two batches of it.
function commands.slow(self, storage, m)
  commands.put(self, storage, m)
  party.sleep(m.seconds)
end

--- Holds nothing back.
function commands.silent(self, storage, m)
  storage:put("silent", m.n, { allowUnconfirmed = true })
end

--- Another room stores it, which that may fail to do.
function commands.remote(self, storage, m)
  local stub = self.room.context.parties.main:get(m.room)
  local ok, response = pcall(stub.fetch, stub, "/?key=remote&n=" .. m.n, { method = "POST" })
  return ok and response.status == 200
end

function commands.alarm(self, storage, m)
  storage:setAlarm(party.now() + m.seconds * 1000)
end

function commands.sync(self, storage, m)
  commands.put(self, storage, m)
  storage:sync()
end

--- Counts what a connection has said in its state, which outlives the room's object.
function Ledger:onMessage(text, conn)
  local m = party.json.decode(text)
  conn:setState { count = (conn.state and conn.state.count or 0) + 1 }
  local count = conn.state.count
  if commands[m.op](self, self.room.storage, m) == false then return end
  conn:send(party.json.encode { op = m.op, key = m.key, n = m.n, room = m.room, count = count })
end

function Ledger:onRequest(request)
  local key, n = request.query.key, tonumber(request.query.n)
  if request.method == "POST" then commands.put(self, self.room.storage, { key = key, n = n }) end
  local all = {}
  for name, value in self.room.storage:list() do all[name] = value end
  return party.Response.json(party.json.object(all))
end

function Ledger:onAlarm()
  self.room.storage:put("rang", (self.room.storage:get "rang" or 0) + 1)
  self.room:broadcast(party.json.encode { op = "rang", n = self.room.storage:get "rang" })
end

return Ledger
