--- assistant: people in a room talk, and a model answers whoever writes @assistant.
---
--- Everybody sees the answer while it is written, and anybody may stop it. It is given up as well
--- when the last one leaves: a model that nobody listens to costs as much as one that is heard.

local party = require "partylua"
local protocol = require "protocol"

local json, Response = party.json, party.Response

local MODEL = "assistant" -- partylua.json says which one that is
local NAME = "Assistant"
local HISTORY_MAX = 50
local REMEMBERED_MAX = 20 -- of those, what the model is told
local ANSWER_BYTES_MAX = 16 * 1024
local INSTRUCTION = "You are Assistant, one of several people in a chat room. Each message of the "
  .. "others begins with its author's name. Answer the last one in a few sentences of plain text."

---@class Assistant : party.Server
---@field history table[]    the last messages, oldest first
---@field visits integer    how many connections there have been
---@field answer? table    what the model is saying: id, name, text and perhaps its stream
local Assistant = {}

function Assistant:onStart()
  self.history = json.array {}
  self.visits = 0
end

function Assistant:onConnect(conn)
  self.visits = self.visits + 1
  conn:setState { number = self.visits }
  local answer = self.answer
  conn:send(json.encode {
    type = "welcome", you = self.visits, people = self:people(), messages = self.history,
    answer = answer and { id = answer.id, name = NAME, text = answer.text, at = answer.at },
  })
end

function Assistant:onMessage(data, sender, isBinary)
  local message, why = protocol.read(data, isBinary)
  if not message then return self:refuse(sender, why) end
  self[message.type](self, message.value, sender) -- join, say or stop; protocol knows no others
end

function Assistant:onClose(conn)
  if conn.state.name then self:tell { type = "left", id = conn.state.number } end
  local count = 0
  for _ in self.room:getConnections() do count = count + 1 end
  if count == 0 then self:stop() end
end

--- The room over HTTP, for a look with curl.
function Assistant:onRequest()
  return Response.json { room = self.room.id, people = self:people(), messages = self.history }
end

-- What a page may ask for -----------------------------------------------------------------------

function Assistant:join(name, sender)
  sender:setState { number = sender.state.number, name = name }
  self:tell { type = "joined", id = sender.state.number, name = name }
end

function Assistant:say(text, sender)
  local name = sender.state.name
  if not name then return self:refuse(sender, "join first, with a name") end
  self:keep { id = party.uuid(), from = sender.state.number, name = name, text = text,
    at = party.now() }
  if not text:lower():find("@assistant", 1, true) then return end
  if self.answer then return self:refuse(sender, "one answer at a time: wait, or stop it") end
  self:ask()
end

--- Ends the answer that is being written; what there is of it stays.
function Assistant:stop()
  local answer = self.answer
  if not answer then return end
  answer.is_stopped = true
  answer.controller:abort "somebody has stopped it"
end

-- The model -------------------------------------------------------------------------------------

--- The talk as the model sees it.
function Assistant:conversation()
  local messages = { { role = "system", content = INSTRUCTION } }
  for i = math.max(1, #self.history - REMEMBERED_MAX + 1), #self.history do
    local said = self.history[i]
    messages[#messages + 1] = said.is_model and { role = "assistant", content = said.text }
      or { role = "user", content = ("%s: %s"):format(said.name, said.text) }
  end
  return messages
end

--- Passes on what the model says while it says it. Waits; other messages are heard meanwhile.
function Assistant:listen(answer)
  local stream = self.room.context.ai:run(MODEL,
    { messages = self:conversation(), stream = true }, { signal = answer.controller.signal })
  for text in stream:texts() do
    answer.text = answer.text .. text
    self:tell { type = "piece", id = answer.id, text = text }
    if #answer.text > ANSWER_BYTES_MAX then stream:cancel() end
  end
end

function Assistant:ask()
  if not self.room.context.ai then
    return self:tell { type = "error", message = "no model is configured: see README.md" }
  end
  local answer = {
    id = party.uuid(), text = "", at = party.now(), controller = party.AbortController(),
  }
  self.answer = answer
  self:tell { type = "answer", id = answer.id, name = NAME, at = answer.at }
  local ok, why = pcall(self.listen, self, answer)
  self.answer = nil
  if not ok and not answer.is_stopped then
    party.log.warn("no answer", { reason = tostring(why) }) -- for the operator alone
    self:tell { type = "error", message = "the assistant cannot answer now" }
  end
  self:tell { type = "end", id = answer.id }
  if answer.text == "" then return end
  self:remember { id = answer.id, name = NAME, text = answer.text, at = answer.at, is_model = true }
end

-- Helpers ---------------------------------------------------------------------------------------

function Assistant:remember(message)
  table.insert(self.history, message)
  if #self.history > HISTORY_MAX then table.remove(self.history, 1) end
end

function Assistant:keep(message)
  self:remember(message)
  message.type = "message"
  self:tell(message)
end

--- Those who have a name, in the order they came.
function Assistant:people()
  local people = json.array {}
  for conn in self.room:getConnections() do
    local state = conn.state
    if state and state.name then table.insert(people, { id = state.number, name = state.name }) end
  end
  return people
end

function Assistant:tell(event)
  self.room:broadcast(json.encode(event))
end

function Assistant:refuse(conn, why)
  conn:send(json.encode { type = "error", message = why })
end

return Assistant
