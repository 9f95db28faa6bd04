local party = require "spec.support.party"
local json = require "partylua.json"

local MAIN = [[
local party = require "partylua"
local Response, Request = party.Response, party.Request
local Main = {}

local modes = {}
function modes.pass(request) return request end
function modes.nothing(request) request.headers:set("x-mark", "changed") end
function modes.rewrite(request)
  return Request(request.url .. "&rewritten=1", { headers = { ["x-mark"] = "new" } })
end
function modes.respond()
  return Response("no entry", { status = 403, headers = { ["x-why"] = "closed" } })
end
function modes.raise() error "not today" end
function modes.bare() error("bare", 0) end
function modes.empty() error "" end
function modes.none() error() end
function modes.code() error { message = "odd", code = 500 } end
function modes.yes() return true end
function modes.late(request)
  party.sleep(0.01)
  return request
end
function modes.lobby(_, lobby, ctx)
  return Response.json { id = lobby.id, env = lobby.env.COLOUR, parties = lobby.parties ~= nil,
    other = lobby.parties.other ~= nil, none = lobby.parties.nosuch == nil,
    ctx = type(ctx.waitUntil) }
end

local function before(request, lobby, ctx)
  return modes[request.query.mode or "pass"](request, lobby, ctx)
end

function Main:onBeforeRequest(...) return before(...) end
function Main:onBeforeConnect(...) return before(...) end

local function describe(request)
  return party.json.encode { search = request.search, mark = request.headers:get "x-mark" }
end

function Main:onStart() party.log.info("started", { room = self.room.id }) end
function Main:onRequest(request) return Response(describe(request)) end
function Main:onConnect(conn, ctx) conn:send(describe(ctx.request)) end

function Main:onFetch(request, lobby, ctx)
  if request.path == "/raise" then error { message = "in onFetch", code = 404 } end
  if request.path == "/wrong" then return "words" end
  if request.path == "/nothing" then return nil end
  if request.path == "/later" then
    ctx:waitUntil(function()
      party.sleep(0.02)
      party.log.info "done later"
    end)
    return Response "now"
  end
  if request.path == "/room" then
    return lobby.parties.other:get("reached"):fetch "/below?x=1"
  end
  return Response.json { path = request.path, method = request.method, body = request:text(),
    id = lobby.id == nil, env = lobby.env.COLOUR }
end

return Main
]]

local OTHER = [[
local party = require "partylua"
local Other = {}
function Other:onFetch() return party.Response "never" end
function Other:onRequest(request) return party.Response(self.room.id .. " " .. request.path) end
return Other
]]

local function serve(main, arguments)
  local _, folder = party.write_file("app.lua", main)
  party.write_file("other.lua", OTHER, folder)
  party.write_file("partylua.json", '{ "main": "app.lua", "parties": { "other": "other.lua" } }',
    folder)
  return party.serve(folder .. "/app.lua", arguments, folder)
end

