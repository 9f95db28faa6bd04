--- http: the path after the room id selects what happens, see http_actions.

local party = require "partylua"
local actions = require "http_actions"
local support = require "support"

local Response = party.Response

---@class conformance.Http : party.Server
---@field count integer
local Http = {}

function Http:constructor()
  self.count = 0
end

function Http:onRequest(req)
  local name = support.after_room(req)
  local action = actions[name]
  if action then return action(req, req.searchParams, self) end
  return Response("no such action: " .. name, { status = 404 })
end

return Http
