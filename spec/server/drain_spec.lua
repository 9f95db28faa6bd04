local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local APP = [[
local party = require "partylua"
local App = {}

function App:onRequest(request)
  local query = request.query
  if query.release then self.is_released = true end
  if query.wait then
    party.log.info("waiting", { what = "a request" })
    party.sleep(tonumber(query.wait))
    party.log.info "finished"
  end
  if query.stream then
    return party.Response(function(write)
      write "first "
      party.log.info("waiting", { what = "a stream" })
      party.sleep(0.2)
      write "last"
    end)
  end
  return party.Response("answered")
end

function App:onConnect(conn, ctx)
  if ctx.request.query.wait then
    party.log.info("waiting", { what = "onConnect" })
    party.sleep(0.2)
  end
  conn:send "welcome"
end

function App:onMessage(message, conn)
  if message == "slow" then
    party.log.info("waiting", { what = "onMessage" })
    party.sleep(0.2)
    party.log.info("finished", { state = conn.readyState })
  elseif message == "for ever" then
    party.log.info("waiting", { what = "for ever" })
    while true do party.sleep(3600) end
  end
end

function App:onClose(conn, code)
  party.log.info("left", { id = conn.id, code = code })
end

function App:onFetch(_, _, ctx)
  ctx:waitUntil(function()
    party.log.info("waiting", { what = "waitUntil" })
    party.sleep(0.2)
    party.log.info "ended what was left for waitUntil"
  end)
  return party.Response "answered"
end

function App:onSocket(socket)
  party.log.info("waiting", { what = "onSocket" })
  party.sleep(0.2)
  error "no socket"
end

return App
]]

local ROOM = "/party/room"
local CLOSE = 8

