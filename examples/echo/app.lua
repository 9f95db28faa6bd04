--- echo: the smallest party. What comes in goes out again, over WebSocket and over HTTP.

local party = require "partylua"

local Response = party.Response

---@class Echo : party.Server
local Echo = {}

--- Lua keeps text and bytes in the same kind of string, so a message that came as bytes is
--- marked as binary before it goes out; a plain string would go as text.
function Echo:onMessage(message, sender, isBinary)
  sender:send(isBinary and party.binary(message) or message)
end

--- A request's body comes back as it arrives, without being gathered in memory first. It comes
--- back as plain bytes: with the sender's content type, a form of some other site could make
--- browsers show its own page under our name.
function Echo:onRequest(request)
  if request.method ~= "POST" then
    return Response("POST something, or open a WebSocket here.\n")
  end
  return Response(request.body, {
    headers = { ["content-type"] = "application/octet-stream" },
  })
end

return Echo
