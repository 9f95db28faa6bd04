--- What is told of a server as it happens: to whom, how much, and what it costs when nobody looks.

local admin = require "spec.support.admin"
local http = require "partylua.cli.http"
local native = require "partylua.native"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App = {}
function App:onMessage(message, conn, is_binary)
  if message == "boom" then error "boom" end
  if message == "log" then
    return party.log.info("said", { about = "things", party = "x", type = "mine" })
  end
  if message == "flood" then
    for i = 1, 3000 do conn:send(("x"):rep(1000) .. i) end
    return
  end
  conn:send(is_binary and party.binary(message) or message)
end
function App:onRequest() return party.Response("here", { status = 202 }) end
return party.app { main = App, parties = { other = App } }
]]

describe("/api/tail", function()
  local server, opened
  before_each(function()
    server, opened = admin.serve(APP), {}
  end)
  after_each(function()
    for _, tail in ipairs(opened) do tail:close() end
    server:stop()
  end)

  local function tail(query)
    local made = admin.tail(server.data, query)
    opened[#opened + 1] = made
    return made
  end

  it("tells of connections, requests and the log", function()
    local seen = tail()
    local socket = server:connect "/parties/main/a?_pk=ann"
    assert.equal(101, seen:next("request").status)
    local event = seen:next "open"
    assert.same({ "main", "a", "ann" }, { event.party, event.room, event.conn })
    assert.matches("_pk=ann", event.uri, 1, true)
    assert.is_true(math.abs(event.time / 1000 - os.time()) < 60)
    socket:send "log"
    event = seen:next("log").log
    assert.same({ "info", "said", "things", "mine" },
      { event.level, event.msg, event.about, event.type })
    socket:send "boom"
    event = seen:next("log").log
    assert.same({ "hook failed", "boom", "onMessage" }, { event.msg, event.err, event.hook })
    assert.matches('error "boom"', event.source, 1, true)
    socket:close(3456, "bye")
    event = seen:next "close"
    assert.same({ 3456, "bye" }, { event.code, event.reason })
    server:get "/parties/other/b?q=1"
    event = seen:next "request"
    assert.same({ "GET", 202, "other", "b", "127.0.0.1" },
      { event.method, event.status, event.party, event.room, event.address })
    assert.matches("/parties/other/b?q=1", event.url, 1, true)
    assert.is_true(event.ms >= 0 and event.ms < 10000)
  end)

  it("tells of messages when it is asked to, and shows the beginning of long ones", function()
    local seen = tail "?topics=messages"
    local socket = server:connect "/parties/main/a?_pk=ann"
    socket:send 'a "quoted"\nline \226\130\172'
    local event = seen:next()
    assert.same({ "message", "in", "ann", 'a "quoted"\nline \226\130\172', 19 },
      { event.type, event.way, event.conn, event.text, event.size })
    assert.equal("out", seen:next().way)
    socket:send_binary "\0\255"
    assert.same({ "in", "00ff", 2 }, (function(e) return { e.way, e.hex, e.size } end)(seen:next()))
    seen:next()
    socket:send(("\226\130\172"):rep(1000))
    event = seen:next()
    assert.equal(3000, event.size)
    assert.equal(("\226\130\172"):rep(682), event.text) -- not cut within a character
  end)

  it("tells only of the party and the room that were asked for", function()
    local seen = tail "?party=main&room=a&topics=messages,connections,requests,log"
    for _, place in ipairs { "other/a", "main/b", "main/ab", "main/a" } do
      local socket = server:connect("/parties/" .. place)
      socket:send "boom"
      socket:send(place)
      assert.equal(place, socket:receive())
      socket:close(1000)
      socket:wait_closed()
    end
    repeat
      local event = seen:next()
      local place = event.log or event
      assert.same({ "main", "a" }, { place.party, place.room }, event.type)
    until event.type == "close"
  end)

  it("never waits for a reader: what is too much is counted and lost", function()
    local line = assert(native.dial_local(server.data, "admin.sock"))
    local answer = http.send(line, { path = "/api/tail?topics=messages", host = "admin" })
    local socket = server:connect "/parties/main/a"
    for _ = 1, 5 do socket:send "flood" end
    socket:send "done"
    local message
    repeat message = socket:receive() until message == "done" -- nothing waited for us
    local count, lost, is_done = 0, 0, false
    for text in answer:lines() do
      local event = require("partylua.json").decode(text)
      if event.type == "lost" then lost = lost + event.count else count = count + 1 end
      is_done = is_done or event.text == "done"
      if lost > 0 and count + lost >= 15007 then break end
    end
    assert.is_true(lost > 1000, lost .. " lines were lost")
    assert.equal(15007, count + lost) -- six in, three thousand out five times, and the last out
    line:close()
  end)

  it("gathers nothing any more when its reader has gone", function()
    local seen = tail "?topics=messages"
    local socket = server:connect "/parties/main/a"
    socket:send "one"
    seen:next()
    local before = server:descriptor_count()
    seen:close()
    party.eventually("its end is noticed", function()
      socket:send "two"
      socket:receive()
      return server:descriptor_count() == before - 1
    end)
  end)

  it("is noticed to have lost its reader without anything happening", function()
    local seen = tail "?topics=messages&party=other&room=never"
    local before = server:descriptor_count()
    seen:close()
    party.eventually("its end is noticed", function()
      return server:descriptor_count() == before - 1
    end)
  end)

  it("may be read by several, each with what it asked for", function()
    local first, second = tail "?topics=messages", tail "?topics=connections"
    local socket = server:connect "/parties/main/a?_pk=ann"
    socket:send "hello"
    assert.equal("hello", first:next().text)
    assert.equal("open", second:next().type)
    first:close()
    socket:close(1000)
    assert.equal("close", second:next().type)
  end)

  it("says nothing of what comes through an admin door", function()
    local seen = tail "?topics=requests"
    admin.ask(server.data, "GET", "/api/info")
    server:get "/nothing"
    assert.equal(404, seen:next().status)
  end)
end)
