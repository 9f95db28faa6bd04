--- alarm: the path segment after the room id sets, asks for or deletes the room's alarm.

local party = require "partylua"
local support = require "support"

local json, Response = party.json, party.Response

local actions = {}

local function milliseconds_from_now(query)
  return party.now() + tonumber(query:get "in") -- may be negative
end

function actions.set(storage, query)
  if query:has "mode" then storage:put("mode", query:get "mode") end
  storage:setAlarm(milliseconds_from_now(query))
  return { ok = true }
end

function actions.setdate(storage, query)
  local seconds = math.floor(milliseconds_from_now(query) / 1000)
  storage:setAlarm(os.date("!*t", seconds))
  return { ok = true }
end

function actions.setraw(storage, query)
  local not_a_number = 0 / 0
  storage:setAlarm(tonumber(query:get "at") or not_a_number)
  return { ok = true }
end

function actions.get(storage)
  local at = storage:getAlarm()
  if at == nil then return { set = false } end
  local seconds_away = math.floor((at - party.now()) / 1000 + 0.5)
  return { set = true, type = type(at), secondsAway = seconds_away }
end

function actions.delete(storage)
  storage:deleteAlarm()
  return { ok = true }
end

function actions.deleteall(storage)
  storage:deleteAll()
  return { ok = true }
end

function actions.log(storage)
  return { log = storage:get "log" or json.array {} }
end

local Alarm = {}

function Alarm:onConnect(connection)
  connection:send "ready"
end

function Alarm:onRequest(req)
  local action = actions[support.after_room(req)]
  if not action then return Response("no such action", { status = 404 }) end
  local ok, answer = pcall(action, self.room.storage, req.searchParams)
  if ok then return Response.json(answer) end
  return Response.json({ error = support.message(answer) }, { status = 400 })
end

--- What a handler can find out about its room.
local function inspect(room, entry)
  entry.alarmInHandler = room.storage:getAlarm()
  local has_id, id = pcall(function() return room.id end)
  if has_id then entry.id = id else entry.idError = support.message(id) end
  local has_parties, parties = pcall(function() return room.context.parties end)
  if has_parties then
    entry.parties = type(parties)
  else
    entry.partiesError = support.message(parties)
  end
  entry.name = room.name
  entry.greeting = room.env.GREETING
end

local function fail_if_asked(storage, mode, run)
  if mode == "throwonce" and run == 1 then error "alarm failed" end
  if mode == "throwtwice" and run <= 2 then error "alarm failed" end
  if mode == "throwrearm" and run == 1 then
    storage:setAlarm(party.now() + 100)
    error "alarm failed after setting the next one"
  end
end

function Alarm:onAlarm()
  local storage = self.room.storage
  local mode = storage:get "mode"
  local log = storage:get "log" or json.array {}
  local run = #log + 1
  log[run] = { run = run }
  if mode == "inspect" then inspect(self.room, log[run]) end
  storage:put("log", log)
  if mode == "rearm" and run < 3 then storage:setAlarm(party.now() + 50) end
  self.room:broadcast("alarm " .. run)
  fail_if_asked(storage, mode, run)
end

return Alarm
