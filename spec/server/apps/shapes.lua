--- A room that tells which fields hooks are given, and which fields calls look at.

local History = require "partylua.history"
local Presence = require "partylua.presence"
local RateLimit = require "partylua.ratelimit"
local jwt = require "partylua.jwt"
local party = require "partylua"

local seen = {}

local function add(class, name)
  seen[class] = seen[class] or {}
  seen[class][tostring(name)] = true
end

local function note(class, given)
  for name in pairs(given) do add(class, name) end
end

--- Options that note what is looked at, and have these values.
local function options(class, values)
  return setmetatable({}, { __index = function(_, name)
    add(class, name)
    return values and values[name]
  end })
end

local Shapes = {}

function Shapes:onConnect(conn, ctx)
  local presence = Presence(self.room, options "partylua.PresenceOptions")
  presence:enter(conn, { name = "Ann" })
  note("partylua.Person", presence:list()[1])
  note("partylua.ConnectionContext", ctx)
  for _, kind in ipairs { "message", "close" } do
    conn:addEventListener(kind, function(event) note("partylua.SocketEvent", event) end)
  end
end

function Shapes:onMessage() end

--- The error event has no other way to come about than bytes that break the protocol.
function Shapes:onError(_, err) note("partylua.SocketEvent", { message = err.message }) end

function Shapes:onCron(cron) note("partylua.Cron", cron) end

function Shapes:onSocket(socket)
  if socket.request.method then add("partylua.FetchSocket", "request") end
end

local function take_options(self)
  party.Request("http://a/", options "partylua.RequestInit")
  party.Response("a", options "partylua.ResponseInit")
  pcall(party.fetch, "http://192.0.2.1:1/", options "partylua.FetchInit")
  pcall(party.WebSocket, "ws://192.0.2.1:1/", nil, options "partylua.WebSocketInit")
  local storage = self.room.storage
  storage:put("a", 1, options "partylua.WriteOptions")
  storage:list(options "partylua.ListOptions")
end

local function take_options_of_modules(self)
  local history = History(self.room, options "partylua.HistoryOptions")
  history:add "hello"
  note("partylua.HistoryItem", history:list(options "partylua.HistoryListOptions")[1])
  RateLimit(options("partylua.RateLimitOptions", { count = 1, seconds = 1 }))
  local secret = ("s"):rep(64)
  local token = jwt.sign({}, secret, options "partylua.JwtSignOptions")
  assert(jwt.verify(token, secret, options "partylua.JwtVerifyOptions"))
end

local function take_context(self)
  local _, shared = debug.getupvalue(require("partylua.context").shared, 1)
  note("partylua.RoomContext", shared)
  if self.room.context.parties then add("partylua.RoomContext", "parties") end
end

function Shapes:onRequest()
  take_options(self)
  take_options_of_modules(self)
  take_context(self)
  return party.Response.json(seen)
end

return Shapes
