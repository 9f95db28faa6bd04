--- What storage is measured with. The beginning of a room's id says what it does with a message:
--- store it and send it back, or only send it back, with something stored long ago or nothing.

local party = require "partylua"

local Response = party.Response

local Room = {}

function Room:onStart()
  self.kind = self.room.id:match "^%a*"
  if self.kind == "kept" then self.room.storage:put("value", "kept") end
end

function Room:onMessage(message, sender)
  if self.kind == "store" then self.room.storage:put("value", message) end
  sender:send(message)
end

--- GET …/get?count=N: microseconds that `get` takes for a table as rooms keep one for each of
--- their members.
local function time_get(storage, count)
  storage:put("small", { name = "Ann", score = 12, tags = { "a", "b" } })
  storage:sync()
  local started = party.now()
  for _ = 1, count do storage:get "small" end
  return Response.json { microseconds = (party.now() - started) * 1000 / count }
end

function Room:onRequest(request)
  if request.path:find "/get$" then
    return time_get(self.room.storage, tonumber(request.query.count))
  end
  return Response.json { value = self.room.storage:get "value" or party.json.null }
end

local alarms = 0

--- The log counts them.
function Room:onAlarm()
  alarms = alarms + 1
  if alarms % 10000 == 0 then party.log.warn("alarms", { run = alarms }) end
end

return Room
