--- chat: WebSocket commands as JSON objects, `{ "op": name, ... }`, answered by chat_ops.

local party = require "partylua"
local ops = require "chat_ops"
local support = require "support"

local json, Response = party.json, party.Response
local reply = support.reply

---@class conformance.Chat : party.Server
---@field closed string[]       ids onClose got
---@field close_args integer[]  how many arguments onClose got each time
---@field errored string[]      ids onError got
local Chat = {}

function Chat:constructor()
  self.threw, self.last_error = false, ""
  self.last_ids = json.array {}
  self.closed, self.close_args, self.errored = json.array {}, json.array {}, json.array {}
end

function Chat:onConnect(connection, ctx)
  local query = ctx.request.searchParams
  if query:has "hello" then connection:send("hello " .. connection.id) end
  if query:has "announce" then
    self.room:broadcast(json.encode { joined = connection.id }, { connection.id })
  end
  if query:has "closeOnConnect" then connection:close(4003, "not today") end
end

function Chat:onMessage(message, sender, isBinary)
  if isBinary then return reply(sender, { binary = support.hex(message) }) end
  if message == "ping" then return sender:send "pong" end
  local command = json.decode(message)
  local run = ops[command.op]
  if run then run(self, sender, command) end
end

function Chat:onClose(connection, ...)
  table.insert(self.closed, connection.id)
  table.insert(self.close_args, 1 + select("#", ...))
  self.room:broadcast(json.encode {
    left = connection.id,
    remaining = support.sorted_ids(self.room),
  })
end

function Chat:onError(connection, err)
  table.insert(self.errored, connection.id)
  self.room:broadcast(json.encode {
    errored = connection.id,
    hasMessage = type(support.message(err)) == "string",
  })
end

function Chat:onRequest(req)
  if req.method == "POST" then
    self.room:broadcast(req:text())
    return Response "sent"
  end
  return Response.json {
    ids = support.sorted_ids(self.room),
    closed = self.closed,
    errored = self.errored,
    closeArgs = self.close_args,
  }
end

return Chat
