--- life: keeps a log of its hooks in the order they ran.
---
--- Rooms whose id starts with `slow-` sleep 250 ms in onStart, `store-` rooms use storage,
--- and `early-` rooms look for connections before there can be any.

local party = require "partylua"
local support = require "support"

local Life = {}

function Life:constructor(room)
  self.log = party.json.array {}
  self:note("constructor id=" .. room.id)
  if self:is "early-" then self:look_around "constructor" end
end

function Life:note(line)
  self.log[#self.log + 1] = line
end

function Life:is(prefix)
  return self.room.id:sub(1, #prefix) == prefix
end

function Life:look_around(where)
  local count = #support.ids(self.room)
  self.room:broadcast "too early"
  local found = self.room:getConnection "nobody" and "one" or "none"
  self:note(("%s sees %d %s"):format(where, count, found))
end

function Life:onStart()
  self:note "start"
  if self:is "early-" then self:look_around "start" end
  if self:is "slow-" then party.sleep(0.25) end
  if self:is "store-" then
    local starts = self.room.storage:get "starts" or 0
    self.room.storage:put("starts", starts + 1)
  end
  self:note "started"
end

function Life:onConnect(connection, ctx)
  local query = ctx.request.searchParams
  self:note("connect " .. connection.id)
  if query:has "slow" then
    connection:send "early"
    party.sleep(0.4)
    connection:send "late"
    self:note("connected " .. connection.id)
  end
  if not query:has "quiet" then support.reply(connection, { log = self.log }) end
end

--- "log" asks for the log; "wait:MS:LABEL" is answered with LABEL that much later.
function Life:onMessage(message, sender)
  if message == "log" then return support.reply(sender, { log = self.log }) end
  local ms, label = message:match "^wait:(%d+):(.*)$"
  if ms then
    party.sleep(tonumber(ms) / 1000)
    return sender:send(label)
  end
  self:note("message " .. message)
  sender:send("got " .. message)
end

function Life:onClose(connection)
  self:note("close " .. connection.id)
end

function Life:onRequest(req)
  if not req.searchParams:has "peek" then self:note("request " .. req.method) end
  return party.Response.json { log = self.log }
end

return Life
