local party = require "spec.support.party"

--- A room that waits inside blockConcurrencyWhile until it is released from outside: by another
--- room, since its own events have to wait.
local APP = [[
local party = require "partylua"
local Response = party.Response
local Room, Gate = {}, {}
local broken = {}

function Gate:onRequest(request)
  if request.query.open then self.is_open = true end
  return Response(self.is_open and "open" or "shut")
end

local function wait_for_gate(room)
  local gate = room.context.parties.gate:get(room.id)
  while gate:fetch():text() ~= "open" do party.sleep(0.005) end
end

function Room:constructor(room)
  self.lines = {}
  if room.id == "hopeless" then
    room:blockConcurrencyWhile(function() party.sleep(3600) end)
  end
  if room.id == "hopeful" and not broken.hopeful then
    broken.hopeful = true
    room:blockConcurrencyWhile(function() error("not yet", 0) end)
  end
  self.made = room:blockConcurrencyWhile(function()
    party.sleep(0.005)
    return "made in the constructor"
  end)
end

function Room:onConnect(conn, ctx)
  if ctx.request.query.fail then
    self.room:blockConcurrencyWhile(function() error("no entry", 0) end)
  end
  conn:send "welcome"
end

local commands = {}

function commands.block(self)
  return self.room:blockConcurrencyWhile(function()
    party.log.info("blocked", { room = self.room.id })
    wait_for_gate(self.room)
    self.lines[#self.lines + 1] = "unblocked"
    return "one", nil, "three"
  end)
end

function commands.nested(self)
  return self.room:blockConcurrencyWhile(function()
    return self.room:blockConcurrencyWhile(function() return "from inside" end)
  end)
end

function commands.all(self)
  return self.room:blockConcurrencyWhile(function()
    return table.concat(party.all {
      function() party.sleep(0.005) return "a" end, function() return "b" end,
    })
  end)
end

function commands.fail(self)
  return self.room:blockConcurrencyWhile(function()
    self.room.storage:put("kept", "what it wrote")
    party.sleep(0.005)
    error { message = "not this time", code = 409 }
  end)
end

function commands.catch(self)
  local ok, why = pcall(self.room.blockConcurrencyWhile, self.room, function()
    error("caught", 0)
  end)
  return tostring(ok) .. " " .. why
end

function commands.stuck(self)
  self.room:blockConcurrencyWhile(function() party.sleep(3600) end)
end

function commands.wrong(self)
  return select(2, pcall(self.room.blockConcurrencyWhile, self.room, "words"))
end

function commands.slow()
  party.log.info "slow"
  party.sleep(3600)
end

function commands.timers(self)
  party.after(0, function() self.lines[#self.lines + 1] = "outside" end)
  self.room:blockConcurrencyWhile(function()
    local is_done
    party.after(0.02, function() is_done = true end)
    while not is_done do party.sleep(0.002) end
    self.lines[#self.lines + 1] = "inside"
  end)
  return "done"
end

function Room:onMessage(message, conn)
  self.lines[#self.lines + 1] = message
  conn:send(message)
end

function Room:onRequest(request)
  local command = commands[request.query.do_ or ""]
  if not command then
    return Response(("%s, %s, %s"):format(self.made, table.concat(self.lines, " "),
      self.room.storage:get "kept" or "nothing"))
  end
  local results = { n = 0 }
  local function keep(...)
    for i = 1, select("#", ...) do results[i] = tostring((select(i, ...))) end
  end
  keep(command(self))
  return Response(table.concat(results, " "))
end

function Room:onClose(conn) party.log.info("left", { id = conn.id }) end

return party.app { main = Room, parties = { gate = Gate } }
]]

describe("room:blockConcurrencyWhile", function()
  local server, rooms, room = nil, 0, nil
  setup(function() server = party.serve(APP, { "--block-timeout", "150ms" }) end)
  teardown(function() server:stop() end)
  before_each(function()
    rooms = rooms + 1
    room = "room" .. rooms
  end)

  local function path(query) return ("/parties/main/%s%s"):format(room, query or "") end
  local function state() return server:get(path()).body end

  --- A command whose answer is read later.
  local function begin(command)
    local tcp = server:tcp()
    tcp:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(path("?do_=" .. command)))
    return function() return require("spec.support.http").read(tcp) end
  end

  it("gives what its function gives, in the constructor too", function()
    server:get("/parties/gate/" .. room .. "?open=1")
    assert.equal("one nil three", server:get(path "?do_=block").body)
    assert.matches("^made in the constructor, unblocked, ", state())
  end)

  it("holds messages, requests and timers of the room back until its function has ended", function()
    server:stop()
    server = party.serve(APP)
    local socket = server:connect(path())
    assert.equal("welcome", socket:receive())
    local blocked = begin "block"
    server:expect_log("blocked [^\n]*" .. room)
    socket:send "while blocked"
    local asked = begin ""
    assert.equal("shut", server:get("/parties/gate/" .. room).body) -- a turn later
    assert.is_true(socket.tcp:is_silent())
    server:get("/parties/gate/" .. room .. "?open=1")
    assert.equal(200, blocked().status)
    assert.equal("while blocked", socket:receive())
    assert.matches("unblocked while blocked", asked().body)
    server:stop()
    server = party.serve(APP, { "--block-timeout", "150ms" })
  end)

  it("lets timers run that were begun inside, and no others", function()
    assert.equal("done", server:get(path "?do_=timers").body)
    party.eventually("both have run", function() return state():find "outside" end)
    assert.matches(", inside outside, ", state(), 1, true)
  end)

  it("may stand in another one, and wait for tasks of its own", function()
    assert.equal("from inside", server:get(path "?do_=nested").body)
    assert.equal("ab", server:get(path "?do_=all").body)
  end)

  it("resets the room when its function fails, after what it has written is durable", function()
    local socket = server:connect(path())
    assert.equal("welcome", socket:receive())
    socket:send "before"
    assert.equal("before", socket:receive())
    local slow = begin "slow"
    server:expect_log "slow"
    local answer = server:get(path "?do_=fail")
    assert.same({ 409, "not this time" }, { answer.status, answer.body })
    assert.same({ 1011, "The room was reset" }, { socket:wait_closed() })
    local given_up = slow()
    assert.same({ 503, "The room was reset" }, { given_up.status, given_up.body })
    assert.equal("made in the constructor, , what it wrote", state())
    server:expect_log "the room is reset [^\n]*err=\"?not this time"
  end)

  it("resets the room also when the error is caught", function()
    local socket = server:connect(path())
    socket:receive()
    assert.equal("false caught", server:get(path "?do_=catch").body)
    assert.equal(1011, (socket:wait_closed()))
  end)

  it("that fails in onConnect refuses with its message", function()
    local socket = server:connect(path "?fail=1")
    assert.same({ 1011, "no entry" }, { socket:wait_closed() })
    assert.matches("^made in the constructor", state())
  end)

  it("that takes too long resets the room", function()
    local socket = server:connect(path())
    assert.equal("welcome", socket:receive())
    local answer = server:get(path "?do_=stuck")
    assert.same({ 503, "The room was reset" }, { answer.status, answer.body })
    assert.equal(1011, (socket:wait_closed()))
    server:expect_log 'the room is reset [^\n]*err="it took longer than 150 ms"'
    assert.matches("^made in the constructor", state())
  end)

  it("in a constructor fails the start, which the next event tries again", function()
    local failed = server:get "/party/hopeful"
    assert.same({ 500, "not yet" }, { failed.status, failed.body })
    assert.equal(200, server:get("/party/hopeful").status)
    local late = server:get "/party/hopeless"
    assert.same({ 500, "The room was reset" }, { late.status, late.body })
  end)

  it("takes a function", function()
    assert.matches("blockConcurrencyWhile takes a function, got string",
      server:get(path "?do_=wrong").body)
  end)
end)