describe("onBeforeRequest and onBeforeConnect", function()
  local server
  setup(function() server = serve(MAIN, { "--var", "COLOUR=red" }) end)
  teardown(function() server:stop() end)

  --- The answer to both kinds of request: status and body, or the first message.
  local function ask(kind, query)
    if kind == "request" then
      local answer = server:get("/party/room?" .. query)
      return answer.status, answer.body, answer
    end
    local socket = server:connect("/party/room?" .. query)
    if socket.answer.status ~= 101 then
      return socket.answer.status, socket.answer.body, socket.answer
    end
    return 200, socket:receive()
  end

  for _, kind in ipairs { "request", "connection" } do
    local function ask_for(mode) return ask(kind, "mode=" .. mode) end

    it(("let a %s on that they return"):format(kind), function()
      for _, mode in ipairs { "pass", "late" } do
        local status, body = ask_for(mode)
        assert.equal(200, status)
        assert.same({ search = "?mode=" .. mode }, json.decode(body))
      end
    end)

    it(("let a %s on with their changes when they return nothing"):format(kind), function()
      local _, body = ask_for "nothing"
      assert.equal("changed", json.decode(body).mark)
    end)

    it(("put another %s in its place"):format(kind), function()
      local _, body = ask_for "rewrite"
      assert.same({ search = "?mode=rewrite&rewritten=1", mark = "new" }, json.decode(body))
    end)

    it(("answer a %s themselves with a Response"):format(kind), function()
      local status, body, answer = ask_for "respond"
      assert.same({ 403, "no entry", "closed" }, { status, body, answer.headers["x-why"] })
    end)

    for mode, expected in pairs {
      raise = { 401, "not today" }, bare = { 401, "bare" }, empty = { 401, "" },
      none = { 401, "Unauthorised" }, code = { 401, "odd" },
    } do
      it(("refuse a %s with %d %q when they raise"):format(kind, unpack(expected)), function()
        local status, body = ask_for(mode)
        assert.same(expected, { status, body })
      end)
    end

    it(("refuse a %s when they return something else"):format(kind), function()
      local status, body = ask_for "yes"
      assert.equal(401, status)
      assert.matches("must return a Request, a Response or nothing, got boolean", body)
    end)

    it(("get a lobby with the id of the room for a %s"):format(kind), function()
      local _, body = ask_for "lobby"
      assert.same({ id = "room", env = "red", parties = true, other = true, none = true,
        ctx = "function" }, json.decode(body))
    end)
  end

  it("come before the room, which is not even made", function()
    server:get "/party/untouched?mode=raise"
    server:connect "/party/untouched?mode=respond"
    server:get "/party/touched"
    server:expect_log "started [^\n]*room=touched"
    assert.not_matches("room=untouched", server:log(), 1, true)
  end)

  it("are not asked for parties without them", function()
    assert.equal("room /parties/other/room", server:get("/parties/other/room?mode=raise").body)
  end)

  it("leave a refused connection usable", function()
    local tcp = server:tcp()
    tcp:send("GET /party/room?mode=raise HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
      .. "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      .. "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
      .. "GET /party/room HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert.matches("^HTTP/1.1 401 .*not todayHTTP/1.1 200 ", tcp:take_all())
  end)
end)

describe("onFetch", function()
  local server
  setup(function() server = serve(MAIN, { "--var", "COLOUR=red" }) end)
  teardown(function() server:stop() end)

  it("answers what is no party URL, with a lobby that has no id", function()
    local answer = server:request("POST", "/some/where?x=1", { body = "hello" })
    assert.same({ path = "/some/where", method = "POST", body = "hello", id = true, env = "red" },
      json.decode(answer.body))
  end)

  it("leaves the rest to 404 when it returns nothing", function()
    local answer = server:get "/nothing"
    assert.same({ 404, "Not found" }, { answer.status, answer.body })
  end)

  it("that raises is answered with 500 and the message, whatever its code", function()
    local answer = server:get "/raise"
    assert.same({ 500, "in onFetch" }, { answer.status, answer.body })
  end)

  it("that returns no Response is answered with 500", function()
    local answer = server:get "/wrong"
    assert.same({ 500, "onFetch must return a Response, got string" },
      { answer.status, answer.body })
  end)

  it("may go on after its answer with waitUntil", function()
    assert.equal("now", server:get("/later").body)
    server:expect_log "done later"
  end)

  it("reaches rooms through the lobby", function()
    assert.equal("reached /parties/other/reached/below", server:get("/room").body)
  end)

  it("of another party is not called, and the log warns of it", function()
    server:expect_log "party other: onFetch is called on the main party only"
  end)

  it("is asked for handshakes where there is no onSocket", function()
    local socket = server:connect "/some/where"
    assert.equal(200, socket.answer.status)
    assert.equal("/some/where", json.decode(socket.answer.body).path)
  end)
end)

local SOCKET = [[
local party = require "partylua"
local Main = {}

function Main:onSocket(socket, lobby, ctx)
  local query = socket.request.query
  if query.wait then party.sleep(0.02) end
  if query.fail then error "no socket" end
  socket:send(party.json.encode { path = socket.request.path, id = lobby.id == nil,
    parties = lobby.parties.main ~= nil, ctx = type(ctx.waitUntil) })
  socket:addEventListener("message", function(event)
    if event.data == "leave" then return socket:close(4100, "left") end
    socket:send(event.isBinary and party.binary(event.data) or "heard " .. event.data)
  end)
  socket:addEventListener("close", function(event)
    party.log.info("over", { code = event.code, reason = event.reason, path = socket.request.path })
  end)
end

function Main:onConnect(conn) conn:send "a room" end

return Main
]]

describe("onSocket", function()
  local server
  setup(function() server = serve(SOCKET) end)
  teardown(function() server:stop() end)

  it("takes handshakes to no party, with a lobby that has no id", function()
    for _, path in ipairs { "/live?wait=1", "/live" } do
      local socket = server:connect(path)
      assert.same({ path = "/live", id = true, parties = true, ctx = "function" },
        json.decode(socket:receive()))
      socket:send "hello"
      assert.equal("heard hello", socket:receive())
      socket:send_binary "\0"
      assert.same({ "\0", true }, { socket:receive() })
    end
  end)

  it("hears the end of a socket, whoever begins it", function()
    local socket = server:connect "/by-us"
    socket:receive()
    socket:close(4000, "done")
    assert.equal(4000, (socket:wait_closed()))
    server:expect_log "over [^\n]*code=4000 path=/by%-us reason=done"
    socket = server:connect "/by-it"
    socket:receive()
    socket:send "leave"
    assert.same({ 4100, "left" }, { socket:wait_closed() })
    socket:close(4100)
    server:expect_log "over [^\n]*code=4100 path=/by%-it"
  end)

  it("that raises refuses the handshake with 500", function()
    for _, path in ipairs { "/live?fail=1", "/live?fail=1&wait=1" } do
      local socket = server:connect(path)
      assert.same({ 500, "no socket" }, { socket.answer.status, socket.answer.body })
      assert.is_true(socket.tcp:is_ended())
    end
  end)

  it("leaves party URLs and requests alone", function()
    assert.equal("a room", server:connect("/party/room"):receive())
    assert.equal(404, server:get("/live").status)
    assert.equal(404, server:connect("/parties/nosuch/room").answer.status)
  end)
end)
