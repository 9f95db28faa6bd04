--- Each room is a poll with one question. Votes are stored, one for each voter, who may change it.

local party = require "partylua"

local json, Response = party.json, party.Response

local QUESTION = "What shall we have for lunch?"
local OPTIONS = json.array { "Pizza", "Salad", "Soup" }
-- Each voter is remembered, and a stranger can make up voters: their number needs an end.
local VOTERS_MAX = 10000

---@class Poll : party.Server
---@field votes integer[]    by option
---@field voters integer
local Poll = {}

Poll.options = { hibernate = true }

function Poll:onStart()
  self.votes, self.voters = json.array {}, 0
  for i = 1, #OPTIONS do self.votes[i] = 0 end
  for _, option in self.room.storage:list { prefix = "vote:" } do
    self.votes[option] = self.votes[option] + 1
    self.voters = self.voters + 1
  end
end

function Poll:result()
  return { type = "result", question = QUESTION, options = OPTIONS, votes = self.votes }
end

--- The page makes up a name for its browser and keeps it. Who clears it votes again: where that
--- matters, ask for a login in onBeforeConnect.
function Poll:onConnect(conn, ctx)
  local voter = ctx.request.query.voter
  if type(voter) ~= "string" or not voter:find "^%w+$" or #voter < 8 or #voter > 64 then
    return conn:close(4400, "the voter must be 8 to 64 letters and digits")
  end
  conn:setState { voter = voter }
  conn:send(json.encode(self:result()))
end

--- A message is { vote = 1 }: the number of an option.
function Poll:onMessage(data, sender, isBinary)
  local ok, sent = pcall(json.decode, data)
  local option = not isBinary and ok and type(sent) == "table" and sent.vote
  if type(option) ~= "number" or not OPTIONS[option] then
    local why = ("a vote is { vote } with a number from 1 to %d"):format(#OPTIONS)
    return sender:send(json.encode { type = "error", message = why })
  end
  if not self:count(sender.state.voter, option) then
    return sender:send(json.encode { type = "error", message = "no more votes are taken" })
  end
  self.room:broadcast(json.encode(self:result()))
end

--- Takes a vote, in place of an earlier one.
function Poll:count(voter, option)
  local storage = self.room.storage
  local earlier = storage:get("vote:" .. voter)
  if not earlier and self.voters == VOTERS_MAX then return false end
  if earlier then
    self.votes[earlier] = self.votes[earlier] - 1
  else
    self.voters = self.voters + 1
  end
  self.votes[option] = self.votes[option] + 1
  storage:put("vote:" .. voter, option)
  return true
end

function Poll:onRequest(request)
  if request.method ~= "GET" then return Response("only GET\n", { status = 405 }) end
  return Response.json(self:result())
end

return Poll
