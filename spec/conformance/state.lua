--- state: connection.state and connection:setState, driven by JSON commands.

local party = require "partylua"
local support = require "support"

local json = party.json
local reply = support.reply

local ops = {}

function ops.get(_, sender)
  reply(sender, { state = sender.state, isNull = sender.state == nil })
end

function ops.set(_, sender, command)
  local returned = sender:setState(command.value)
  reply(sender, { returned = returned, state = sender.state })
end

function ops.clear(_, sender)
  local returned = sender:setState(json.null)
  reply(sender, { returnedNull = returned == nil, isNull = sender.state == nil })
end

function ops.setUndefined(_, sender)
  sender:setState(nil)
  reply(sender, { isNull = sender.state == nil })
end

local function one_more(previous)
  local following = {}
  for key, value in pairs(previous or {}) do following[key] = value end
  following.n = (following.n or 0) + 1
  return following
end

function ops.inc(_, sender)
  reply(sender, { returned = sender:setState(one_more) })
end

function ops.updaterSees(_, sender)
  local seen = "unset"
  sender:setState(function(previous)
    seen = previous
    return { replaced = true }
  end)
  reply(sender, { seen = seen, state = sender.state })
end

function ops.updaterThrows(_, sender)
  local ok, err = pcall(sender.setState, sender, function() error "updater failed" end)
  if ok then return reply(sender, { error = json.null }) end
  reply(sender, { error = support.message(err), state = sender.state })
end

function ops.setBig(_, sender, command)
  local ok, err = pcall(sender.setState, sender, { text = ("x"):rep(command.size) })
  if not ok then return reply(sender, { error = support.message(err) }) end
  reply(sender, { length = #sender.state.text })
end

function ops.mutateInput(_, sender)
  local value = { n = 1 }
  sender:setState(value)
  value.n = 99
  reply(sender, { n = sender.state.n })
end

--- The older names of setState and state.
function ops.attach(_, sender, command)
  sender:serializeAttachment(command.value)
  reply(sender, { attachment = sender:deserializeAttachment(), state = sender.state })
end

function ops.of(server, sender, command)
  local other = server.room:getConnection(command.id)
  reply(sender, { id = command.id, found = other ~= nil, state = other and other.state })
end

function ops.setOf(server, sender, command)
  local other = server.room:getConnection(command.id)
  if other then other:setState(command.value) end
  reply(sender, { ok = true })
end

function ops.all(server, sender)
  local all = {}
  for connection in server.room:getConnections() do
    local state = connection.state
    all[connection.id] = state == nil and json.null or state
  end
  reply(sender, { all = all })
end

local State = {}

function State:onConnect(connection, ctx)
  if ctx.request.searchParams:has "init" then
    connection:setState { from = "onConnect", n = 0 }
  end
end

function State:onMessage(message, sender)
  local command = json.decode(message)
  local run = ops[command.op]
  if run then run(self, sender, command) end
end

function State:onClose(connection)
  local before = connection.state
  local ok, err = pcall(connection.setState, connection, { gone = true })
  local after = ok and connection.state or { error = support.message(err) }
  self.room:broadcast(json.encode { closed = connection.id, before = before, after = after })
end

return State
