--- app: what real clients talk to in these tests. Rooms echo, and tell what they have seen.

local party = require "partylua"

local json, Response = party.json, party.Response

---@class ClientsApp : party.Server
---@field closed table[]    how each connection that has gone did so
local App = {}

function App:onStart()
  self.closed = json.array {}
end

function App:onConnect(conn, ctx)
  local request = ctx.request
  conn:send(json.encode {
    id = conn.id, room = self.room.id, path = request.path, query = json.object(request.query),
  })
end

--- Echoes; `close CODE REASON` closes instead.
function App:onMessage(message, sender, isBinary)
  if isBinary then return sender:send(party.binary(message)) end
  local code, reason = message:match "^close (%d+) (.*)$"
  if code then return sender:close(tonumber(code), reason) end
  sender:send(message)
end

function App:onClose(conn, code, reason, wasClean)
  table.insert(self.closed, { id = conn.id, code = code, reason = reason, wasClean = wasClean })
end

-- HTTP, by sub-path and method.
local routes = {}

routes["GET /closed"] = function(self)
  return Response.json(self.closed)
end

routes["POST /upload"] = function(_, request)
  local bytes, chunks, sum = 0, 0, 0
  for chunk in request:chunks() do
    bytes, chunks = bytes + #chunk, chunks + 1
    for i = 1, #chunk do sum = (sum * 31 + chunk:byte(i)) % 65521 end
  end
  return Response.json { bytes = bytes, chunks = chunks, sum = sum }
end
routes["PUT /upload"] = routes["POST /upload"]

routes["POST /form"] = function(_, request)
  local fields = json.array {}
  for name, value in request:formData():entries() do
    local is_file = type(value) == "table"
    table.insert(fields, {
      name = name, text = is_file and value:text() or value,
      file = is_file and value.name or nil, type = is_file and value.type or nil,
    })
  end
  return Response.json(fields)
end

routes["GET /stream"] = function()
  return Response(function(write)
    for i = 1, 3 do
      write("piece " .. i .. "\n")
      party.sleep(0.01)
    end
  end)
end

function App:onRequest(request)
  local route = request.method .. " " .. request.path:match "^/parties/[^/]+/[^/]+(.*)"
  if routes[route] then return routes[route](self, request) end
  return Response.json({
    method = request.method, path = request.path, query = json.object(request.query),
    type = request.headers:get "content-type", agent = request.headers:get "user-agent",
    body = request:text(),
  }, { headers = { ["x-room"] = self.room.id } })
end

return App
