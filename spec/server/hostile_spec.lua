local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}
local KIB = ("0123456789abcdef"):rep(64)

function App:onConnect(conn, ctx)
  if ctx.request.query.fail then error "not you" end
  if ctx.request.query.wait then
    party.log.info("waiting", { id = conn.id })
    party.sleep(0.05)
    party.log.info("let in", { id = conn.id })
  end
  conn:send "welcome"
end

function App:onMessage(message, conn)
  if message:find "tell" then self.room:broadcast(KIB:rep(8)) end
  if message:find "sleep" then party.sleep(0.01) end
  if message:find "close" then conn:close(4000, "you said so") end
  if message:find "raise" then error "as you wish" end
  conn:send(message)
end

function App:onClose(conn, code)
  party.log.info("left", { id = conn.id, code = code })
end

function App:onRequest(request)
  local query = request.query
  if query.sleep then party.sleep(0.01) end
  if query.kib then return party.Response(KIB:rep(tonumber(query.kib))) end
  if query.stream then
    return party.Response(function(write)
      for _ = 1, 20 do
        write "some of it"
        party.sleep(0.01)
      end
    end)
  end
  if query.read then return party.Response(tostring(#request:text())) end
  return party.Response "ok"
end

return App
]]

local ROOM = "/party/room"

local UPGRADE = { "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" }

local function get(query, headers)
  return http.format("GET", ROOM .. query, { headers = headers })
end

describe("a request that could be read in two ways is refused, and nothing after it is read:",
  function()
    local server
    setup(function() server = party.serve(APP) end)
    teardown(function() server:stop() end)

    local function post(...)
      return table.concat({ "POST " .. ROOM .. "?read=1 HTTP/1.1", "Host: x", ... }, "\r\n")
        .. "\r\n\r\n"
    end

    for name, request in pairs {
      ["two lengths"] = post("Content-Length: 5", "Content-Length: 5"),
      ["two lengths in one line"] = post "Content-Length: 5, 5",
      ["a length with a sign"] = post "Content-Length: +5",
      ["a length in hex"] = post "Content-Length: 0x5",
      ["a length that overflows"] = post "Content-Length: 18446744073709551621",
      ["a length and chunks"] = post("Content-Length: 5", "Transfer-Encoding: chunked"),
      ["chunks twice"] = post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
      ["chunks not last"] = post "Transfer-Encoding: chunked, identity",
      ["chunks with a tab"] = post "Transfer-Encoding:\tchunked, x",
      ["a blank before the colon"] = post "Content-Length : 5",
      ["a folded header"] = post("X-Folded: a", " Content-Length: 5"),
      ["a header without a name"] = post ": value",
      ["a header without a colon"] = post "Content-Length",
      ["a bare LF"] = ("POST %s HTTP/1.1\nHost: x\nContent-Length: 5\n\n"):format(ROOM),
      ["a bare CR"] = post "X: a\rContent-Length: 5",
      ["a NUL"] = post "X: a\0b",
      ["chunks in HTTP/1.0"] = (post "Transfer-Encoding: chunked"):gsub("1%.1", "1.0"),
      ["two spaces"] = "GET  " .. ROOM .. " HTTP/1.1\r\nHost: x\r\n\r\n",
      ["a chunk size with a sign"] = post "Transfer-Encoding: chunked" .. "+5\r\nhello\r\n",
      ["a chunk size in 0x"] = post "Transfer-Encoding: chunked" .. "0x5\r\nhello\r\n",
      ["a chunk size that overflows"] = post "Transfer-Encoding: chunked"
        .. "5000000000000005\r\nhello\r\n",
      ["a chunk longer than it says"] = post "Transfer-Encoding: chunked" .. "5\r\nhello!\r\n",
    } do
      it(name, function()
        local tcp = server:tcp()
        tcp:send(get "" .. request .. "0\r\n\r\n" .. get "")
        assert.equal("ok", http.read(tcp).body)
        local answer = http.read(tcp)
        assert.is_true(answer.status == 400 or answer.status == 413, answer.status)
        assert.equal("close", answer.headers.connection)
        assert.is_true(tcp:is_ended())
      end)
    end
  end)

