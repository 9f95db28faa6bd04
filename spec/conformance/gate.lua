--- gate: static onBeforeRequest and onBeforeConnect, both driven by `?mode=`.

local party = require "partylua"
local support = require "support"

local Headers, Request, Response, URL = party.Headers, party.Request, party.Response, party.URL

local modes = {}

function modes.header(req, _, hook)
  req.headers:set("x-gate", hook)
  return req
end

function modes.newrequest(req, _, hook)
  local headers = Headers(req.headers)
  headers:set("x-gate", hook .. " new")
  return Request(req.url, { method = req.method, headers = headers })
end

function modes.deny(_, _, hook)
  return Response("denied by " .. hook, { status = 403, headers = { ["x-denied"] = hook } })
end

function modes.ok200()
  return Response("short cut", { status = 200 })
end

function modes.throw(_, _, hook)
  error(hook .. " refused")
end

function modes.throwasync(_, _, hook)
  party.sleep(0.01)
  error(hook .. " refused later")
end

function modes.throwempty()
  error ""
end

function modes.throwstring()
  error("refused by string", 0) -- level 0: nothing but the string
end

function modes.nothing() end

function modes.lobby(_, lobby)
  return Response.json {
    id = lobby.id,
    greeting = lobby.env.GREETING,
    hasParties = lobby.parties ~= nil,
  }
end

--- Lets another room decide.
function modes.ask(req, lobby)
  local answer = lobby.parties.notes:get(lobby.id .. "-list"):fetch():json()
  for _, note in ipairs(answer.notes) do
    if note == "blocked" then return Response("blocked by list", { status = 403 }) end
  end
  return req
end

function modes.rewrite(req)
  local url = URL(req.url)
  url.pathname = url.pathname .. "/rewritten"
  url.searchParams:set("extra", "1")
  return Request(url.href, req)
end

local function check(req, lobby, hook)
  local mode = modes[req.searchParams:get "mode"]
  if mode then return mode(req, lobby, hook) end
  return req
end

local Gate = {}

function Gate:onBeforeRequest(req, lobby)
  return check(req, lobby, "onBeforeRequest")
end

function Gate:onBeforeConnect(req, lobby)
  return check(req, lobby, "onBeforeConnect")
end

function Gate:onRequest(req)
  return Response.json {
    reached = "onRequest",
    id = self.room.id,
    method = req.method,
    path = req.path,
    search = req.search,
    gate = req.headers:get "x-gate",
    body = req:text(),
  }
end

function Gate:onConnect(connection, ctx)
  local req = ctx.request
  support.reply(connection, {
    reached = "onConnect",
    id = connection.id,
    path = req.path,
    search = req.search,
    gate = req.headers:get "x-gate",
  })
end

function Gate:onMessage(message, sender)
  sender:send(message)
end

return Gate
