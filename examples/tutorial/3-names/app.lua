-- app.lua
local json = require("partylua").json

local Room = {}

function Room:getConnectionTags(_, ctx)
  return { ctx.request.query.role == "host" and "host" or "guest" }
end

function Room:onConnect(conn, ctx)
  conn:setState { name = ctx.request.query.name or "Somebody" }
  self:tell_hosts(conn.state.name .. " came")
end

function Room:onMessage(data, sender)
  local sent = json.decode(data)
  self.room:broadcast(json.encode { from = sender.state.name, text = sent.text })
end

function Room:onClose(conn)
  self:tell_hosts(conn.state.name .. " left")
end

function Room:tell_hosts(text)
  for host in self.room:getConnections "host" do
    host:send(json.encode { from = "room", text = text })
  end
end

return Room