describe("a server that is told to stop", function()
  local server
  local function serve(timeout)
    server = party.serve(APP, { "--drain-timeout", timeout or "20s" })
  end

  after_each(function()
    server:drop_all()
    server.process:kill()
  end)

  local function drain(signal)
    server.process:signal(signal or sys.SIGTERM)
    server:expect_log "draining signal"
  end

  local function wait_for(what) server:expect_log("waiting [^\n]*what=\"?" .. what) end

  local function assert_ended()
    assert.equal(0, server.process:wait())
  end

  local function ask(query)
    local tcp = server:tcp()
    tcp:send(http.format("GET", ROOM .. query))
    return tcp
  end

  for name, signal in pairs { SIGTERM = sys.SIGTERM, SIGINT = sys.SIGINT } do
    it(("by %s ends at once when nothing is under way"):format(name), function()
      serve()
      server:get(ROOM)
      drain(signal)
      assert_ended()
    end)
  end

  it("ends connections that are idle", function()
    serve()
    local used, fresh = ask "", server:tcp()
    assert.equal("answered", http.read(used).body)
    server:get(ROOM)
    drain()
    assert.is_true(used:is_ended())
    assert.is_true(fresh:is_ended())
    used:close()
    fresh:close()
    server.opened = {}
    assert_ended()
  end)

  it("finishes requests, and accepts no more", function()
    serve()
    local one = ask "?wait=0.2"
    wait_for "a request"
    one:send(http.format("GET", ROOM))
    drain()
    local ok, late = pcall(function()
      local tcp = server:tcp()
      tcp:send(http.format("GET", ROOM))
      return http.read(tcp)
    end)
    assert.is_nil(ok and late or nil)
    local answer = http.read(one)
    assert.equal("answered", answer.body)
    assert.is_true(one:is_ended())
    server:drop_all()
    assert_ended()
  end)

  it("finishes what was given to ctx:waitUntil", function()
    serve()
    assert.equal("answered", server:get("/").body)
    wait_for "waitUntil"
    drain()
    assert_ended()
    assert.matches("ended what was left for waitUntil", server.process.output, 1, true)
  end)

  it("finishes streams", function()
    serve()
    local tcp = ask "?stream=1"
    wait_for "a stream"
    drain()
    assert.equal("first last", http.read(tcp).body)
    server:drop_all()
    assert_ended()
  end)

  it("closes WebSockets with 1012, and their rooms hear of it", function()
    serve()
    local sockets = {}
    for i = 1, 5 do
      sockets[i] = server:connect(ROOM .. "?_pk=c" .. i)
      assert.equal("welcome", sockets[i]:receive())
    end
    drain()
    for _, socket in ipairs(sockets) do
      assert.same({ 1012, "The server is restarting" }, { socket:wait_closed() })
      socket:close(1012)
    end
    for _, socket in ipairs(sockets) do assert.is_true(socket.tcp:is_ended()) end
    server:drop_all()
    assert_ended()
    for i = 1, 5 do assert.matches("left [^\n]*code=1012 id=c" .. i, server.process.output) end
  end)

  it("spreads the closing of many WebSockets over a part of its time", function()
    serve "2s"
    local sockets = {}
    for i = 1, 200 do sockets[i] = WebSocket.begin(server.port, ROOM .. "?_pk=c" .. i) end
    for _, socket in ipairs(sockets) do assert.equal(101, socket:finish_handshake().status) end
    local began, first = party.now(), nil
    drain()
    for _, socket in ipairs(sockets) do
      assert.equal(1012, (socket:wait_closed()))
      first = first or party.now() - began
      socket:close(1012)
      socket:drop()
    end
    assert.is_true(party.now() - began - first > 0.3)
    assert_ended()
  end)

  it("finishes hooks of connections that it closes", function()
    serve()
    local socket = server:connect(ROOM)
    socket:receive()
    socket:send "slow"
    wait_for "onMessage"
    drain()
    assert.equal(1012, (socket:wait_closed()))
    socket:drop()
    assert_ended()
    assert.matches("finished", server.process.output)
  end)

  it("closes connections that onConnect has not yet let in", function()
    serve()
    local socket = WebSocket.begin(server.port, ROOM .. "?wait=1")
    wait_for "onConnect"
    drain()
    assert.equal(101, socket:finish_handshake().status)
    assert.equal(1012, (socket:wait_closed()))
    socket:close(1012)
    assert.is_true(socket.tcp:is_ended())
    socket:drop()
    assert_ended()
  end)

  it("is not shaken by an onSocket that fails meanwhile", function()
    serve()
    local socket = WebSocket.begin(server.port, "/socket")
    wait_for "onSocket"
    drain()
    assert.equal(101, socket:finish_handshake().status)
    assert.equal(CLOSE, (socket:receive_frame()))
    server:expect_log "no socket"
    socket:close(1012)
    assert.is_true(socket.tcp:is_ended())
    socket:drop()
    assert_ended()
  end)

  it("waits no longer than it may, also for clients that do not answer", function()
    serve "300ms"
    local socket = server:connect(ROOM)
    socket:receive()
    local began = party.now()
    drain()
    assert.equal(1012, (socket:wait_closed()))
    assert_ended()
    assert.is_true(party.now() - began >= 0.29)
    assert.matches("drain timed out", server.process.output)
  end)

  it("names the hooks that did not end", function()
    serve "200ms"
    local socket = server:connect(ROOM)
    socket:receive()
    socket:send "for ever"
    wait_for "for ever"
    ask "?wait=3600"
    wait_for "a request"
    drain()
    assert_ended()
    local log = server.process.output
    assert.matches("hook still waiting party=main room=room hook=onMessage", log)
    assert.matches("hook still waiting party=main room=room hook=onRequest", log)
  end)

  it("twice ends at once", function()
    serve "1h"
    local socket = server:connect(ROOM)
    socket:receive()
    socket:send "for ever"
    wait_for "for ever"
    drain()
    server.process:signal(sys.SIGTERM)
    assert_ended()
  end)
end)
