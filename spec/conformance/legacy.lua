--- legacy: the older object form, in which hooks get the room as an argument.

local party = require "partylua"

local json, Response = party.json, party.Response

return party.legacy {
  onBeforeConnect = function(req, lobby)
    if not req.searchParams:has "deny" then return req end
    return Response("legacy says no to " .. lobby.id, { status = 403 })
  end,

  onBeforeRequest = function(req)
    if not req.searchParams:has "deny" then return req end
    return Response("legacy says no", { status = 403 })
  end,

  onConnect = function(connection, room, ctx)
    connection:send(json.encode {
      legacy = true,
      id = connection.id,
      room = room.id,
      name = room.name,
      search = ctx.request.search,
    })
  end,

  onMessage = function(message, connection, room)
    if message == "everyone" then
      room:broadcast("hello from " .. connection.id)
    else
      connection:send("legacy:" .. message)
    end
  end,

  onClose = function(connection, room)
    room:broadcast("left " .. connection.id)
  end,

  onRequest = function(req, room)
    if req.searchParams:has "throw" then error "legacy request failed" end
    return Response.json {
      legacy = true,
      method = req.method,
      room = room.id,
      body = req:text(),
    }
  end,
}
