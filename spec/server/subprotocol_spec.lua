local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Room = {}

local choices = {}
function choices.name(request) request.headers:set("sec-websocket-protocol", request.query.name) end
function choices.none(request) request.headers:delete "sec-websocket-protocol" end
function choices.new(request) return party.Request(request.url) end
function choices.copy(request) return party.Request(request) end
function choices.new_name(request)
  return party.Request(request.url,
    { headers = { ["sec-websocket-protocol"] = request.query.name } })
end

function Room:onBeforeConnect(request)
  local choose = choices[request.query.pick]
  if choose then return choose(request) end
end

function Room:onConnect(conn)
  conn:accept()
  conn:send(("%s %q %s"):format(conn.protocol, conn.extensions, tostring(conn.url)))
end

return Room
]]

describe("the sub-protocol of a WebSocket", function()
  local server
  after_each(function() server:stop() end)

  --- What is chosen, by the handshake and as the room sees it; or the answer that refuses.
  local function ask(query, offered)
    local headers = offered and { "Sec-WebSocket-Protocol: " .. offered } or {}
    local socket = server:connect("/party/a?" .. query, { headers = headers })
    if socket.answer.status ~= 101 then return socket.answer end
    local chosen = socket.answer.headers["sec-websocket-protocol"]
    assert.equal((chosen or "") .. ' "" nil', socket:receive())
    return chosen
  end

  it("is the first that is offered, when nobody says otherwise", function()
    server = party.serve(APP)
    assert.equal("a", ask("", "a, b"))
    assert.equal("a", ask("pick=new", "a, b"))
    assert.equal("a", ask("pick=copy", "a, b"))
    assert.is_nil(ask "")
  end)

  it("is what onBeforeConnect lets on", function()
    server = party.serve(APP)
    assert.equal("b", ask("pick=name&name=b", "a, b"))
    assert.equal("b", ask("pick=new_name&name=b", "a,b"))
    assert.is_nil(ask("pick=none", "a, b"))
    assert.is_nil(ask("pick=name&name=", "a, b"))
  end)

  it("cannot be one that the client does not offer", function()
    server = party.serve(APP)
    local answer = ask("pick=name&name=c", "a, b")
    assert.equal(401, answer.status)
    assert.equal('onBeforeConnect chose the sub-protocol "c", which the client does not offer',
      answer.body)
    assert.equal(401, ask "pick=name&name=c".status)
  end)

  it("is the best of those that are spoken here", function()
    server = party.serve(APP, { "--subprotocols", "v3,v2", "--subprotocols", "v1" })
    assert.equal("v2", ask("", "v1, v2"))
    assert.is_nil(ask("", "v9"))
    assert.equal("v1", ask("pick=name&name=v1", "v1, v2"))
    server:stop()
    local path, folder = party.write_file("app.lua", APP)
    party.write_file("partylua.json", '{ "subprotocols": ["b"] }', folder)
    server = party.serve(path, nil, folder)
    assert.equal("b", ask("", "a, b"))
  end)
end)
