--- main: served at /party/:room and /parties/main/:room, and owner of the project-wide static
--- hooks onFetch, onSocket and onCron.

local party = require "partylua"
local fetches = require "main_fetch"

local json, Response = party.json, party.Response

local Main = {}

function Main:constructor()
  self.visits = 0
end

function Main:onConnect(connection)
  connection:send("welcome " .. self.room.id)
end

function Main:onMessage(message, sender, isBinary)
  if not isBinary then sender:send("main:" .. message) end
end

function Main:onRequest(req)
  self.visits = self.visits + 1
  return Response.json {
    party = self.room.name,
    id = self.room.id,
    method = req.method,
    path = req.path,
    search = req.search,
    visits = self.visits,
  }
end

function Main:onFetch(req, lobby, ctx)
  local answer = fetches[req.path]
  return answer and answer(req, lobby, ctx)
end

local function greet_from_lobby(socket, lobby)
  socket:send(json.encode {
    hasId = lobby.id ~= nil,
    greeting = lobby.env.GREETING,
    hasParties = lobby.parties ~= nil,
  })
end

local function answer_messages(socket)
  socket:addEventListener("message", function(event)
    if event.isBinary then return socket:send(party.binary(event.data)) end
    if event.data == "close" then return socket:close(4100, "done") end
    socket:send("socket:" .. event.data)
  end)
end

function Main:onSocket(socket, lobby)
  local req = socket.request
  if req.path == "/socket/throw" then error "onSocket exploded" end
  if req.path == "/socket/lobby" then return greet_from_lobby(socket, lobby) end
  socket:send(json.encode {
    hello = "socket",
    path = req.path,
    search = req.search,
    header = req.headers:get "x-test",
  })
  answer_messages(socket)
end

function Main:onCron(cron, lobby)
  if cron.name == "failing" then error "cron exploded" end
  lobby.parties.notes:get("cron-" .. cron.name):fetch {
    method = "POST",
    body = json.encode {
      name = cron.name,
      cron = cron.cron,
      timeIsRecent = math.abs(party.now() - cron.scheduledTime) < 60000,
      greeting = lobby.env.GREETING,
      hasId = lobby.id ~= nil,
    },
  }
end

return Main
