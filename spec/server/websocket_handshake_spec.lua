local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}

function App:onConnect(conn, ctx)
  local query = ctx.request.query
  if query.send then
    conn:send "text"
    conn:send(party.binary "bytes\0")
  end
  if query.wait then
    party.log.info("waiting", { room = self.room.id })
    while not self.is_released do party.sleep(0.005) end
  end
end

function App:onMessage(message, conn, isBinary)
  conn:send(isBinary and party.binary(message) or message:upper())
end

function App:onRequest(request)
  if request.query.release then self.is_released = true end
  return party.Response(request.method .. " " .. (request.headers:get "upgrade" or ""))
end

return App
]]

local ROOM = "/parties/main/room"
local ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" -- of the key below, as RFC 6455 1.3 has it

local RIGHT = {
  { "host", "Host: test" },
  { "connection", "Connection: Upgrade" },
  { "upgrade", "Upgrade: websocket" },
  { "version", "Sec-WebSocket-Version: 13" },
  { "key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" },
}

--- A handshake with some of its lines replaced, or left out where they are false.
local function handshake(changes, request_line)
  changes = changes or {}
  local lines = { request_line or "GET " .. ROOM .. " HTTP/1.1" }
  for _, part in ipairs(RIGHT) do
    local line = changes[part[1]]
    if line == nil then line = part[2] end
    if line then lines[#lines + 1] = line end
  end
  for _, line in ipairs(changes) do lines[#lines + 1] = line end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local TEXT, BINARY = 1, 2

describe("a WebSocket handshake", function()
  local server, tcp
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  local function answer_to(...)
    tcp:send(handshake(...))
    return http.read(tcp)
  end

  local function assert_echo(text)
    tcp:send(WebSocket.frame(TEXT, text))
    assert.equal(string.char(129, #text) .. text:upper(), tcp:take(2 + #text))
  end

  describe("that is right", function()
    it("is answered with the key's proof", function()
      local answer = answer_to()
      assert.equal(101, answer.status)
      assert.equal(ACCEPT, answer.headers["sec-websocket-accept"])
      assert.equal("websocket", answer.headers.upgrade:lower())
      assert.equal("upgrade", answer.headers.connection:lower())
      assert.is_nil(answer.headers["sec-websocket-protocol"])
      assert.is_nil(answer.headers["sec-websocket-extensions"])
      assert_echo "hello"
    end)

    for name, changes in pairs {
      ["in any case of letters"] = { connection = "CONNECTION: UPGRADE",
        upgrade = "uPgRaDe: WebSocket" },
      ["among other tokens"] = { connection = "Connection: keep-alive, Upgrade",
        upgrade = "Upgrade: h2c, websocket" },
      ["over several lines"] = { connection = "Connection: keep-alive\r\nConnection: Upgrade" },
      ["with tabs after its values"] = { connection = "Connection: Upgrade\t",
        upgrade = "Upgrade:\twebsocket \t" },
      ["with extensions that are not known"] = {
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-other" },
      ["from any origin"] = { "Origin: https://elsewhere.example" },
    } do
      it("may be written " .. name, function()
        assert.equal(101, answer_to(changes).status)
        assert_echo "hello"
      end)
    end

    it("may come byte by byte", function()
      for byte in handshake():gmatch "." do tcp:send(byte) end
      assert.equal(101, http.read(tcp).status)
      assert_echo "hello"
    end)
  end)

  it("gets the first sub-protocol it offers", function()
    local answer = answer_to { "Sec-WebSocket-Protocol: chat.v2, chat.v1",
      "Sec-WebSocket-Protocol: chat.v0" }
    assert.equal("chat.v2", answer.headers["sec-websocket-protocol"])
  end)

  local NO_VERSION, BAD = { 426, "version 13" }, { 400, "." }
  for name, case in pairs {
    ["without a version"] = { NO_VERSION, { version = false } },
    ["of version 8"] = { NO_VERSION, { version = "Sec-WebSocket-Version: 8" } },
    ["of version 13 and another"] = { NO_VERSION, { version = "Sec-WebSocket-Version: 13, 8" } },
    ["with its version twice"] = { BAD, { "Sec-WebSocket-Version: 13" } },
    ["whose Connection does not name it"] = { BAD, { connection = "Connection: keep-alive" } },
    ["without Connection"] = { BAD, { connection = false } },
    ["without a key"] = { BAD, { key = false } },
    ["with an empty key"] = { BAD, { key = "Sec-WebSocket-Key: " } },
    ["with a key of 15 bytes"] = { BAD, { key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j" } },
    ["with a key that is no base64"] = { BAD,
      { key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==" } },
    ["with two keys"] = { BAD, { "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==" } },
    ["with a sub-protocol that is no token"] = { BAD, { 'Sec-WebSocket-Protocol: "a b"' } },
    ["with a body"] = { BAD, { "Content-Length: 2" }, "hi" },
  } do
    local status, why = unpack(case[1])
    it(("%s is refused with %d, and further requests are answered"):format(name, status), function()
      tcp:send(handshake(case[2]) .. (case[3] or "") .. http.format("GET", ROOM))
      local answer = http.read(tcp)
      assert.equal(status, answer.status)
      assert.matches(why, answer.body)
      assert.equal(status == 426 and "13" or nil, answer.headers["sec-websocket-version"])
      assert.equal(status == 426 and "websocket" or nil, answer.headers.upgrade)
      assert.equal(status == 426 and "Upgrade" or nil, answer.headers.connection)
      assert.equal("GET ", http.read(tcp).body)
    end)
  end

  it("with another method is refused with 405", function()
    local answer = answer_to({}, "POST " .. ROOM .. " HTTP/1.1")
    assert.equal(405, answer.status)
    assert.equal("GET", answer.headers.allow)
  end)

  for name, changes in pairs {
    ["without Host"] = { host = false },
    ["with two Hosts"] = { "Host: other" },
    ["with a Host that is none"] = { host = "Host: a b" },
  } do
    it(name .. " is refused with 400 and ends the connection", function()
      assert.equal(400, answer_to(changes).status)
      assert.is_true(tcp:is_ended())
    end)
  end

  it("of HTTP/1.0 is an ordinary request", function()
    local answer = answer_to({}, "GET " .. ROOM .. " HTTP/1.0")
    assert.equal("GET websocket", answer.body)
  end)

  it("to another protocol is an ordinary request", function()
    assert.equal("GET h2c", answer_to({ upgrade = "Upgrade: h2c" }).body)
  end)

  it("is answered once onConnect has finished, with what it has sent", function()
    tcp:send(handshake({}, "GET " .. ROOM .. "-wait?wait=1&send=1 HTTP/1.1"))
    server:expect_log "waiting [^\n]*room%-wait"
    assert.equal("GET ", server:get(ROOM).body) -- a whole turn later
    assert.is_true(tcp:is_silent())
    server:get(ROOM .. "-wait?release=1")
    assert.equal(101, http.read(tcp).status)
    assert.equal("\129\4text", tcp:take(6))
    assert.equal("\130\6bytes\0", tcp:take(8))
    assert_echo "hello"
  end)

  it("may be followed by frames at once", function()
    tcp:send(handshake() .. WebSocket.frame(TEXT, "one") .. WebSocket.frame(BINARY, "two"))
    assert.equal(101, http.read(tcp).status)
    assert.equal("\129\3ONE\130\3two", tcp:take(10))
  end)

  it("may be followed by frames while onConnect is waiting", function()
    local head = handshake({}, "GET " .. ROOM .. "-early?wait=1 HTTP/1.1")
    tcp:send(head .. WebSocket.frame(TEXT, "a"))
    server:expect_log "waiting [^\n]*room%-early"
    local long = ("x"):rep(200000)
    tcp:send(WebSocket.frame(TEXT, "b") .. WebSocket.frame(BINARY, long))
    server:get(ROOM .. "-early?release=1")
    assert.equal(101, http.read(tcp).status)
    assert.equal("\129\1A\129\1B\130\127", tcp:take(8))
    tcp:take(8)
    assert.is_true(tcp:take(#long) == long)
  end)

  it("may follow requests on the same connection", function()
    tcp:send(http.format("GET", ROOM) .. http.format("GET", ROOM .. "?x=2") .. handshake()
      .. WebSocket.frame(TEXT, "after"))
    assert.equal("GET ", http.read(tcp).body)
    assert.equal("GET ", http.read(tcp).body)
    assert.equal(101, http.read(tcp).status)
    assert.equal("\129\5AFTER", tcp:take(7))
  end)
end)
