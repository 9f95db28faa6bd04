--- poll: each room is a poll. It is made and read over HTTP, voted in over HTTP or a WebSocket,
--- and its result is told to all who watch, over the WebSocket.
---
---   POST /parties/main/ID          { "question": "…", "options": ["…", "…"] }
---   GET  /parties/main/ID
---   POST /parties/main/ID/votes    { "option": "…", "voter": "…" }

local party = require "partylua"
local Ballot = require "ballot"

local json, Response = party.json, party.Response

local OPEN_SECONDS = 3600

---@class Poll : party.Server
---@field ballot? Ballot    none until somebody makes the poll
local Poll = {}

function Poll:onStart()
  self.ballot = Ballot.load(self.room.storage)
end

-- HTTP ------------------------------------------------------------------------------------------

local function refuse(status, why)
  return Response.json({ error = why }, { status = status })
end

--- The part of a path behind the room's own.
local function sub_path(path)
  return path:match "^/parties/[^/]+/[^/]+(.*)" or path:match "^/party/[^/]+(.*)"
end

function Poll:onRequest(request)
  local route = request.method .. " " .. sub_path(request.path)
  if route == "GET " then return self:show() end
  if route ~= "POST " and route ~= "POST /votes" then
    return refuse(404, "there is nothing here")
  end
  -- Reading waits for the body, and other requests get their turn meanwhile. So it comes first:
  -- below, nothing waits between looking at the ballot and changing it.
  local is_json, sent = pcall(request.json, request)
  if not is_json then return refuse(400, "the body must be JSON") end
  return route == "POST " and self:create(sent) or self:take_vote(sent)
end

function Poll:show(status)
  if not self.ballot then return refuse(404, "there is no such poll") end
  return Response.json(self.ballot:result(), { status = status })
end

function Poll:create(sent)
  if self.ballot then return refuse(409, "there is such a poll already") end
  local ballot, why, status = Ballot.create(self.room.storage, sent)
  if not ballot then return refuse(status, why) end
  self.ballot = ballot
  -- An alarm is stored like the poll: it wakes the room, also after a restart.
  local seconds = tonumber(self.room.env.POLL_SECONDS) or OPEN_SECONDS
  self.room.storage:setAlarm(party.now() + seconds * 1000)
  self:tell_result()
  return self:show(201)
end

function Poll:take_vote(sent)
  if not self.ballot then return refuse(404, "there is no such poll") end
  local is_taken, why, status = self.ballot:vote(sent)
  if not is_taken then return refuse(status, why) end
  self:tell_result()
  return self:show()
end

-- WebSocket -------------------------------------------------------------------------------------

--- Everybody who connects sees the poll, or null where there is none yet.
function Poll:onConnect(conn)
  conn:send(self:result_message())
end

--- A message is a vote, { option, voter }. The answer to a good one is the new result.
function Poll:onMessage(data, sender, isBinary)
  local is_json, sent = pcall(json.decode, data)
  local is_taken, why = nil, "a vote must be JSON"
  if not self.ballot then
    why = "there is no such poll"
  elseif is_json and not isBinary then
    is_taken, why = self.ballot:vote(sent)
  end
  if is_taken then return self:tell_result() end
  sender:send(json.encode { type = "error", message = why })
end

-- Both ------------------------------------------------------------------------------------------

function Poll:result_message()
  local result = self.ballot and self.ballot:result() or json.null
  return json.encode { type = "poll", poll = result }
end

function Poll:tell_result()
  self.room:broadcast(self:result_message())
end

function Poll:onAlarm()
  self.ballot:close()
  self:tell_result()
end

return Poll
