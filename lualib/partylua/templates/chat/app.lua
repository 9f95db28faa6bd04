--- People in a room talk. Who comes later sees the last messages, also after a restart.

local party = require "partylua"

local json, Response = party.json, party.Response

local HISTORY_MAX = 50
local TEXT_BYTES_MAX = 1000
local NAME_BYTES_MAX = 60

---@class Chat : party.Server
---@field history table[]    the last messages, oldest first
local Chat = {}

-- The room leaves memory while nobody says anything; its connections stay.
Chat.options = { hibernate = true }

function Chat:onStart()
  self.history = self.room.storage:get "history" or json.array {}
end

--- A text as a stranger may send it: with something in it, and not too long.
local function is_text(value, bytes_max)
  return type(value) == "string" and #value <= bytes_max and value:find "%S" ~= nil
end

local function read(data, is_binary)
  local ok, message = pcall(json.decode, data)
  if is_binary or not ok or type(message) ~= "table" then return nil end
  return is_text(message.text, TEXT_BYTES_MAX) and message.text or nil
end

function Chat:onConnect(conn, ctx)
  local name = ctx.request.query.name
  conn:setState { name = is_text(name, NAME_BYTES_MAX) and name or "Guest" }
  conn:send(json.encode { type = "history", messages = self.history })
end

function Chat:onMessage(data, sender, isBinary)
  local text = read(data, isBinary)
  if not text then
    local why = ("a message is { text } of up to %d bytes"):format(TEXT_BYTES_MAX)
    return sender:send(json.encode { type = "error", message = why })
  end
  local said = { type = "message", name = sender.state.name, text = text, at = party.now() }
  table.insert(self.history, said)
  if #self.history > HISTORY_MAX then table.remove(self.history, 1) end
  self.room.storage:put("history", self.history)
  self.room:broadcast(json.encode(said))
end

--- The room over HTTP: for a look with curl, or for a bot.
function Chat:onRequest(request)
  if request.method ~= "GET" then return Response("only GET\n", { status = 405 }) end
  return Response.json { room = self.room.id, messages = self.history }
end

return Chat
