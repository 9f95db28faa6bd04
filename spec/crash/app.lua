--- The app of the crash suite: rooms that log every operation beside what it does.
---
--- An operation is { t = token, op = name, ... }. One that writes also writes an entry of the
--- log, `log:00000017` for the seventeenth, in the same turn, so that both or neither are kept.
--- Its answer is { t, seq }, and everybody in the room is told the same. Whoever knows all
--- operations can tell from the log what the room must hold.

local party = require "partylua"

local json, Response = party.json, party.Response

local Ledger, operations = {}, {}

local function value_of(token, size)
  return token .. ":" .. ("x"):rep(size)
end

function Ledger:onStart()
  self.seq = self.room.storage:get "seq" or 0
  self.is_slow = self.room.id:find "^slow" ~= nil
end

--- Writes the next entry of the log through `storage`, or a transaction.
local function log(self, storage, entry)
  self.seq = self.seq + 1
  storage:put { seq = self.seq, [("log:%08d"):format(self.seq)] = entry }
end

local function put_each(storage, op)
  for _, key in ipairs(op.keys) do storage:put(key, value_of(op.t, op.size)) end
  for _, key in ipairs(op.gone or {}) do storage:delete(key) end
end

--- One call for all keys.
function operations.batch(self, op)
  local entries = {}
  for _, key in ipairs(op.keys) do entries[key] = value_of(op.t, op.size) end
  self.room.storage:put(entries)
  log(self, self.room.storage, op.t)
end

--- A call for each key, in one turn.
function operations.puts(self, op)
  put_each(self.room.storage, op)
  log(self, self.room.storage, op.t)
end

function operations.delete(self, op)
  self.room.storage:delete(op.gone)
  log(self, self.room.storage, op.t)
end

function operations.transaction(self, op)
  self.room.storage:transaction(function(txn)
    log(self, txn, op.t)
    put_each(txn, op)
  end)
end

--- Changes nothing.
function operations.rollback(self, op)
  pcall(function()
    self.room.storage:transaction(function(txn)
      put_each(txn, op)
      error "never mind"
    end)
  end)
end

--- Begins a new log, whose first entry says what it keeps.
function operations.clear(self, op)
  local storage = self.room.storage
  local kept = storage:get { "armed", "ran", "runs" }
  storage:deleteAll()
  storage:put(kept)
  log(self, storage, ("%s %s %s %d"):format(op.t, kept.armed or "-", kept.ran or "-",
    kept.runs or 0))
end

function operations.arm(self, op)
  self.room.storage:setAlarm(party.now() + op.ms)
  self.room.storage:put("armed", op.t)
  log(self, self.room.storage, op.t)
end

function operations.read() end

--- What a client is told of: its operation, or for one that wrote nothing the newest before it.
function Ledger:run(op)
  operations[op.op](self, op)
  return json.encode { t = op.t, seq = self.seq }
end

function Ledger:onMessage(message, sender)
  local answer = self:run(json.decode(message))
  sender:send(answer)
  self.room:broadcast(answer, { sender.id })
end

--- Every entry, long values by their length.
local function dump(storage)
  local entries = json.array {}
  for key, value in storage:list() do
    if type(value) == "string" then
      local token, fill = value:match "^([^:]*):(x*)$"
      if token then value = token .. ":" .. #fill end
    end
    entries[#entries + 1] = json.array { key, value }
  end
  return Response.json(entries)
end

function Ledger:onRequest(request)
  if request.method == "GET" then return dump(self.room.storage) end
  local answer = self:run(request:json())
  self.room:broadcast(answer)
  return Response(answer)
end

--- A room called slow… waits in between, so that its handler can be cut in two.
function Ledger:onAlarm()
  local storage = self.room.storage
  local armed = storage:get "armed"
  if self.is_slow then
    log(self, storage, "begin " .. armed)
    storage:sync()
    party.sleep(0.01)
  end
  storage:put { ran = armed, runs = (storage:get "runs" or 0) + 1 }
  log(self, storage, "alarm " .. armed)
  self.room:broadcast(json.encode { t = "alarm " .. armed, seq = self.seq })
end

return Ledger
