local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}
local released = {}

local function wait_for(name)
  while not released[name] do party.sleep(0.005) end
end

function App:onStart()
  if self.room.id:find "^slow" then
    party.log.info("starting", { room = self.room.id })
    wait_for(self.room.id)
  end
end

function App:onRequest(request)
  local query = request.query
  if query.release then released[query.release] = true end
  if query.read then return party.Response(tostring(#request:text())) end
  if query.count then return party.Response(tostring(self.count or 0)) end
  return party.Response "ok"
end

function App:onMessage(message, conn)
  if message == "wait" then
    party.log.info("busy", { room = self.room.id })
    return wait_for(self.room.id)
  end
  self.count = (self.count or 0) + 1
  if message:find "^nap" then party.sleep(0.001) end
  conn:send(message:sub(1, 20))
end

return App
]]

local ROOM = "/party/room"

--- Whether the connection is answered with this status, and then ended.
local function assert_refused(tcp, status)
  local answer = http.read(tcp)
  assert.equal(status, answer and answer.status)
  assert.equal("close", answer.headers.connection)
  assert.is_true(tcp:is_ended())
end

describe("the limit of", function()
  local server, tcp
  setup(function()
    server = party.serve(APP, { "--head-bytes", "1KiB", "--url-bytes", "200", "--header-count", "5",
      "--body-bytes", "1000" })
  end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  --- A request whose head has exactly `size` bytes.
  local function request_of(size)
    local head = http.format("GET", ROOM, { headers = { "X-Fill: " } })
    return http.format("GET", ROOM, { headers = { "X-Fill: " .. ("x"):rep(size - #head) } })
  end

  it("a head is answered with 431", function()
    tcp:send(request_of(1024))
    assert.equal(200, http.read(tcp).status)
    tcp:send(request_of(1025))
    assert_refused(tcp, 431)
  end)

  it("a head counts before the head is complete", function()
    tcp:send(request_of(100000):sub(1, 2000))
    assert_refused(tcp, 431)
  end)

  it("headers is answered with 431", function()
    local headers = { "X-1: 1", "X-2: 2", "X-3: 3", "X-4: 4" }
    tcp:send(http.format("GET", ROOM, { headers = headers }))
    assert.equal(200, http.read(tcp).status)
    headers[5] = "X-5: 5"
    tcp:send(http.format("GET", ROOM, { headers = headers }))
    assert_refused(tcp, 431)
  end)

  it("a URL is answered with 414", function()
    local url = ROOM .. "?x=" .. ("x"):rep(200 - #ROOM - 3)
    tcp:send(http.format("GET", url))
    assert.equal(200, http.read(tcp).status)
    tcp:send(http.format("GET", url .. "x"))
    assert_refused(tcp, 414)
  end)

  it("a URL counts before its end has come", function()
    tcp:send("GET /" .. ("x"):rep(300))
    assert_refused(tcp, 414)
  end)

  it("a body is answered with 413, before it comes", function()
    tcp:send(http.format("POST", ROOM .. "?read=1", { body = ("x"):rep(1000) }))
    assert.equal("1000", http.read(tcp).body)
    tcp:send(http.format("POST", ROOM .. "?read=1", { headers = { "Content-Length: 1001" } }))
    assert_refused(tcp, 413)
  end)

  it("a body counts for chunks together", function()
    local chunked = http.format("POST", ROOM .. "?read=1",
      { headers = { "Transfer-Encoding: chunked" } })
    local chunk = "1f4\r\n" .. ("x"):rep(500) .. "\r\n"
    tcp:send(chunked .. chunk .. chunk .. "0\r\n\r\n")
    assert.equal("1000", http.read(tcp).body)
    tcp:send(chunked .. chunk .. chunk .. "1\r\n")
    assert_refused(tcp, 413)
  end)
end)

describe("the time for", function()
  local server, tcp
  setup(function()
    server = party.serve(APP, { "--header-timeout", "200ms", "--body-timeout", "150ms",
      "--idle-timeout", "250ms" })
  end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  --- Sends a text again and again until the answer is there.
  local function trickle(text)
    party.eventually("it is answered", function()
      tcp:send(text)
      return not tcp:is_silent()
    end)
  end

  it("a head ends with 408", function()
    tcp:send "GET /party/room HTTP/1.1\r\nHost:"
    assert_refused(tcp, 408)
  end)

  it("a head is one for all its pieces", function()
    tcp:send "GET /party/room HTTP/1.1\r\n"
    trickle "X: 1\r\n"
    assert_refused(tcp, 408)
  end)

  it("a body ends with 408", function()
    tcp:send(http.format("POST", ROOM .. "?read=1", { headers = { "Content-Length: 5" } }))
    assert_refused(tcp, 408)
  end)

  it("a body is counted between its pieces", function()
    tcp:send(http.format("POST", ROOM .. "?read=1", { headers = { "Content-Length: 100000" } }))
    local sent, began = 0, party.now()
    party.eventually("it has taken long", function()
      tcp:send "x"
      sent = sent + 1
      return party.now() - began > 0.4
    end)
    assert.is_true(tcp:is_silent())
    tcp:send(("x"):rep(100000 - sent))
    assert.equal("100000", http.read(tcp).body)
  end)

  it("a request that is answered, but does not end, ends without another answer", function()
    tcp:send(http.format("POST", ROOM, { headers = { "Content-Length: 5" } }))
    assert.equal("ok", http.read(tcp).body)
    assert.is_true(tcp:is_ended())
  end)

  it("the next request ends without a word", function()
    tcp:send(http.format("GET", ROOM))
    assert.equal("ok", http.read(tcp).body)
    assert.is_true(tcp:is_ended())
  end)

  it("the first request ends without a word", function()
    assert.is_true(tcp:is_ended())
  end)

  it("empty lines is the same", function()
    tcp:send "\r\n\r\n"
    assert.is_true(tcp:is_ended())
  end)
end)

describe("the time for a head", function()
  it("begins with its first byte, however long the connection was idle", function()
    local server = party.serve(APP, { "--header-timeout", "1500ms", "--idle-timeout", "800ms" })
    local tcp, request = server:tcp(), http.format("GET", ROOM)
    local function wait(seconds)
      local began = party.now()
      party.eventually("time passes", function() return party.now() - began > seconds end)
    end
    tcp:send(request)
    assert.equal("ok", http.read(tcp).body)
    wait(0.5)
    tcp:send(request:sub(1, 10))
    wait(0.7)
    tcp:send(request:sub(11))
    assert.equal("ok", http.read(tcp).body)
    server:stop()
  end)
end)

describe("connections", function()
  local server
  after_each(function() server:stop() end)

  --- Fills what there is room for; gives a connection that is refused.
  local function fill(count)
    local kept = {}
    for i = 1, count do
      kept[i] = server:connect(ROOM)
      assert.equal(101, kept[i].answer.status)
    end
    return kept
  end

  for _, option in ipairs { "--max-connections", "--max-connections-per-address" } do
    it("beyond " .. option .. " get 503 until one leaves", function()
      server = party.serve(APP, { option, "3" })
      local kept = fill(3)
      for _ = 1, 5 do
        local answer = http.read(server:tcp())
        assert.equal(503, answer.status)
        assert.equal("1", answer.headers["retry-after"])
      end
      kept[2]:drop()
      party.eventually("there is room again", function()
        return server:connect(ROOM).answer.status == 101
      end)
      kept[1]:send "still there"
      assert.equal("still there", kept[1]:receive())
    end)
  end

  it("without descriptors left wait or get 503, and are accepted again later", function()
    server = party.serve(APP, nil, nil, { "sh", "-c", 'ulimit -n 40; exec "$0" "$@"' })
    local kept, refused = {}, nil
    party.eventually("they run out", function()
      local socket = WebSocket.begin(server.port, ROOM)
      local answer = socket:finish_handshake()
      if answer.status == 101 then kept[#kept + 1] = socket else refused = answer end
      return refused
    end)
    assert.equal(503, refused.status)
    assert.is_true(#kept > 10 and #kept < 40)
    for _, socket in ipairs(kept) do
      socket:send "still there"
      assert.equal("still there", socket:receive())
    end
    for i = 1, #kept - 1 do kept[i]:drop() end
    party.eventually("they are accepted again", function()
      return server:connect(ROOM).answer.status == 101
    end)
    kept[#kept]:send "still there"
    assert.equal("still there", kept[#kept]:receive())
    kept[#kept]:drop()
  end)
end)

describe("what waits for a room", function()
  local server
  setup(function()
    server = party.serve(APP, { "--room-events", "8", "--room-event-bytes", "256KiB",
      "--room-tasks", "1" })
  end)
  teardown(function() server:stop() end)

  --- Sends as much as is taken.
  local function send_all_that_fits(tcp, bytes)
    local sent, before = 0, nil
    party.eventually("no more is taken", function()
      before = sent
      for _ = 1, 50 do sent = sent + tcp:send_now(bytes) end
      server:get "/party/other"
      return sent == before
    end)
  end

  it("is bounded: more requests get 503", function()
    local waiting = {}
    for i = 1, 8 do
      waiting[i] = server:tcp()
      waiting[i]:send(http.format("GET", "/party/slow1"))
    end
    server:expect_log "starting [^\n]*room=slow1"
    party.eventually("the room is full", function()
      local tcp = server:tcp()
      tcp:send(http.format("GET", "/party/slow1") .. http.format("GET", "/party/other"))
      server:get "/party/other"
      if tcp:is_silent() then
        waiting[#waiting + 1] = tcp
        return false
      end
      local answer = http.read(tcp)
      assert.same({ 503, "The room is too busy" }, { answer.status, answer.body })
      assert.equal("ok", http.read(tcp).body)
      return true
    end)
    assert.equal(8, #waiting)
    server:get "/party/other?release=slow1"
    for _, tcp in ipairs(waiting) do assert.equal("ok", http.read(tcp).body) end
  end)

  it("is bounded: senders wait, and nothing is lost or moved", function()
    local socket = server:connect "/party/pause"
    socket:send "wait"
    server:expect_log "busy [^\n]*room=pause"
    local frames = {}
    for i = 1, 2000 do frames[i] = WebSocket.frame(1, "message " .. i) end
    socket.tcp:send(table.concat(frames))
    socket:ping "no answer yet"
    server:get "/party/other"
    assert.is_true(socket.tcp:is_silent())
    assert.equal(503, server:get("/party/pause").status)
    server:get "/party/other?release=pause"
    for i = 1, 2000 do assert.equal("message " .. i, socket:receive()) end
    assert.equal("ok", server:get("/party/pause").body)
  end)

  it("is bounded in bytes, for all senders together", function()
    local sockets = {}
    for i = 1, 20 do sockets[i] = server:connect "/party/bytes" end
    sockets[1]:send "wait"
    server:expect_log "busy [^\n]*room=bytes"
    local before = server:memory()
    local long = WebSocket.frame(1, ("x"):rep(100000))
    for _, socket in ipairs(sockets) do send_all_that_fits(socket.tcp, long) end
    -- One message each would be 2 MB more, and what is read at once of each 5 MB.
    assert.is_true(server:memory() - before < 12 * 1024 * 1024)
    for _, socket in ipairs(sockets) do socket:drop() end
    server:get "/party/other?release=bytes"
  end)

  it("lets all senders go on, however often they have to wait", function()
    local sockets, frames = {}, {}
    for i = 1, 100 do frames[i] = WebSocket.frame(1, "nap " .. i) end
    for i = 1, 10 do sockets[i] = server:connect "/party/naps" end
    for i = 1, 100, 5 do
      for _, socket in ipairs(sockets) do
        socket.tcp:send(table.concat(frames, "", i, i + 4))
      end
    end
    for _, socket in ipairs(sockets) do
      for i = 1, 100 do assert.equal("nap " .. i, socket:receive()) end
    end
  end)

  it("does not keep one who leaves", function()
    local ann, bob = server:connect "/party/leave", server:connect "/party/leave"
    ann:send "wait"
    server:expect_log "busy [^\n]*room=leave"
    for i = 1, 20 do bob:send("message " .. i) end
    bob:drop()
    ann:send "after"
    server:get "/party/other?release=leave"
    assert.equal("after", ann:receive())
    party.eventually("the room has heard all of it", function()
      return server:get("/party/leave?count=1").body == "21"
    end)
  end)
end)
