--- reload: SIGHUP loads the app and the configuration anew; sockets stay open.

local disk = require "spec.support.disk"
local http = require "spec.support.http"
local party = require "spec.support.party"
local Process = require "spec.support.process"
local sys = require "spec.support.sys"

local ROOM = "/parties/main/lobby"

--- An app of one party with these methods; `@` in the text becomes the version.
local function app_text(version, text)
  return ('local party = require "partylua"\nlocal App = {}\n%s\nreturn App\n')
    :format((text:gsub("@", version)))
end

local STATEFUL = [[
function App:constructor(room) self.said = 0 end
function App:onStart() self.started = true end
function App:getConnectionTags() return { "all" } end
function App:onConnect(conn)
  if self.options and self.options.hibernate then conn:setState { by = "hibernating @" }
  else conn:setState { by = "@" } end
  conn:send "welcome to @"
end
function App:onMessage(message, sender)
  self.said = self.said + 1
  local tagged = 0
  for _ in self.room:getConnections "all" do tagged = tagged + 1 end
  sender:send(("@ %s %d %s %d %s"):format(message, self.said, sender.state.by, tagged,
    tostring(self.started)))
end
]]

describe("a reload", function()
  local server, folder

  local function write(version, text, name)
    party.write_file(name or "app.lua", app_text(version, text), folder)
  end

  local function serve(text, arguments)
    write("one", text)
    server = party.serve(folder .. "/app.lua", arguments, folder)
    return server
  end

  --- How many times the log has a text.
  local function count(pattern)
    local _, found = server:log():gsub(pattern, "")
    return found
  end

  --- Sends SIGHUP and waits until the log says what came of it.
  local function reload(outcome)
    local pattern = outcome == "refused" and "not reloaded" or " reloaded ms="
    local before = count(pattern)
    server.process:signal(sys.SIGHUP)
    party.eventually("the server has reloaded", function() return count(pattern) > before end)
  end

  before_each(function() folder = party.make_folder() end)
  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  it("keeps sockets, their states and tags, and starts the room anew", function()
    serve(STATEFUL)
    local ann, bob = server:connect(ROOM), server:connect(ROOM)
    assert.equal("welcome to one", ann:receive())
    bob:receive()
    ann:send "hi"
    assert.equal("one hi 1 one 2 true", ann:receive())
    write("two", STATEFUL)
    reload()
    ann:send "hi"
    assert.equal("two hi 1 one 2 true", ann:receive()) -- 1: the constructor has run again
    assert.match("rooms=1 waiting=0 connections=2", server:log())
    assert.equal("welcome to two", server:connect(ROOM):receive())
  end)

  it("does the same for a room that hibernates", function()
    local text = "App.options = { hibernate = true }\n" .. STATEFUL
    serve(text, { "--hibernate-idle", "10ms" })
    local ann = server:connect(ROOM)
    ann:receive()
    write("two", text)
    reload()
    ann:send "hi"
    assert.equal("two hi 1 hibernating one 1 true", ann:receive())
  end)

  it("starts a room with a clock again at once", function()
    local clock = [[
function App:onStart()
  party.every(0.01, function() self.room:broadcast "tick of @" end)
end
]]
    serve(clock)
    local ann = server:connect(ROOM)
    assert.equal("tick of one", ann:receive())
    write("two", clock)
    reload()
    local text
    repeat text = ann:receive() until text ~= "tick of one"
    assert.equal("tick of two", text)
    for _ = 1, 5 do assert.equal("tick of two", ann:receive()) end -- the old clock is gone
  end)

  it("keeps the old code while the new one is broken", function()
    serve(STATEFUL)
    local ann = server:connect(ROOM)
    ann:receive()
    party.write_file("app.lua", "local App = {}\nfunction App:onMessage(\nreturn App", folder)
    reload "refused"
    assert.match("app.lua:3:1: ", server:log())
    ann:send "hi"
    assert.equal("one hi 1 one 1 true", ann:receive())
    ann:send "hi"
    assert.equal("one hi 2 one 1 true", ann:receive())
    write("three", STATEFUL)
    reload()
    ann:send "hi"
    assert.equal("three hi 1 one 1 true", ann:receive())
  end)

  it("keeps the old code while the configuration is broken", function()
    serve(STATEFUL)
    party.write_file("partylua.json", '{ "prot": 1 }', folder)
    reload "refused"
    assert.match("did you mean 'port'", server:log())
    assert.equal("welcome to one", server:connect(ROOM):receive())
  end)

  it("reads env files and limits again", function()
    party.write_file(".env", "NAME=first\n", folder)
    serve [[
function App:onRequest(request) return party.Response(self.room.env.NAME .. #request:text()) end
]]
    local function post() return server:request("POST", ROOM, { body = ("x"):rep(100) }) end
    assert.equal("first100", post().body)
    party.write_file(".env", "NAME=second\n", folder)
    party.write_file("partylua.json", '{ "limits": { "body-bytes": 99 } }', folder)
    reload()
    assert.equal(413, post().status)
    assert.equal("second0", server:request("POST", ROOM).body)
  end)

  it("says which settings have to wait for a restart", function()
    serve(STATEFUL)
    party.write_file("partylua.json", '{ "mapBytes": "2 GiB" }', folder)
    reload()
    server:expect_log "(without effect before a restart settings=map_bytes)"
  end)

  it("says so of CORS headers, too, and goes on with the old ones", function()
    local headers = '{ "cors": { "X-Is": "%s" } }'
    party.write_file("partylua.json", headers:format "old", folder)
    serve(STATEFUL)
    party.write_file("partylua.json", headers:format "new", folder)
    reload()
    server:expect_log "(without effect before a restart settings=cors)"
    assert.equal("old", server:get(ROOM).headers["x-is"])
  end)

  it("takes other rules for what rooms fetch", function()
    local origin = party.serve "examples/echo/app.lua"
    serve(([[
function App:onRequest()
  local ok, answer = pcall(party.fetch, "http://127.0.0.1:%d/parties/main/x")
  return party.Response(ok and "fetched" or tostring(answer))
end
]]):format(origin.port))
    assert.match("is not open to fetch", server:get(ROOM).body)
    party.write_file("partylua.json", '{ "fetch": { "allow": ["127.0.0.1"] } }', folder)
    reload()
    assert.equal("fetched", server:get(ROOM).body)
    origin:stop()
  end)

  it("loads required modules anew", function()
    party.write_file("greeting.lua", 'return "hello"', folder)
    serve [[
local greeting = require "greeting"
function App:onRequest() return party.Response(greeting) end
]]
    assert.equal("hello", server:get(ROOM).body)
    party.write_file("greeting.lua", 'return "good day"', folder)
    reload()
    assert.equal("good day", server:get(ROOM).body)
  end)

  it("loads TypeScript anew", function()
    local text = [[
export default class App {
  constructor(readonly room) {}
  onMessage(message: string, sender) { sender.send(`@ ${message}`); }
}
]]
    party.write_file("app.ts", (text:gsub("@", "one")), folder)
    server = party.serve(folder .. "/app.ts", nil, folder)
    local ann = server:connect(ROOM)
    ann:send "hi"
    assert.equal("one hi", ann:receive())
    party.write_file("app.ts", (text:gsub("@", "two")), folder)
    reload()
    ann:send "hi"
    assert.equal("two hi", ann:receive())
  end)

  describe("while hooks wait", function()
    it("lets a sleeping hook finish, and holds the room's events until then", function()
      local text = [[
function App:onMessage(message, sender)
  if message == "slow" then party.sleep(0.4) end
  sender:send("@ " .. message)
end
]]
      serve(text)
      local ann, bob = server:connect(ROOM), server:connect(ROOM)
      ann:send "slow"
      bob:send "quick"
      assert.equal("one quick", bob:receive())
      write("two", text)
      reload()
      assert.match("waiting=1", server:log())
      bob:send "quick"
      assert.equal("one slow", ann:receive())
      assert.equal("two quick", bob:receive())
    end)

    it("lets a fetch finish", function()
      local origin = party.serve [[
local App = {}
function App:onRequest()
  require "partylua".sleep(0.4)
  return require "partylua".Response "the answer"
end
return App
]]
      local text = ([[
function App:onRequest()
  return party.Response("@ " .. party.fetch("http://127.0.0.1:%d/parties/main/x"):text())
end
]]):format(origin.port)
      serve(text, { "--fetch-allow", "127.0.0.1" })
      local tcp = server:tcp()
      tcp:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(ROOM))
      party.eventually("it waits", function() return server:get("/nothing").status == 404 end)
      write("two", text)
      reload()
      assert.match("waiting=1", server:log())
      assert.equal("one the answer", http.read(tcp, "GET").body)
      origin:stop()
    end)

    it("lets rooms that call each other finish, in a ring too", function()
      local text = [[
function App:onRequest(request)
  local id, step = self.room.id, request.query.step
  if step == "3" then return party.Response("@ " .. id) end
  if not step then party.sleep(0.3) end
  local next_step = step and step + 1 or 1
  local stub = self.room.context.parties.main:get(id == "a" and "b" or "a")
  return party.Response(stub:fetch("?step=" .. next_step):text() .. " @ " .. id)
end
]]
      text = text:gsub('fetch%("%?step="', 'fetch("/?step="')
      serve(text)
      local tcp = server:tcp()
      tcp:send "GET /parties/main/a HTTP/1.1\r\nHost: x\r\n\r\n"
      party.eventually("the hook waits", function()
        return server:get("/parties/main/b?step=3").body == "one b"
      end)
      write("two", text)
      reload()
      -- a is busy with the old code and answers with it; b had nothing to do and has moved.
      assert.equal("two b one a two b one a", http.read(tcp, "GET").body)
      assert.equal("two a", server:get("/parties/main/a?step=3").body)
    end)

    it("asks the new before-hook when the old one has waited", function()
      local text = [[
function App.onBeforeRequest(App, request)
  party.sleep(@)
  request.headers:set("x-by", "@")
  return request
end
function App:onRequest(request) return party.Response("@ " .. request.headers:get "x-by") end
]]
      text = text:gsub("function App.onBeforeRequest%(App, ", "function App:onBeforeRequest(")
      party.write_file("app.lua", app_text("0.3", text), folder)
      server = party.serve(folder .. "/app.lua", nil, folder)
      local tcp = server:tcp()
      tcp:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(ROOM))
      party.eventually("it waits", function() return server:get("/nothing").status == 404 end)
      party.write_file("app.lua", app_text("0", text), folder)
      reload()
      assert.equal("0 0", http.read(tcp, "GET").body)
    end)

    it("forgets the sub-protocol that the old before-hook has chosen", function()
      local text = [[
function App:onBeforeConnect(request)
  party.sleep(@)
  if @ > 0 then request.headers:set("sec-websocket-protocol", "b") end
end
]]
      party.write_file("app.lua", app_text("0.3", text), folder)
      server = party.serve(folder .. "/app.lua", nil, folder)
      local tcp = server:tcp()
      tcp:send(("GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        .. "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        .. "Sec-WebSocket-Protocol: a, b\r\n\r\n"):format(ROOM))
      party.eventually("it waits", function() return server:get("/nothing").status == 404 end)
      party.write_file("app.lua", app_text("0", text), folder)
      reload()
      assert.equal("a", http.read(tcp, "GET").headers["sec-websocket-protocol"])
    end)

    it("asks the new before-hook about what waits for a room that is busy", function()
      local text = [[
function App:onBeforeRequest(request)
  party.log.info "asked @"
  request.headers:set("x-by", "@")
  return request
end
function App:onRequest(request)
  if request.query.slow then
    party.log.info "now slow"
    party.sleep(0.4)
  end
  return party.Response("@ " .. request.headers:get "x-by")
end
]]
      serve(text)
      local slow, late = server:tcp(), server:tcp()
      slow:send(("GET %s?slow=1 HTTP/1.1\r\nHost: x\r\n\r\n"):format(ROOM))
      server:expect_log "(now slow)"
      write("two", text)
      reload()
      late:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(ROOM))
      assert.equal("one one", http.read(slow, "GET").body)
      assert.equal("two two", http.read(late, "GET").body)
      assert.equal(1, count "asked two")
    end)

    describe("and their room is reset", function()
      local RESET = [[
function App:onBeforeRequest(request)
  request.headers:set("x-by", "@")
  return request
end
function App:onRequest(request)
  if request.query.slow then
    self.room:blockConcurrencyWhile(function()
      party.log.info "now slow"
      party.sleep(0.4)
      error "no"
    end)
  end
  return party.Response("@ " .. request.headers:get "x-by")
end
]]

      --- A request that the old before-hook has let on, and that waits while the room is blocked.
      local function ask_late(path)
        local slow, late = server:tcp(), server:tcp()
        slow:send(("GET %s?slow=1 HTTP/1.1\r\nHost: x\r\n\r\n"):format(path))
        server:expect_log "(now slow)"
        late:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(path))
        assert.equal(404, server:get("/nothing").status) -- so it has come
        return late
      end

      it("asks the new before-hook about what waits for it", function()
        serve(RESET)
        local late = ask_late(ROOM)
        write("two", RESET)
        reload()
        assert.equal("two two", http.read(late, "GET").body)
      end)

      it("knows no party that is gone", function()
        local config = '{ "main": "app.lua", "parties": { "%s": "other.lua" } }'
        write("one", RESET, "other.lua")
        party.write_file("partylua.json", config:format "first", folder)
        serve(RESET)
        local late = ask_late "/parties/first/lobby"
        party.write_file("partylua.json", config:format "second", folder)
        reload()
        assert.equal(404, http.read(late, "GET").status)
      end)
    end)

    it("gives them so much time and no more", function()
      local text = [[
function App:onConnect(conn)
  if conn.uri:find "stay" then return conn:send "@" end
  party.sleep(60)
end
function App:onRequest() party.sleep(60) end
]]
      serve(text, { "--reload-timeout", "200ms" })
      local stays = server:connect(ROOM .. "?stay")
      stays:receive()
      local asking, joining = server:tcp(), server:tcp()
      asking:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(ROOM))
      joining:send(("GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        .. "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        :format(ROOM))
      write("two", text)
      party.eventually("both wait", function()
        return server:get("/nothing").status == 404
      end)
      reload()
      local answer = http.read(asking, "GET")
      assert.same({ 503, "The server has reloaded its app" }, { answer.status, answer.body })
      assert.equal("two", server:connect(ROOM .. "?stay"):receive())
      stays:send "still there"
      assert.is_nil(stays.closed)
    end)

    it("moves a room when what it wrote is durable", function()
      local text = [[
function App:onMessage(message, sender)
  if message == "read" then return sender:send("@ " .. (self.room.storage:get "n" or 0)) end
  for i = 1, 100 do self.room.storage:put("key " .. i, ("x"):rep(10000)) end
  self.room.storage:put("n", tonumber(message))
  sender:send("@ wrote " .. message)
end
]]
      serve(text)
      local ann = server:connect(ROOM)
      write("two", text)
      for i = 1, 20 do
        ann:send(tostring(i))
        if i == 10 then reload() end
      end
      for i = 1, 20 do assert.match("^%w+ wrote " .. i .. "$", (ann:receive())) end
      ann:send "read"
      assert.equal("two 20", ann:receive())
    end)
  end)

  it("waits for a disk that is slow, and loses nothing of what was written", function()
    local text = [[
function App:onMessage(message, sender)
  local storage = self.room.storage
  if message == "get" then return sender:send("@ " .. (storage:get "n" or "nothing")) end
  storage:put("n", message)
  sender:send("@ wrote " .. message)
end
]]
    write("one", text)
    local store = disk.new()
    server = store:serve(folder .. "/app.lua")
    local ann = server:connect(ROOM)
    ann:send "first"
    assert.equal("one wrote first", ann:receive())
    store:set "sync=hold"
    ann:send "second"
    write("two", text)
    reload()
    assert.match("rooms=0 waiting=1", server:log())
    ann:send "get"
    store:work()
    assert.equal("one wrote second", ann:receive())
    assert.equal("two second", ann:receive())
  end)

  it("lets calls wait for the new code where the old has failed to start", function()
    local text = [[
local has_failed = false
function App:onStart()
  if self.room.id ~= "b" or "@" == "two" then return end
  self.room.context.parties.main:get("a"):fetch("/?until=told")
  self.room.storage:put("n", 1)
  has_failed = true
  error "one cannot start"
end
function App:onRequest(request)
  local b = self.room.context.parties.main:get("b")
  if self.room.id == "b" then return party.Response("@ b") end
  if request.query["until"] then
    party.log.info "b waits"
    repeat party.sleep(0.01) until self.is_told
    return party.Response("@ a")
  end
  party.log.info "a waits"
  self.is_told = request:text() == "told"
  repeat party.sleep(0.01) until has_failed
  return party.Response("@ a, " .. b:fetch("/"):text())
end
]]
    write("one", text)
    local store = disk.new()
    server = store:serve(folder .. "/app.lua")
    local starts, calls = server:tcp(), server:tcp()
    starts:send "GET /parties/main/b HTTP/1.1\r\nHost: x\r\n\r\n"
    calls:send "POST /parties/main/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nto"
    server:expect_log "b waits"
    server:expect_log "a waits"
    write("two", text)
    reload()
    assert.match("waiting=2", server:log())
    store:set "sync=hold"
    calls:send "ld"
    server:expect_log "one cannot start"
    store:work()
    assert.equal("one a, two b", http.read(calls, "POST").body)
    assert.equal("two b", http.read(starts, "GET").body)
  end)

  it("closes the connections of a party that is gone, and knows one that is new", function()
    local config = '{ "main": "app.lua", "parties": { "%s": "other.lua" } }'
    write("one", STATEFUL, "other.lua")
    party.write_file("partylua.json", config:format "first", folder)
    serve(STATEFUL)
    local ann = server:connect "/parties/first/lobby"
    ann:receive()
    party.write_file("partylua.json", config:format "second", folder)
    reload()
    assert.equal(1012, (ann:wait_closed()))
    assert.equal(404, server:get("/parties/first/lobby").status)
    assert.equal("welcome to one", server:connect("/parties/second/lobby"):receive())
  end)

  it("closes those of a room that hibernates in such a party, too", function()
    local hibernating = "App.options = { hibernate = true }\n" .. STATEFUL
    local config = '{ "main": "app.lua", "parties": { "%s": "other.lua" } }'
    write("one", hibernating, "other.lua")
    party.write_file("partylua.json", config:format "first", folder)
    serve(STATEFUL, { "--hibernate-idle", "1ms", "--log-level", "debug" })
    local ann = server:connect "/parties/first/lobby"
    assert.equal("welcome to one", ann:receive())
    server:expect_log "(room: hibernate)"
    party.write_file("partylua.json", config:format "second", folder)
    reload()
    assert.equal(1012, (ann:wait_closed()))
    assert.match("connections=1", server:log())
  end)

  it("closes sockets of onSocket, whose listeners were the old code", function()
    serve [[
function App:onSocket(socket) socket:send "@" end
]]
    local ann = server:connect "/anything"
    assert.equal("one", ann:receive())
    reload()
    assert.equal(1012, (ann:wait_closed()))
    assert.equal("one", server:connect("/anything"):receive())
  end)

  it("does not wait for sockets between rooms, which the new code opens again", function()
    local text = [[
function App:onStart()
  if self.room.id ~= "a" then return end
  local socket = self.room.context.parties.main:get("b"):socket()
  socket:addEventListener("message", function(event)
    self.room:broadcast("@ heard " .. event.data)
  end)
end
function App:onMessage(message) self.room:broadcast("@ says " .. message) end
]]
    serve(text)
    local ann, bob = server:connect "/parties/main/a", server:connect "/parties/main/b"
    bob:send "hi"
    assert.equal("one heard one says hi", ann:receive())
    write("two", text)
    reload()
    assert.match("rooms=2 waiting=0", server:log())
    party.eventually("the new socket is open", function()
      bob:send "hi"
      return ann:receive() == "two heard two says hi"
    end)
  end)

  it("delivers an alarm to the new code", function()
    local text = [[
function App:onRequest()
  self.room.storage:setAlarm(os.time() * 1000 + 1500)
  return party.Response "set"
end
function App:onAlarm() party.log.info "alarm of @" end
]]
    serve(text)
    server:get(ROOM)
    write("two", text)
    reload()
    server:expect_log "(alarm of two)"
  end)

  it("is asked for by partylua reload, which says what came of it", function()
    local data = folder .. "/state"
    serve(STATEFUL, { "--data", data })
    local function ask() return Process.run { party.program, "reload", "--data", data } end
    write("two", STATEFUL)
    assert.same({ 0, "reloaded\n" }, { ask() })
    assert.equal("welcome to two", server:connect(ROOM):receive())
    party.write_file("app.lua", "local = 1", folder)
    local code, text = ask()
    assert.equal(1, code)
    assert.match("app.lua:1:7: ", text)
    assert.equal("welcome to two", server:connect(ROOM):receive())
  end)

  it("does not begin any more once the server drains", function()
    serve([[
function App:onRequest()
  party.log.info "now slow"
  party.sleep(2)
  return party.Response "@"
end
]], { "--data", folder .. "/state" })
    local slow = server:tcp()
    slow:send(("GET %s HTTP/1.1\r\nHost: x\r\n\r\n"):format(ROOM))
    server:expect_log "(now slow)"
    server.process:signal(sys.SIGTERM)
    server:expect_log "(server: draining)"
    local code, text = Process.run { party.program, "reload", "--data", folder .. "/state" }
    assert.equal(1, code)
    assert.match("the server is shutting down", text)
    assert.equal("one", http.read(slow, "GET").body)
  end)

  it("leaves no memory behind, a thousand times", function()
    serve(STATEFUL)
    local ann = server:connect(ROOM)
    ann:receive()
    local function some(rounds)
      for _ = 1, rounds do
        ann:send "hi"
        ann:receive()
        reload()
      end
      return server:memory()
    end
    local before = some(100)
    local after = some(900)
    assert.is_true(after < before * 1.25 + 2e6, ("%d bytes, then %d"):format(before, after))
  end)
end)
