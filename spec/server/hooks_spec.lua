local WebSocket = require "spec.support.websocket"
local json = require "partylua.json"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local json, Response = party.json, party.Response
local App, started = {}, {}

--- What to raise for a name: the forms an error can have.
local raise = {
  text = function() error "plain words" end,
  bare = function() error("bare words", 0) end,
  empty = function() error "" end,
  object = function() error { message = "of an object", code = 403 } end,
  own = function() error { message = "go away", code = 4010 } end,
  status = function() error { message = "odd", code = 200 } end,
  number = function() error(42) end,
  nothing = function() error() end,
  table = function() error {} end,
  bug = function() local x = nil; return x.y end,
  twice = function()
    local ok, err = pcall(error, "words raised anew", 2)
    error(err, 0)
  end,
  late = function()
    party.sleep(0.01)
    error "after a while"
  end,
  long = function() error(("\195\164"):rep(100)) end,
}

local function counted(id)
  started[id] = (started[id] or 0) + 1
  return started[id]
end

function App:constructor(room)
  self.log = json.array {}
  self:note("constructor " .. room.id)
  if room.id:find "^ctor" and counted(room.id) <= 2 then error "no object" end
end

function App:note(line) self.log[#self.log + 1] = line end

function App:onStart()
  self:note "start"
  if self.room.id:find "^start" and counted(self.room.id) <= 2 then
    party.sleep(0.02)
    error "not started"
  end
  if self.room.id:find "^slow" then
    party.log.info("starting", { room = self.room.id })
    while not started[self.room.id] do party.sleep(0.005) end
  end
  self:note "started"
end

function App:getConnectionTags(conn, ctx)
  self:note("tags " .. conn.id)
  local fail = ctx.request.query.failtags
  if fail then raise[fail]() end
  return {}
end

function App:onConnect(conn, ctx)
  self:note("connect " .. conn.id .. " " .. ctx.request.path)
  conn:send "welcome"
  local fail = ctx.request.query.fail
  if fail then raise[fail]() end
end

function App:onMessage(message, conn, isBinary)
  self:note(("message %s %s %s"):format(conn.id, message, tostring(isBinary)))
  if raise[message] then raise[message]() end
  conn:send("got " .. message)
end

function App:onClose(conn, code, reason, wasClean)
  self:note(("close %s %d [%s] %s %d"):format(conn.id, code, reason, tostring(wasClean),
    conn.readyState))
  if reason == "raise" then error "in onClose" end
end

function App:onError(conn, err)
  self:note(("error %s %s"):format(conn.id, tostring(err)))
  error "in onError"
end

function App:onRequest(request)
  local query = request.query
  if query.go then started[query.go] = 1 end
  if query.fail then raise[query.fail]() end
  if query.value then return query.value end
  if not query.quiet then self:note("request " .. request.method) end
  return Response.json(self.log)
end

return App
]]

