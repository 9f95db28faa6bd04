--- stub: reaches other rooms through room.context.parties. The path segment after the room id
--- selects a case, `?to=` names the target room; see stub_cases.

local party = require "partylua"
local cases = require "stub_cases"
local support = require "support"

local Response = party.Response

local Stub = {}

function Stub:onRequest(req)
  local case = cases[support.after_room(req):match "^[^/]*"]
  if not case then return Response.json { error = "no such case" } end
  local to = req.searchParams:get "to" or "target"
  local ok, answer = pcall(case, self.room.context.parties, to, self.room)
  if not ok then answer = { error = support.message(answer) } end
  return Response.json(answer)
end

return Stub