describe("a hostile client", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  it("gets no refusal into the middle of an answer", function()
    local tcp = server:tcp()
    tcp:send(("POST %s?stream=1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      :format(ROOM))
    tcp:take_until "some of it"
    tcp:send "nonsense\r\n"
    local rest = tcp:take_all()
    assert.not_matches("HTTP/1.1 400", rest, 1, true)
    assert.not_matches("\r\n0\r\n\r\n$", rest)
  end)

  --- However much of the answers before it the kernel has not yet taken.
  it("is refused a WebSocket behind answers that it does not read", function()
    local size = 32 * 1024
    for count = 60, 160, 2 do
      local tcp = server:tcp(4096)
      tcp:send(get("?kib=32"):rep(count) .. get("?fail=1", UPGRADE))
      server:get(ROOM)
      for _ = 1, count do
        if #http.read(tcp).body ~= size then error "an answer is cut" end
      end
      assert.equal(101, http.read(tcp).status)
      assert.equal("\136\9\3\243not you", tcp:take(11))
      tcp:close()
    end
  end)

  it("that closes together with its handshake is seen to come and go", function()
    local socket = WebSocket.begin(server.port, ROOM .. "?wait=1&_pk=early",
      { early = WebSocket.frame(1, "hello") .. WebSocket.frame(8, "\15\160") })
    assert.equal(101, socket:finish_handshake().status)
    assert.equal("welcome", socket:receive())
    assert.equal("hello", socket:receive())
    assert.equal(4000, (socket:wait_closed()))
    server:expect_log "left [^\n]*code=4000 id=early"
    socket:drop()
  end)

  it("that leaves during its handshake is seen to come and go", function()
    local socket = WebSocket.begin(server.port, ROOM .. "?wait=1&_pk=gone")
    server:expect_log "waiting [^\n]*id=gone"
    socket:drop()
    server:expect_log "let in [^\n]*id=gone.*left [^\n]*code=1006 id=gone"
  end)

  it("that sends more with its handshake than is read ahead loses nothing", function()
    local frames = WebSocket.frame(1, "0123456789"):rep(50000)
    local sent = 200000
    local socket = WebSocket.begin(server.port, ROOM .. "?wait=1", { early = frames:sub(1, sent) })
    assert.equal(101, socket:finish_handshake().status)
    assert.equal("welcome", socket:receive())
    for _ = 1, 50000 do
      if sent < #frames then
        sent = sent + socket.tcp:send_now(frames:sub(sent + 1, sent + 4096))
      end
      if socket:receive() ~= "0123456789" then error "a message is wrong" end
    end
    socket:drop()
  end)
end)

describe("many clients that do as they please", function()
  local server
  setup(function()
    server = party.serve(APP, { "--queued-bytes", "64KiB", "--close-timeout", "200ms",
      "--header-timeout", "200ms", "--body-timeout", "200ms", "--idle-timeout", "300ms",
      "--ping-interval", "100ms", "--room-events", "20", "--room-tasks", "5", "--room-idle", "0" })
  end)
  teardown(function() server:stop() end)

  local frame = WebSocket.frame
  local http_says = {
    get "", get "?sleep=1", get "?stream=1", get "?kib=300", get "?kib=3", get("?wait=1", UPGRADE),
    get("", UPGRADE), get("?fail=1", UPGRADE), "GET / HTTP/1.1\r\nHost", "\r\n", "\0",
    http.format("POST", ROOM .. "?read=1", { body = ("x"):rep(300000) }),
    http.format("POST", ROOM .. "?read=1", { headers = { "Content-Length: 50" } }),
    http.format("POST", ROOM, { headers = { "Transfer-Encoding: chunked" } }) .. "5\r\nhello\r\n",
    http.format("HEAD", ROOM .. "?kib=3"), get("", { "Connection: close" }),
  }
  local socket_says = {
    frame(1, "hello"), frame(1, "tell"), frame(1, "sleep"), frame(1, "sleep and close"),
    frame(1, "raise"), frame(8, "\3\232"), frame(9, "ping"), frame(10, ""), frame(2, "\0\1"),
    frame(1, "part", { fin = false }), frame(0, "rest"), frame(1, "\255"), frame(3, ""),
    frame(1, ("tell"):rep(20000)), frame(1, "cut off"):sub(1, 8), frame(8, ""), "\0\0\0",
  }

  --- The same numbers in each run.
  local seed = 42
  local function random(n)
    seed = (seed * 16807) % 2147483647
    return seed % n + 1
  end

  local function act(clients)
    local at = random(#clients)
    local client = clients[at]
    local what = random(20)
    if what == 1 then
      client.tcp:close()
      clients[at] = { tcp = server:tcp(random(2) == 1 and 4096 or nil) }
    elseif what == 2 then
      client.tcp:finish()
    elseif what <= 6 then
      pcall(client.tcp.is_silent, client.tcp)
      client.tcp.buffer = ""
    elseif what <= 14 and client.is_socket then
      client.tcp:send_now(socket_says[random(#socket_says)])
    else
      local say = http_says[random(#http_says)]
      client.is_socket = client.is_socket or say:find "Upgrade" ~= nil
      client.tcp:send_now(say)
    end
  end

  it("leave the server as it was", function()
    server:get(ROOM)
    local clients, before = {}, server:descriptor_count()
    for i = 1, 30 do clients[i] = { tcp = server:tcp(4096) } end
    for _ = 1, 60 do
      for _ = 1, 100 do act(clients) end
      server:log() -- which would stop the server if nobody read it
    end
    local socket = server:connect "/party/other"
    assert.equal("welcome", socket:receive())
    assert.equal("ok", server:get("/party/other").body)
    server:drop_all()
    party.eventually("all connections are gone", function()
      return server:descriptor_count() <= before
    end)
  end)
end)
