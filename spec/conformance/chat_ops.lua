--- chat_ops: what each command of the chat party does, called as (chat, sender, command).

local party = require "partylua"
local support = require "support"

local reply = support.reply

---@type table<string, fun(chat: conformance.Chat, sender: partylua.Connection, command: table)>
local ops = {}

--- Calls fn and keeps, for the command `lastError`, whether it raised.
local function attempt(chat, fn)
  local ok, err = pcall(fn)
  chat.threw = not ok
  chat.last_error = ok and "" or support.message(err)
end

local function reply_error(sender, fn, ...)
  local ok, err = pcall(fn, ...)
  if not ok then reply(sender, { error = support.message(err) }) end
end

-- Reaching connections ----------------------------------------------------------------------

function ops.broadcast(chat, _, command)
  chat.room:broadcast(command.msg, command.without)
end

function ops.broadcastBinary(chat, _, command)
  chat.room:broadcast(party.binary(support.unhex(command.hex)), command.without)
end

function ops.to(chat, sender, command)
  local target = chat.room:getConnection(command.id)
  if target then target:send(command.msg) else reply(sender, { missing = command.id }) end
end

-- Asking about connections ------------------------------------------------------------------

function ops.who(chat, sender)
  reply(sender, { who = support.sorted_ids(chat.room) })
end

function ops.order(chat, sender)
  reply(sender, { order = support.ids(chat.room) })
end

function ops.count(chat, sender)
  reply(sender, { count = #support.ids(chat.room) })
end

function ops.has(chat, sender, command)
  reply_error(sender, function()
    reply(sender, { has = chat.room:getConnection(command.id) ~= nil })
  end)
end

function ops.info(chat, sender)
  reply(sender, {
    id = sender.id,
    uri = sender.uri,
    readyState = sender.readyState,
    same = chat.room:getConnection(sender.id) == sender,
  })
end

-- Closing -----------------------------------------------------------------------------------

function ops.close(chat, sender, command)
  local target = sender
  if command.id then target = chat.room:getConnection(command.id) end
  if not target then return end
  if command.code == nil then
    reply_error(sender, target.close, target)
  elseif command.reason == nil then
    reply_error(sender, target.close, target, command.code)
  else
    reply_error(sender, target.close, target, command.code, command.reason)
  end
end

function ops.closeReasonOnly(_, sender, command)
  reply_error(sender, sender.close, sender, nil, command.reason)
end

function ops.closeTwice(chat, sender)
  attempt(chat, function()
    sender:close(4001, "first")
    sender:close(4002, "second")
  end)
end

function ops.closeThenSend(chat, sender)
  sender:close(4005, "closing")
  attempt(chat, function() sender:send "too late" end)
end

function ops.closeThenBroadcast(chat, sender)
  sender:close(4006, "closing")
  attempt(chat, function() chat.room:broadcast "after close" end)
end

function ops.closeThenIds(chat, sender)
  sender:close(4007, "closing")
  chat.last_ids = support.sorted_ids(chat.room)
end

function ops.lastError(chat, sender)
  reply(sender, { threw = chat.threw, message = chat.last_error })
end

function ops.lastIds(chat, sender)
  reply(sender, { lastIds = chat.last_ids })
end

-- Sending -----------------------------------------------------------------------------------

function ops.burst(_, sender, command)
  for i = 0, command.n - 1 do sender:send(tostring(i)) end
end

function ops.big(_, sender, command)
  sender:send(("x"):rep(command.size))
end

function ops.bigBinary(_, sender, command)
  sender:send(party.binary(("\7"):rep(command.size)))
end

function ops.sendEmpty(_, sender)
  sender:send ""
end

function ops.sendBytes(_, sender, command)
  sender:send(party.binary(support.unhex(command.hex)))
end

function ops.length(_, sender, command)
  reply(sender, { length = #command.text })
end

function ops.throw(_, _, command)
  error(command.msg)
end

return ops
