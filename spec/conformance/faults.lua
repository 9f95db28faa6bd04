--- faults: raises errors where asked to, by the room id or by the connection's `?fail=`.

local party = require "partylua"
local support = require "support"

local json = party.json

local Faults = {}

local function starts_with(text, prefix)
  return text:sub(1, #prefix) == prefix
end

function Faults:constructor(room)
  self.closed = json.array {}
  if starts_with(room.id, "ctor-") then error "constructor failed" end
end

function Faults:onStart()
  if starts_with(self.room.id, "start-") then error "onStart failed" end
  if starts_with(self.room.id, "startlate-") then
    party.sleep(0.03)
    error "onStart failed late"
  end
end

function Faults:getConnectionTags(_, ctx)
  if ctx.request.searchParams:get "fail" == "tags" then error "getConnectionTags failed" end
  return {}
end

local connect_faults = {
  connect = function() error "onConnect failed" end,
  connectlate = function()
    party.sleep(0.03)
    error "onConnect failed late"
  end,
  connectsend = function(connection)
    connection:send "sent before the failure"
    error "onConnect failed after send"
  end,
  connectempty = function() error "" end,
  connectstring = function() error("a plain string", 0) end, -- level 0: nothing but the string
  connectlong = function() error(("m"):rep(200)) end,
}

function Faults:onConnect(connection, ctx)
  local fail = ctx.request.searchParams:get "fail"
  if connect_faults[fail] then connect_faults[fail](connection) end
  connection:setState { fail = fail or json.null }
  connection:send "ready"
end

function Faults:onMessage(message, sender)
  if message == "throw" then error "onMessage failed" end
  if message == "throwlate" then
    party.sleep(0.01)
    error "onMessage failed late"
  end
  sender:send("ok:" .. message)
end

function Faults:onClose(connection)
  self.closed[#self.closed + 1] = connection.id
  if connection.state and connection.state.fail == "close" then error "onClose failed" end
end

function Faults:onRequest()
  return party.Response.json {
    id = self.room.id,
    ids = support.sorted_ids(self.room),
    closed = self.closed,
  }
end

return Faults