describe("the hooks of a room", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  local function log_of(room)
    return json.decode(server:get("/party/" .. room .. "?quiet=1").body)
  end

  local function wait_for_log(room, line)
    party.eventually(line .. " is in the log", function()
      local log = log_of(room)
      return log[#log] == line
    end)
  end

  it("are called in their order, with what belongs to them", function()
    local socket = server:connect "/party/order/below?_pk=ann"
    assert.equal("welcome", socket:receive())
    socket:send "hi"
    assert.equal("got hi", socket:receive())
    socket:send_binary "\1"
    assert.equal("got \1", socket:receive())
    socket:close(4001, "bye")
    socket:wait_closed()
    wait_for_log("order", "close ann 4001 [bye] true 3")
    server:request("DELETE", "/party/order")
    assert.same({
      "constructor order", "start", "started", "tags ann", "connect ann /party/order/below",
      "message ann hi false", "message ann \1 true", "close ann 4001 [bye] true 3",
      "request DELETE",
    }, log_of "order")
  end)

  it("hear of a connection that broke by onClose, with 1006", function()
    local socket = server:connect "/party/broken?_pk=ann"
    socket:receive()
    socket:drop()
    wait_for_log("broken",
      "close ann 1006 [WebSocket disconnected without sending Close frame.] false 3")
  end)

  it("hear of a broken protocol by onError alone", function()
    local socket = server:connect "/party/rude?_pk=ann"
    socket:receive()
    socket:send "\255"
    assert.equal(1007, (socket:wait_closed()))
    wait_for_log("rude", "error ann text is not UTF-8")
    server:expect_log "room=rude hook=onError [^\n]*in onError"
  end)

  it("get nothing before onStart has ended, and then all in order", function()
    local one = server:tcp()
    one:send "GET /party/slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    server:expect_log "starting [^\n]*room=slow"
    local two = WebSocket.begin(server.port, "/party/slow?_pk=ann")
    server:get "/party/other" -- a turn later both have been read
    assert.is_true(one:is_silent())
    assert.is_true(two.tcp:is_silent())
    server:get "/party/other?go=slow"
    assert.equal(101, two:finish_handshake().status)
    local body = one:take_all():match "\r\n\r\n(.*)$"
    assert.same({ "constructor slow", "start", "started", "request GET" }, json.decode(body))
    assert.equal("connect ann /party/slow", log_of "slow"[6])
    two:drop()
  end)

  for name, message in pairs { ctor = "no object", start = "not started" } do
    it(("that fail at the beginning (%s) answer 500, and are tried again"):format(name), function()
      local room = name .. "-1"
      local answer = server:get("/party/" .. room)
      assert.equal(500, answer.status)
      assert.equal(message, answer.body)
      answer = server:connect("/party/" .. room).answer
      assert.equal(500, answer.status)
      assert.equal(message, answer.body)
      assert.equal(101, server:connect("/party/" .. room).answer.status)
      assert.equal("started", log_of(room)[3])
    end)
  end

  it("that fail at the beginning fail all who wait for it", function()
    local waiting = {}
    for i = 1, 3 do
      waiting[i] = server:tcp()
      waiting[i]:send "GET /party/start-2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    end
    local failed = 0
    for _, tcp in ipairs(waiting) do
      if tcp:take_all():find("^HTTP/1.1 500 .*not started$") then failed = failed + 1 end
    end
    assert.is_true(failed >= 2)
  end)
end)

describe("an error in onRequest is answered", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  for name, expected in pairs {
    text = { 500, "plain words" },
    bare = { 500, "bare words" },
    empty = { 500, "Uncaught exception when making a request" },
    object = { 403, "of an object" },
    own = { 500, "go away" },
    status = { 500, "odd" },
    number = { 500, "42" },
    nothing = { 500, "Uncaught exception when making a request" },
    table = { 500, "Uncaught exception when making a request" },
    bug = { 500, "attempt to index local 'x' (a nil value)" },
    twice = { 500, "words raised anew" },
    late = { 500, "after a while" },
  } do
    it(("with %d %s"):format(expected[1], expected[2]), function()
      local answer = server:get("/party/room?fail=" .. name)
      assert.same(expected, { answer.status, answer.body })
      server:expect_log "hook=onRequest at=%S+app.lua:%d+ err="
    end)
  end

  it("and logged with the line of the source it comes from", function()
    for _, name in ipairs { "text", "bare", "object", "bug" } do
      server:get("/party/room?fail=" .. name)
      server:expect_log(('at=%%S+app.lua:%%d+ err=[^\n]+ source="%s = function'):format(name))
    end
  end)

  it("with 500 when it returns no Response", function()
    local answer = server:get "/party/room?value=words"
    assert.equal(500, answer.status)
    assert.equal("onRequest must return a Response, got string", answer.body)
  end)
end)

describe("an error in getConnectionTags or onConnect closes", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  for name, expected in pairs {
    text = { 1011, "plain words" },
    bare = { 1011, "bare words" },
    empty = { 1011, "Uncaught exception when connecting" },
    object = { 1011, "of an object" },
    own = { 4010, "go away" },
    late = { 1011, "after a while" },
    long = { 1011, ("\195\164"):rep(61) }, -- cut between characters to what a frame can hold
  } do
    for _, where in ipairs { "fail", "failtags" } do
      it(("with %d %s (?%s=%s)"):format(expected[1], expected[2], where, name), function()
        local room = "/party/" .. where .. name
        local socket = server:connect(("%s?_pk=ann&%s=%s"):format(room, where, name))
        assert.equal(101, socket.answer.status)
        assert.is_nil(socket:receive()) -- and not what was sent before it failed
        assert.same(expected, { socket.closed.code, socket.closed.reason })
        socket:close(expected[1])
        assert.is_true(socket.tcp:is_ended())
        assert.not_matches("close ann", server:get(room).body)
      end)
    end
  end
end)

describe("an error in another hook", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  it("is logged with its place, and the connection goes on", function()
    local socket = server:connect "/party/room?_pk=ann"
    socket:receive()
    for _, name in ipairs { "text", "late", "bug", "table", "nothing" } do socket:send(name) end
    socket:send "on"
    assert.equal("got on", socket:receive())
    server:expect_log("party=main room=room hook=onMessage conn=ann at=%S+app.lua:%d+ "
      .. 'err="plain words" source="text')
    server:expect_log 'hook=onMessage conn=ann at=%S+app.lua:%d+ err="after a while"'
    socket:close(1000, "raise")
    assert.equal(1000, (socket:wait_closed()))
    server:expect_log 'hook=onClose conn=ann at=%S+app.lua:%d+ err="in onClose"'
  end)
end)

describe("a class without hooks", function()
  local server
  setup(function() server = party.serve "return {\n}" end)
  teardown(function() server:stop() end)

  it("accepts connections and answers requests with 500", function()
    local socket = server:connect "/party/room"
    socket:send "into the void"
    socket:ping "there"
    assert.equal(10, (socket:receive_frame()))
    socket:close(1000)
    assert.equal(1000, (socket:wait_closed()))
    local answer = server:get "/party/room"
    assert.equal(500, answer.status)
    assert.equal("No onRequest handler", answer.body)
  end)
end)
