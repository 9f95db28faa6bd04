--- main_fetch: the answers of the main party's onFetch, by path.

local party = require "partylua"

local json, Response = party.json, party.Response

local fetches = {}

local function room_asked_for(req)
  return req.searchParams:get "room" or "none"
end

fetches["/fetch/echo"] = function(req)
  return Response.json {
    method = req.method,
    path = req.path,
    search = req.search,
    header = req.headers:get "x-test",
    body = req:text(),
  }
end

fetches["/fetch/custom"] = function()
  return Response("custom", { status = 202, headers = { ["x-custom"] = "yes" } })
end

fetches["/fetch/env"] = function(_, lobby)
  return Response.json(lobby.env)
end

fetches["/fetch/lobby"] = function(_, lobby)
  return Response.json {
    hasId = lobby.id ~= nil,
    hasEnv = lobby.env ~= nil,
    hasParties = lobby.parties ~= nil,
  }
end

fetches["/fetch/room"] = function(req, lobby)
  local answer = lobby.parties.echo:get(room_asked_for(req)):fetch("/from-fetch?k=v", {
    method = "POST",
    body = "lobby body",
  })
  return Response.json { status = answer.status, body = answer:json() }
end

fetches["/fetch/later"] = function(req, lobby, ctx)
  local room = room_asked_for(req)
  ctx:waitUntil(function()
    party.sleep(0.1)
    lobby.parties.notes:get(room):fetch { method = "POST", body = json.encode "written later" }
  end)
  return Response "answered first"
end

fetches["/fetch/throw"] = function()
  error "onFetch exploded"
end

fetches["/fetch/override.txt"] = function()
  return Response "from onFetch"
end

return fetches
