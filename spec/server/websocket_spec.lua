local WebSocket = require "spec.support.websocket"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App, commands = {}, {}

function commands.close(conn, code, reason)
  conn:close(tonumber(code), reason ~= "" and reason or nil)
end
function commands.size(conn, bytes) conn:send(("x"):rep(tonumber(bytes))) end

function App:onConnect(conn, ctx)
  if ctx.request.query.close then conn:close(4001, "not you") end
end

function App:onMessage(message, conn, isBinary)
  local command, first, rest = message:match "^!(%a+) (%d*) ?(.*)$"
  if command then return commands[command](conn, first, rest) end
  conn:send(isBinary and party.binary(message) or message)
end

function App:onClose(conn, code, reason, wasClean)
  party.log.info("closed", { id = conn.id, code = code, reason = reason, clean = wasClean })
end

function App:onError(conn, err)
  party.log.info("failed", { id = conn.id, why = tostring(err) })
end

return App
]]

local ROOM = "/parties/main/room"
local CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
local FRAGMENT = { fin = false }

--- A character in two bytes.
local UMLAUT = "\195\164"

local opened = 0

--- Opens a socket with an id of its own, by which the log knows it.
local function open(server)
  opened = opened + 1
  local id = ("client%d."):format(opened)
  local socket = server:connect(ROOM .. "?_pk=" .. id)
  socket.id = id
  return socket
end

--- Patterns of the log: what the room heard of a socket's end.
local function closed(socket, code, is_clean)
  return ("closed [^\n]*clean=%s code=%s id=%s "):format(is_clean, code, socket.id)
end

local function failed(socket)
  return ("failed [^\n]*id=%s "):format(socket.id)
end

