--- echo: describes what it was asked, over HTTP and over WebSocket.

local party = require "partylua"
local support = require "support"

local Echo = {}

function Echo:onRequest(req)
  return party.Response.json {
    party = self.room.name,
    id = self.room.id,
    method = req.method,
    url = req.url,
    path = req.path,
    search = req.search,
    headers = support.x_headers(req),
    body = req:text(),
  }
end

function Echo:onConnect(connection, ctx)
  local req = ctx.request
  support.reply(connection, {
    type = "connected",
    party = self.room.name,
    room = self.room.id,
    id = connection.id,
    uri = connection.uri,
    method = req.method,
    url = req.url,
    path = req.path,
    search = req.search,
    upgrade = req.headers:get "upgrade",
    headers = support.x_headers(req),
  })
end

function Echo:onMessage(message, sender, isBinary)
  sender:send(isBinary and party.binary(message) or message)
end

return Echo
