--- The app of the fault specs: rooms that store, send and answer in every order.

local party = require "partylua"

local Response = party.Response

local App, messages, actions = {}, {}, {}

-- Messages: a word and what it is about ----------------------------------------------------------

function messages.echo(_, text, sender)
  sender:send(text)
end

function messages.put(self, text, sender)
  self.room.storage:put("value", text)
  sender:send("stored " .. text)
end

--- One message before the write, one after it.
function messages.around(self, text, sender)
  sender:send("before " .. text)
  self.room.storage:put("value", text)
  sender:send("after " .. text)
end

function messages.silent(self, text, sender)
  self.room.storage:put("value", text, { allowUnconfirmed = true })
  sender:send("unconfirmed " .. text)
end

function messages.tell(self, text)
  self.room.storage:put("value", text)
  self.room:broadcast("told " .. text)
end

function messages.leave(self, text, sender)
  self.room.storage:put("value", text)
  sender:close(4001, "left")
end

function messages.get(self, _, sender)
  sender:send("value " .. tostring(self.room.storage:get "value"))
end

function messages.sync(self, text, sender)
  self.room.storage:put("value", text, { allowUnconfirmed = true })
  self.room.storage:sync()
  sender:send("synced " .. text)
end

-- Requests: the last part of the path ------------------------------------------------------------

function actions.put(self, query)
  self.room.storage:put("value", query.value)
  return Response("stored " .. query.value)
end

--- `bytes` of them, so that the map is full at some point.
function actions.fill(self, query)
  self.room.storage:put("filling " .. (query.part or ""), ("x"):rep(tonumber(query.bytes)))
  return Response "filled"
end

--- `parts` entries in one batch.
function actions.flood(self, query)
  for i = 1, tonumber(query.parts) do
    self.room.storage:put("flood " .. i, ("x"):rep(100000))
  end
  return Response "flooded"
end

function actions.clear(self)
  self.room.storage:deleteAll()
  return Response "cleared"
end

function actions.get(self)
  return Response(tostring(self.room.storage:get "value"))
end

--- What the room has in memory only: gone once it has been reset.
function actions.started(self)
  self.visits = (self.visits or 0) + 1
  return Response(("%s, visit %d"):format(tostring(self.value_at_start), self.visits))
end

--- A streamed answer that goes on after a write.
function actions.stream(self, query)
  return Response(function(write)
    write "begun,"
    self.room.storage:put("value", query.value)
    write "stored"
  end)
end

--- What another room answers to a write.
function actions.ask(self, query)
  local path = "/put?value=" .. query.value
  local answer = self.room.context.parties.main:get(query.room):fetch(path)
  return Response(("%d %s"):format(answer.status, answer:text()))
end

function actions.alarm(self, query)
  self.room.storage:setAlarm(party.now() + tonumber(query.ms))
  return Response "set"
end

function actions.runs(self)
  return Response(tostring(self.room.storage:get "runs" or 0))
end

-- Hooks ------------------------------------------------------------------------------------------

function App:onStart()
  self.value_at_start = self.room.storage:get "value"
end

function App:onConnect(connection, context)
  local query = context.request.query
  if query.store then self.room.storage:put("value", query.store) end
  if not query.wait then return end
  self.is_waiting = true
  party.sleep(60)
end

function actions.waiting(self)
  return Response(tostring(self.is_waiting == true))
end

function App:onMessage(message, sender)
  local word, text = message:match "^(%S+) ?(.*)$"
  messages[word](self, text, sender)
end

function App:onRequest(request)
  return actions[request.path:match "[^/]*$"](self, request.query)
end

function App:onAlarm()
  self.room.storage:put("runs", (self.room.storage:get "runs" or 0) + 1)
  self.room:broadcast "alarm"
end

return App