describe("a WebSocket", function()
  local server, socket
  setup(function()
    server = party.serve(APP, { "--message-bytes", "64KiB", "--close-timeout", "100ms" })
  end)
  teardown(function() server:stop() end)
  before_each(function() socket = open(server) end)

  local function frame(...) return WebSocket.frame(...) end

  --- The next frame must be this one, whole.
  local function assert_frame(opcode, data)
    local got_opcode, got_data, is_final = socket:receive_frame()
    assert.same({ opcode, data, true }, { got_opcode, got_data, is_final })
  end

  --- The server ends the connection with this code.
  local function assert_closed(code)
    local got, reason = socket:wait_closed()
    assert.equal(code, got)
    assert.is_true(socket.tcp:is_ended())
    return reason
  end

  local function send_fragments(opcode, ...)
    local parts = { ... }
    for i, part in ipairs(parts) do
      socket:send_frame(i == 1 and opcode or CONTINUATION, part, { fin = i == #parts })
    end
  end

  describe("message", function()
    it("keeps its kind and its bytes", function()
      socket:send("text " .. UMLAUT)
      assert_frame(TEXT, "text " .. UMLAUT)
      socket:send_binary "\0\255\128"
      assert_frame(BINARY, "\0\255\128")
    end)

    it("may be empty", function()
      socket:send ""
      assert_frame(TEXT, "")
      socket:send_binary ""
      assert_frame(BINARY, "")
    end)

    for _, size in ipairs { 125, 126, 127, 65535, 65536 } do
      it(("may have %d bytes"):format(size), function()
        local text = ("x"):rep(size)
        socket:send(text)
        assert.is_true(socket:receive() == text)
      end)
    end

    it("may be longer from the server, which has no limit", function()
      socket:send "!size 300000"
      assert.equal(300000, #socket:receive())
    end)

    it("may come byte by byte", function()
      for byte in frame(TEXT, ("slow " .. UMLAUT):rep(30)):gmatch "." do socket.tcp:send(byte) end
      assert_frame(TEXT, ("slow " .. UMLAUT):rep(30))
    end)

    it("may come with hundreds of others", function()
      local frames = {}
      for i = 1, 500 do frames[i] = frame(TEXT, "message " .. i) end
      socket.tcp:send(table.concat(frames))
      for i = 1, 500 do assert.equal("message " .. i, socket:receive()) end
    end)

    it("may come in fragments, also empty ones", function()
      send_fragments(TEXT, "one ", "", "two ", UMLAUT:sub(1, 1), UMLAUT:sub(2), "")
      assert_frame(TEXT, "one two " .. UMLAUT)
      send_fragments(BINARY, "\0", "\255")
      assert_frame(BINARY, "\0\255")
      socket:send "and whole again"
      assert_frame(TEXT, "and whole again")
    end)

    it("may have pings, pongs and a close between its fragments", function()
      socket:send_frame(TEXT, "one ", FRAGMENT)
      socket:ping "between"
      assert_frame(PONG, "between")
      socket:send_frame(PONG, "unasked")
      socket:send_frame(CONTINUATION, "two")
      assert_frame(TEXT, "one two")
      socket:send_frame(TEXT, "never", FRAGMENT)
      socket:close(1000)
      assert_closed(1000)
    end)
  end)

  describe("ping", function()
    it("is answered with its own data", function()
      for _, data in ipairs { "", "data", ("x"):rep(125) } do
        socket:ping(data)
        assert_frame(PONG, data)
      end
    end)

    it("is answered in its place among messages", function()
      socket.tcp:send(frame(TEXT, "a") .. frame(PING, "b") .. frame(TEXT, "c"))
      assert_frame(TEXT, "a")
      assert_frame(PONG, "b")
      assert_frame(TEXT, "c")
    end)

    it("needs no answer that was not asked for", function()
      socket:send_frame(PONG, "unasked")
      socket:send "on"
      assert_frame(TEXT, "on")
    end)
  end)

  describe("text that is not UTF-8 closes with 1007:", function()
    for name, bytes in pairs {
      ["a byte of none"] = "a\255",
      ["a character that is cut"] = "a\195",
      ["an overlong form"] = "\192\128",
      ["a surrogate"] = "\237\160\128",
      ["beyond the last character"] = "\244\144\128\128",
    } do
      it(name, function()
        socket:send(bytes)
        assert_closed(1007)
        server:expect_log(failed(socket))
      end)
    end

    it("in a fragment, before the message is complete", function()
      socket:send_frame(TEXT, "good", FRAGMENT)
      socket:send_frame(CONTINUATION, "bad \255", FRAGMENT)
      assert_closed(1007)
    end)

    it("in the first part of a frame, before the frame is complete", function()
      socket.tcp:send(frame(TEXT, ("x"):rep(1000) .. "\255" .. ("x"):rep(1000)):sub(1, 1200))
      assert_closed(1007)
    end)

    it("at the end of the last fragment", function()
      send_fragments(TEXT, "good", "cut \195")
      assert_closed(1007)
    end)

    it("but never as binary", function()
      socket:send_binary "\255\192\128"
      assert_frame(BINARY, "\255\192\128")
    end)
  end)

  describe("frame against the protocol closes with 1002:", function()
    for name, bytes in pairs {
      ["no mask"] = frame(TEXT, "x", { masked = false }),
      ["reserved bit 1"] = frame(TEXT, "x", { rsv = 4 }),
      ["reserved bit 2"] = frame(TEXT, "x", { rsv = 2 }),
      ["reserved bit 3"] = frame(PING, "x", { rsv = 1 }),
      ["an unknown opcode"] = frame(3, "x"),
      ["an unknown control opcode"] = frame(11, "x"),
      ["a fragmented ping"] = frame(PING, "x", FRAGMENT),
      ["a ping of 126 bytes"] = frame(PING, ("x"):rep(126)),
      ["a continuation of nothing"] = frame(CONTINUATION, "x"),
      ["a new message inside another"] = frame(TEXT, "x", FRAGMENT) .. frame(TEXT, "y"),
      ["a length in more bytes than it needs"] = "\129\254\0\1\1\2\3\4x",
      ["a length of 2^63"] = "\130\255\128\0\0\0\0\0\0\0\1\2\3\4",
      ["a close body of one byte"] = frame(CLOSE, "\3"),
      ["the close code 999"] = frame(CLOSE, "\3\231"),
      ["the close code 1005"] = frame(CLOSE, "\3\237"),
      ["the close code 1006"] = frame(CLOSE, "\3\238"),
      ["the close code 1015"] = frame(CLOSE, "\3\247"),
      ["the close code 2999"] = frame(CLOSE, "\11\183"),
      ["the close code 5000"] = frame(CLOSE, "\19\136"),
    } do
      it(name, function()
        socket.tcp:send(frame(TEXT, "before") .. bytes .. frame(TEXT, "after"))
        assert_frame(TEXT, "before")
        assert_closed(1002)
        server:expect_log(failed(socket))
        assert.not_matches(closed(socket, "%d+", "%a+"), server:log())
      end)
    end

    it("a close reason that is not UTF-8 closes with 1007", function()
      socket:close(1000, "\255")
      assert_closed(1007)
    end)
  end)

  describe("message that is too long closes with 1009:", function()
    it("as one frame, as soon as its length is known", function()
      socket.tcp:send(frame(TEXT, "", { length = 65537 }))
      assert_closed(1009)
    end)

    it("as fragments together", function()
      socket:send_frame(BINARY, ("x"):rep(40000), FRAGMENT)
      socket:send_frame(CONTINUATION, ("x"):rep(25536), FRAGMENT)
      socket:ping "still there"
      assert_frame(PONG, "still there")
      socket:send_frame(CONTINUATION, "x")
      assert_closed(1009)
    end)
  end)

  describe("closing handshake", function()
    for name, case in pairs {
      ["with the client's code"] = { 1000, "done" },
      ["with a code of the application"] = { 4321, UMLAUT },
      ["with 1001"] = { 1001, "" },
      ["with 1014, which came after the RFC"] = { 1014, "" },
    } do
      it("is completed " .. name, function()
        socket:close(case[1], case[2])
        assert_frame(CLOSE, string.char(math.floor(case[1] / 256), case[1] % 256) .. case[2])
        assert.is_true(socket.tcp:is_ended())
        server:expect_log(closed(socket, case[1], true))
      end)
    end

    it("is completed without a code when the client gives none", function()
      socket:close()
      assert_frame(CLOSE, "")
      assert.is_true(socket.tcp:is_ended())
      server:expect_log(closed(socket, 1005, true))
    end)

    it("answers what came before the close, and nothing that comes after", function()
      socket.tcp:send(frame(TEXT, "before") .. frame(CLOSE, "\3\232") .. frame(TEXT, "after"))
      assert_frame(TEXT, "before")
      assert_frame(CLOSE, "\3\232")
      assert.is_true(socket.tcp:is_ended())
    end)

    it("of the server has its code and reason, and ends with the client's answer", function()
      socket:send "!close 4000 enough"
      assert_frame(CLOSE, "\15\160enough")
      socket:close(4000)
      assert.is_true(socket.tcp:is_ended())
      server:expect_log(closed(socket, 4000, true))
    end)

    it("of the server has no body without a code", function()
      socket:send "!close "
      assert_frame(CLOSE, "")
      socket:close()
      assert.is_true(socket.tcp:is_ended())
    end)

    it("of the server gets nothing through but the answer", function()
      socket:send "!close 4000 enough"
      assert_frame(CLOSE, "\15\160enough")
      socket:send "not heard"
      socket:ping "not answered"
      socket:close(1000)
      assert.is_true(socket.tcp:is_ended())
    end)

    it("of the server does not wait for ever", function()
      socket:send "!close 4000 enough"
      assert_frame(CLOSE, "\15\160enough")
      assert.is_true(socket.tcp:is_ended())
      server:expect_log(closed(socket, 1006, false))
    end)

    it("may begin in onConnect", function()
      local other = server:connect(ROOM .. "?close=1")
      assert.equal(101, other.answer.status)
      assert.equal(4001, other:wait_closed())
      assert.equal("not you", other.closed.reason)
    end)

    it("that never began is an end with 1006", function()
      socket:drop()
      server:expect_log(closed(socket, 1006, false))
    end)
  end)
end)

describe("a WebSocket that is silent", function()
  local server
  setup(function() server = party.serve(APP, { "--ping-interval", "100ms" }) end)
  teardown(function() server:stop() end)

  it("is pinged, and kept while it answers", function()
    local socket = server:connect(ROOM)
    for _ = 1, 4 do
      assert.equal(PING, (socket:receive_frame()))
      socket:send_frame(PONG, "")
    end
    socket:send "still here"
    assert.equal("still here", socket:receive())
  end)

  it("is given up when it does not answer", function()
    local socket = open(server)
    assert.equal(PING, (socket:receive_frame()))
    assert.is_true(socket.tcp:is_ended())
    server:expect_log(closed(socket, 1006, false))
  end)

  it("is not given up while it takes what was sent before the ping", function()
    local socket = server:connect(ROOM, { receive_bytes = 4096 })
    socket:send "!size 8000000"
    local opcode, left = socket.tcp:take(10):byte(1), 8000000
    assert.equal(0x80 + TEXT, opcode)
    local began = os.time()
    party.eventually("it has been slow for long", function()
      left = left - #socket.tcp:take(1000)
      return os.time() - began >= 2
    end)
    assert.equal(left, #socket.tcp:take(left))
  end)
end)
