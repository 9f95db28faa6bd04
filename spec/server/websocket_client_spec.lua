local Origin = require "spec.support.origin"
local json = require "partylua.json"
local party = require "spec.support.party"

--- A room that holds a WebSocket to another server and tells over HTTP what it has heard.
local APP = [[
local party = require "partylua"
local Room, commands = {}, {}

local function listen(self, socket)
  local events = party.json.array {}
  self.events = events
  socket:addEventListener("open", function() events[#events + 1] = "open" end)
  socket:addEventListener("message", function(event)
    if event.data == "slow" then party.sleep(0.05) end
    events[#events + 1] = event.isBinary and #event.data .. " bytes" or "text " .. event.data
  end)
  socket:addEventListener("error", function(event)
    events[#events + 1] = "error " .. event.message
  end)
  socket:addEventListener("close", function(event)
    events[#events + 1] = ("close %d %s %s"):format(event.code, event.reason,
      tostring(event.wasClean))
  end)
end

function commands.open(self, query)
  local protocols = query.protocols and { "v2", "v1" }
  local headers = query.header and { ["x-mark"] = query.header }
  self.socket = party.WebSocket(query.url, protocols, { headers = headers,
    timeout = tonumber(query.timeout) })
  listen(self, self.socket)
  return { self.socket.readyState, self.socket.url }
end
function commands.look(self)
  return { events = self.events, state = self.socket.readyState, protocol = self.socket.protocol,
    url = self.socket.url }
end
function commands.send(self, query) self.socket:send(query.text) end
function commands.binary(self) self.socket:send(party.binary "\0\255") end
function commands.bad(self) self.socket:send "\255" end
function commands.close(self, query) self.socket:close(tonumber(query.code), query.reason) end
function commands.large(self, query)
  self.socket:send(("x"):rep(tonumber(query.size)))
end
function commands.pump(self, query)
  self.sent = 0
  party.spawn(function()
    for i = 1, tonumber(query.count) do
      self.socket:send(("y"):rep(65536))
      self.sent = i
    end
  end)
end
function commands.sent(self) return self.sent end
function commands.write(self)
  self.room.storage:put("a", 1)
  self.socket:send "after a write"
end
function commands.errors()
  local messages = {}
  for i, arguments in ipairs {
    { "ftp://a" }, { "nonsense" }, { 5 }, { "ws://a/#part" }, { "ws://user:pass@a/" },
    { "ws://a", { "a b" } }, { "ws://a", 5 }, { "ws://a", nil, 5 },
    { "ws://a", {}, { timeout = 0 } },
  } do
    messages[i] = select(2, pcall(party.WebSocket, unpack(arguments, 1, 3)))
  end
  return messages
end

function Room:onRequest(request)
  local name = request.path:match "([%w]+)$"
  local ok, result = pcall(commands[name], self, request.query)
  return party.Response.json { ok = ok, result = result }
end
return Room
]]

--- The other server: another party, which says what it hears.
local ORIGIN = [[
local party = require "partylua"
local Echo, Main = {}, {}
function Echo:onConnect(conn, ctx)
  conn:send(party.json.encode { mark = ctx.request.headers:get "x-mark",
    agent = ctx.request.headers:get "user-agent" })
end
function Echo:onMessage(message, conn, isBinary)
  if message == "close" then return conn:close(4001, "go away") end
  if message == "big" then return conn:send(("x"):rep(200000)) end
  if message == "hold" then
    party.log.info "holding"
    self.room:blockConcurrencyWhile(function() party.sleep(3600) end)
  end
  if message:find "^many" then
    for i = 1, 1500 do conn:send(tostring(i)) end
    return
  end
  conn:send(isBinary and party.binary(message) or #message > 100 and tostring(#message) or message)
end
function Echo:onClose(conn, code, reason, wasClean)
  party.log.info("left", { code = code, reason = reason, clean = wasClean })
end
function Echo:onBeforeConnect(request)
  if request.query.refuse then return party.Response("no", { status = 403 }) end
end
return Echo
]]

describe("party.WebSocket", function()
  local server, origin, base

  local function serve(ping_interval)
    return party.serve(APP, { "--fetch-allow", "127.0.0.1", "--message-bytes", "100KiB",
      "--ping-interval", ping_interval, "--close-timeout", "1s" })
  end

  setup(function()
    origin = party.serve(ORIGIN, { "--ping-interval", "100ms", "--block-timeout", "0",
      "--room-events", "8", "--room-event-bytes", "256KiB" })
    server = serve "100ms"
    base = ("ws://127.0.0.1:%d/party/a"):format(origin.port)
  end)
  teardown(function()
    server:stop()
    origin.process:kill()
  end)

  local function escape(text)
    return (text:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end))
  end

  local function ask(command)
    return json.decode(server:get("/party/room/" .. command).body)
  end

  local function look() return ask("look").result end

  local function open(url, more)
    local answer = ask("open?url=" .. escape(url) .. (more or ""))
    assert.is_true(answer.ok, tostring(answer.result))
  end

  --- Waits until an event has come that looks so; gives all.
  local function wait_for(pattern)
    local found
    party.eventually("there is an event " .. pattern, function()
      found = look()
      for _, event in ipairs(found.events) do
        if event:find(pattern) then return true end
      end
    end)
    return found
  end

  it("opens, says and hears messages, and closes", function()
    open(base, "&header=mine")
    local found = wait_for "mine"
    assert.equal("open", found.events[1])
    assert.matches('"agent":"partylua', found.events[2])
    assert.same({ 1, "", base }, { found.state, found.protocol, found.url })
    assert.is_true(ask("send?text=hello").ok)
    assert.is_true(ask("send?text=").ok)
    assert.is_true(ask("binary").ok)
    found = wait_for "^2 bytes"
    assert.same({ "text hello", "text " }, { found.events[3], found.events[4] })
    assert.matches("app.lua:%d+: a text message must be valid UTF%-8", ask("bad").result)
    ask "close?code=4000&reason=done"
    assert.equal("close 4000 done true", wait_for("^close").events[6])
    origin:expect_log "left [^\n]*clean=true code=4000 reason=done"
    assert.is_true(ask("send?text=late").ok)
    assert.equal(3, look().state)
  end)

  it("hears of the other side's end", function()
    open(base)
    wait_for "^open"
    ask "send?text=close"
    local found = wait_for "^close"
    assert.equal("close 4001 go away true", found.events[#found.events])
    origin:expect_log "left [^\n]*clean=true code=4001"
  end)

  it("stays open while nothing is said, by pings of either side", function()
    open(base)
    wait_for "^open"
    local since = party.now()
    party.eventually("some time has passed", function() return party.now() - since > 0.5 end)
    ask "send?text=still"
    wait_for "^text still"
    ask "close"
    assert.matches("^close 1005", wait_for("^close").events[4])
  end)

  it("offers sub-protocols", function()
    open(base, "&protocols=1")
    assert.equal("v2", wait_for("^open").protocol)
    ask "close"
  end)

  for name, case in pairs {
    ["is refused"] = { "?refuse=1", "the server answers with status 403" },
    ["finds no party"] = { "/../../parties/none/a", "the server answers with status 404" },
  } do
    it("that " .. name .. " fails", function()
      open(base .. case[1])
      local found = wait_for "^close"
      assert.same({ "error " .. case[2], "close 1006  false" }, found.events)
      assert.equal(3, found.state)
    end)
  end

  it("reaches what party.fetch may reach, and nothing else", function()
    open "ws://10.0.0.1/"
    local found = wait_for "^close"
    assert.equal("error the address 10.0.0.1 is not open to fetch (see --fetch-allow)",
      found.events[1])
  end)

  it("that takes too long to open fails", function()
    local app = ORIGIN:gsub("if request.query.refuse", "party.sleep(3600) if 1", 1)
    local silent = party.serve(app)
    open(("ws://127.0.0.1:%d/party/a"):format(silent.port), "&timeout=0.1")
    assert.matches("^error it takes longer than", wait_for("^close").events[1])
    silent.process:kill()
  end)

  it("closes with 1009 for a message that is too long", function()
    open(base)
    wait_for "^open"
    ask "large?size=90000"
    wait_for "^text 90000"
    ask "send?text=big"
    assert.equal("error message is too long", wait_for("^error").events[4])
    origin:expect_log "left [^\n]*code=1009"
  end)

  it("is closed with 1001 when its server stops", function()
    local other = party.serve(APP, { "--fetch-allow", "127.0.0.1" })
    other:get("/party/room/open?url=" .. escape(base))
    party.eventually("it is open", function()
      return json.decode(other:get("/party/room/look").body).result.state == 1
    end)
    local began = party.now()
    other:stop()
    assert.is_true(party.now() - began < 5)
    origin:expect_log "left [^\n]*code=1001"
  end)

  it("loses none of many messages, and runs their listeners by the thousand", function()
    open(base)
    wait_for "^open"
    ask "send?text=many"
    local found = wait_for "^text 1500$"
    assert.equal(1502, #found.events)
    for i = 3, 1502 do assert.equal("text " .. i - 2, found.events[i]) end
    ask "close"
  end)

  it("lets its sender wait while the server takes no more", function()
    local usual = server
    server = serve "0" -- without pings: a server that takes no more answers none
    finally(function()
      server:stop()
      server = usual
    end)
    open(base .. "-held")
    wait_for "^open"
    ask "send?text=hold"
    origin:expect_log "holding"
    assert.is_true(ask("pump?count=2000").ok)
    local before
    party.eventually("sending comes to rest", function()
      local sent = ask("sent").result
      local is_same = sent == before and sent > 0
      before = sent
      return is_same
    end)
    assert.is_true(before < 1000, before .. " messages of 64 KiB are under way")
    ask "close"
    assert.matches("^close 1006", wait_for("^close").events[3])
  end)

  it("reads no further while a server takes none of its pongs, and gives it up", function()
    local other = Origin.start()
    open(("ws://127.0.0.1:%d/ws/pings"):format(other.http))
    wait_for "^close 1006"
    local bytes = other:stats().pingBytes
    other:stop()
    assert.is_true(bytes > 0 and bytes < 64 * 1024 ^ 2, bytes .. " bytes of pings were read")
  end)

  it("sends after a write when that is durable", function()
    open(base)
    wait_for "^open"
    assert.is_true(ask("write").ok)
    wait_for "^text after a write"
    ask "close"
  end)

  it("refuses what it cannot use", function()
    local messages = ask("errors").result
    for i, pattern in ipairs { "begins with ws:// or wss://", "begins with", "begins with",
      "no part behind #", "no user name", "cannot be called", "a text or a list", "takes a table",
      "above 0" } do
      assert.matches(pattern, messages[i], 1, true)
    end
    open(base)
    wait_for "^open"
    for _, query in ipairs { "code=1001", "code=5000", "code=1000.5",
      "reason=alone", "code=4000&reason=" .. ("x"):rep(124) } do
      assert.is_false(ask("close?" .. query).ok, query)
    end
    ask "close"
  end)
end)

describe("party.WebSocket to a server of another make", function()
  local server, origin, run
  setup(function()
    origin = Origin.start(true)
    server = party.serve("spec/server/apps/run.lua", { "--fetch-allow", origin:rules(),
      "--fetch-ca", origin.ca })
    run = origin:runner(server)
  end)
  teardown(function()
    server:stop()
    origin:stop()
  end)

  --- What a socket hears that says some things and closes when it has heard `count` messages.
  local function talk(url, count, messages)
    return run(([[
      local socket = party.WebSocket((%s), nil, { headers = { ["X-Mark"] = "mark" } })
      local heard, over = party.json.array {}, false
      socket:addEventListener("open", function() %s end)
      socket:addEventListener("message", function(event)
        heard[#heard + 1] = #event.data > 100 and #event.data or event.data
        if #heard == %d then socket:close(1000, "enough") end
      end)
      socket:addEventListener("error", function(event) heard[#heard + 1] = event.message end)
      socket:addEventListener("close", function(event)
        heard[#heard + 1] = event.code .. " " .. event.reason
        over = true
      end)
      while not over do party.sleep(0.002) end
      return heard
    ]]):format(url, messages or "", count or 0))
  end

  for name, url in pairs {
    ["in the clear"] = 'ORIGIN:gsub("^http", "ws") .. "/ws/echo"',
    ["over TLS"] = 'SECURE:gsub("^http", "ws") .. "/ws/echo"',
  } do
    it("talks " .. name, function()
      assert.same({ "mark", "hello", 65536, 300000, "1000 enough" }, talk(url, 4, [[
        socket:send "hello"
        socket:send(("x"):rep(65536))
        socket:send(party.binary(("y"):rep(300000)))
      ]]))
    end)
  end

  for manner, why in pairs {
    accept = "the server's Sec-WebSocket-Accept is wrong",
    extension = "the server wants an extension",
    protocol = "the server chose a sub-protocol that was not offered",
    other = "the server changes to another protocol",
    ["raw/8180"] = "a server must not mask", ["raw/c100"] = "reserved bits are set",
    ["raw/8101ff"] = "text is not UTF-8",
  } do
    it("gives up one whose manner is " .. manner, function()
      assert.same({ why, "1006 " }, talk(('ORIGIN .. "/ws/%s"'):format(manner)))
    end)
  end

  it("hears that the connection broke", function()
    assert.same({ "1006 " }, talk 'ORIGIN .. "/ws/cut"')
  end)

  it("hears messages in fragments, and a close without a code", function()
    assert.same({ "hello", "1005 " }, talk 'ORIGIN .. "/ws/raw/0102686580036c6c6f8800"')
  end)
end)
