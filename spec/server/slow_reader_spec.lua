local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}

local KIB64 = ("0123456789abcdef"):rep(4096)
local MIB = KIB64:rep(16)

function App:onMessage(message, conn)
  if message ~= "tell" then return conn:send(message) end
  self.told = (self.told or 0) + 1
  self.room:broadcast(("%08d"):format(self.told) .. KIB64)
end

function App:onClose(conn, code)
  party.log.info("left", { id = conn.id, code = code })
end

function App:onRequest(request)
  if request.query.mib then return party.Response(MIB:rep(tonumber(request.query.mib))) end
  if request.query.stream then
    return party.Response(function(write)
      while write(KIB64) do end
      party.log.info "stopped"
    end)
  end
  return party.Response "ok"
end

return App
]]

local ROOM = "/party/room"
local MIB = 1024 * 1024
local MESSAGE_BYTES = 8 + 65536

--- Does something again and again for a while.
local function keep_on(seconds, act)
  local began = party.now()
  party.eventually("time passes", function()
    act()
    return party.now() - began > seconds
  end)
end

describe("a WebSocket that is read too slowly", function()
  local server, ann
  setup(function()
    server = party.serve(APP, { "--queued-bytes", "256KiB", "--close-timeout", "2s" })
  end)
  teardown(function() server:stop() end)

  --- The room is told more than the kernel's buffers take; Bob reads it.
  local function tell(room)
    local bob = server:connect(room .. "?_pk=bob")
    for i = 1, 500 do -- 32 MB
      bob:send "tell"
      local message = bob:receive()
      if #message ~= MESSAGE_BYTES or message:sub(1, 8) ~= ("%08d"):format(i) then
        error("message " .. i .. " is wrong")
      end
    end
  end

  it("is closed with 1013 after what was queued, and delays nobody", function()
    tell "/party/before"
    local before = server:memory()
    ann = server:connect("/party/wakes?_pk=ann", { receive_bytes = 4096 })
    tell "/party/wakes"
    assert.is_true(server:memory() - before < 6 * MIB)
    local count = 0
    while true do
      local message = ann:receive()
      if not message then break end
      count = count + 1
      assert.equal(("%08d"):format(count), message:sub(1, 8))
      assert.equal(MESSAGE_BYTES, #message)
    end
    assert.same({ 1013, "The connection reads too slowly" }, { ann.closed.code, ann.closed.reason })
    assert.is_true(count < 500)
    ann:close(1013)
    assert.is_true(ann.tcp:is_ended())
    server:expect_log "left [^\n]*code=1013 id=ann"
  end)

  it("is given up when it never reads", function()
    ann = server:connect("/party/sleeps?_pk=ann", { receive_bytes = 4096 })
    tell "/party/sleeps"
    server:expect_log "left [^\n]*code=1006 id=ann"
  end)

  it("cannot make the server queue answers to its pings", function()
    local before = server:memory()
    local socket = server:connect(ROOM, { receive_bytes = 4096 })
    local pings = WebSocket.frame(9, ("x"):rep(125)):rep(1000)
    for _ = 1, 150 do socket.tcp:send(pings) end -- 20 MB
    assert.equal("ok", server:get(ROOM).body)
    assert.is_true(server:memory() - before < 6 * MIB)
  end)
end)

describe("an HTTP client that reads slowly", function()
  local server, tcp
  setup(function() server = party.serve(APP, { "--idle-timeout", "1s" }) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp(4096) end)

  it("cannot make the server queue answers to more requests than it reads", function()
    local patient = party.serve(APP)
    assert.equal(MIB, #patient:get(ROOM .. "?mib=1").body)
    local before = patient:memory()
    tcp = patient:tcp(4096)
    tcp:send(http.format("GET", ROOM .. "?mib=1"):rep(100))
    keep_on(0.2, function() patient:get(ROOM) end)
    assert.is_true(patient:memory() - before < 12 * MIB)
    for _ = 1, 100 do assert.equal(MIB, #http.read(tcp).body) end
    patient:stop()
  end)

  it("gets all of its answer, and then has the whole time for its next request", function()
    local other = party.serve(APP, { "--idle-timeout", "1500ms" })
    tcp = other:tcp(4096)
    tcp:send(http.format("GET", ROOM .. "?mib=8"))
    tcp:take_until "\r\n\r\n"
    local taken = 0
    keep_on(2.6, function() taken = taken + #tcp:take(2000) end)
    assert.equal(8 * MIB - taken, #tcp:take(8 * MIB - taken))
    keep_on(0.7, function() other:get(ROOM) end)
    tcp:send(http.format("GET", ROOM))
    assert.equal("ok", http.read(tcp).body)
    other:stop()
  end)

  for name, options in pairs {
    ["that ends its side"] = {},
    ["that wants the connection to end"] = { headers = { "Connection: close" } },
  } do
    it(("%s gets all of its answer as well"):format(name), function()
      tcp:send(http.format("GET", ROOM .. "?mib=8", options))
      if not options.headers then tcp:finish() end
      tcp:take_until "\r\n\r\n"
      local taken = 0
      keep_on(1.5, function() taken = taken + #tcp:take(2000) end)
      assert.equal(8 * MIB - taken, #tcp:take_all())
    end)
  end

  it("is given up when it reads nothing", function()
    local alone = party.serve(APP, { "--idle-timeout", "500ms" })
    tcp = alone:tcp(4096)
    tcp:send(http.format("GET", ROOM))
    assert.equal("ok", http.read(tcp).body)
    local before = alone:descriptor_count()
    tcp:send(http.format("GET", ROOM .. "?mib=8"))
    party.eventually("the connection is closed", function()
      return alone:descriptor_count() < before
    end)
    assert.is_true(#tcp:take_all() < 8 * MIB)
    alone:stop()
  end)

  it("is given up when it reads nothing of a stream, and the hook hears of it", function()
    tcp:send(http.format("GET", ROOM .. "?stream=1"))
    server:expect_log "stopped"
  end)
end)

describe("memory", function()
  local PARALLEL = 100

  --- Connections that come, say something and go, each in its own way.
  local function come_and_go(server, rounds)
    for round = 1, rounds / PARALLEL do
      server:log() -- one that nobody reads fills its pipe, and the server would wait
      local sockets = {}
      for i = 1, PARALLEL do
        sockets[i] = WebSocket.begin(server.port, ("/party/room%d?_pk=c%d"):format(round % 7, i))
      end
      for i, socket in ipairs(sockets) do
        assert.equal(101, socket:finish_handshake().status)
        socket:send("hello " .. i)
      end
      for i, socket in ipairs(sockets) do
        assert.equal("hello " .. i, socket:receive())
        if i % 2 == 0 then
          socket:close(1000)
          socket:wait_closed()
        end
        socket:drop()
      end
    end
  end

  it("is as before after 10,000 connections have come and gone", function()
    local server = party.serve(APP, { "--room-idle", "0" })
    come_and_go(server, 6000) -- and what these need is there
    local before = server:memory()
    come_and_go(server, 10000)
    party.eventually("memory is within a tenth of what it was", function()
      server:get "/party/other"
      return server:memory() <= before * 1.1
    end)
    server:stop()
  end)
end)
