--- The commands that talk to a running server.

local Process = require "spec.support.process"
local admin = require "spec.support.admin"
local json = require "partylua.json"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local APP = [[
local party = require "partylua"
local App = {}
App.options = { hibernate = true }
function App:onConnect(conn, ctx)
  if ctx.request.query.no then error { message = "not you", code = 4003 } end
  conn:setState { q = ctx.request.query.q, cookie = ctx.request.headers:get "cookie" }
end
function App:onMessage(message, conn)
  if message == "leave" then return conn:close(4001, "as told") end
  if message == "state" then return conn:send(party.json.encode(conn.state)) end
  if message == "binary" then return conn:send(party.binary "\0\255") end
  if message == "wait" then party.log.info "waiting" party.sleep(3600) end
  if message == "store" then self.room.storage:put("n", ("x"):rep(1000)) end
  self.room:broadcast(conn.id .. ": " .. message)
end
function App:onRequest(request)
  if request.query.status then
    return party.Response("as told", { status = tonumber(request.query.status) })
  end
  return party.Response(("%s %s %s %s"):format(request.method, request.search,
    request.headers:get "x-own" or "-", request:text()))
end
return App
]]

local ANSWERING = [[
local App = {}
function App:onMessage(message, conn) conn:send(answer .. " to " .. message) end
return App
]]

--- Runs a command with lines of input; gives its exit code and output.
local function run_with(data, input, ...)
  local process = admin.start(data, ("printf '%%s' '%s' | "):format(input), ...)
  return process:wait(), process.output
end

describe("commands without a server", function()
  local data = party.make_folder()

  it("say that none answers, and what to do", function()
    for _, command in ipairs {
      { "info" }, { "tail" }, { "reload" }, { "drain" }, { "stop" }, { "connect", "main/a" },
      { "fetch", "main/a" }, { "room", "show", "main/a" }, { "room", "hibernate", "main/a" },
    } do
      local code, output = admin.run(data, unpack(command))
      assert.equal(1, code)
      assert.equal(("partylua: no server answers at %s/admin.sock\n  hint: start one with "
        .. "'partylua serve', or name its folder with --data or its app with --app\n")
        :format(data), output)
    end
    local code, output = admin.run(data, "rooms", "--live")
    assert.equal(1, code)
    assert.matches("no server runs", output)
  end)

  it("say what is wrong with their arguments", function()
    for arguments, message in pairs {
      ["room shwo main/a"] = "did you mean 'show'",
      ["tail --format xml"] = "no server answers", ["connect"] = "missing argument",
      ["fetch https://localhost/"] = "needs TLS", ["fetch ftp://x/"] = "another scheme",
      ["connect ws://"] = "is no URL", ["connect lobby"] = "names no room",
      ["fetch http://127.0.0.1:99999/"] = "no right host", ["drain --timout 1"] = "did you mean",
      ["fetch http://127.0.0.1:1/ -X G=T"] = "must be a word",
      ["connect ws://127.0.0.1:1/ --query x"] = "NAME=VALUE",
      ["connect ws://127.0.0.1:1/ --header x"] = "must be a line such as",
      ["connect ws://127.0.0.1:1/ --wait soon"] = "must be a time",
      ["fetch http://127.0.0.1:1/"] = "cannot connect to 127.0.0.1 port 1",
      ["fetch http://no-such-host.invalid/"] = "cannot connect to no-such-host.invalid",
      ["fetch http://127.0.0.1:1/ -d @/nowhere"] = "cannot read",
    } do
      local words = {}
      for word in arguments:gmatch "%S+" do words[#words + 1] = word end
      local code, output = admin.run(data, unpack(words))
      assert.equal(1, code, arguments)
      assert.matches("^partylua: ", output)
      assert.matches(message, output, 1, true)
      assert.not_matches("traceback", output)
    end
  end)
end)

describe("commands with a server:", function()
  local server
  before_each(function() server = admin.serve(APP) end)
  after_each(function() server:stop() end)

  local function output_of(...) return admin.output_of(server.data, ...) end

  it("info says what it is", function()
    server:connect "/parties/main/a"
    local text = output_of "info"
    assert.matches("URL +http://127.0.0.1:" .. server.port, text)
    assert.matches("Connections +1\n", text)
    assert.equal(server.process.pid, json.decode(output_of("info", "--json")).pid)
  end)

  it("rooms lists what is awake beside what is stored", function()
    local socket = server:connect "/parties/main/stored"
    socket:send "store"
    socket:receive()
    server:connect "/parties/main/bare"
    server:connect "/parties/main/bare"
    admin.ask(server.data, "POST", "/api/storage?party=main&room=asleep",
      { put = { { key = "a", value = 1 } } })
    party.eventually("the room that was only written to has gone", function()
      return #admin.ask(server.data, "GET", "/api/rooms").rooms == 2
    end)
    local lines = {}
    for line in output_of "rooms":gmatch "[^\n]+" do lines[#lines + 1] = line:gsub(" +", " ") end
    assert.equal("PARTY ROOM STATE CONNS MSG/S STORAGE ALARM", lines[1])
    assert.matches("^main asleep stored 0 0%.0 %d+ B %-$", lines[2])
    assert.matches("^main bare awake 2 0%.0 0 B %-$", lines[3])
    assert.matches("^main stored awake 1 %d+%.%d 1%.0 kB %-$", lines[4])
    assert.is_nil(lines[5])
    assert.not_matches("asleep", output_of("rooms", "--live"))
    assert.matches("^PARTY[^\n]*\nmain +bare [^\n]*\n$", output_of("rooms", "--search", "ar"))
    local row = json.decode((output_of("rooms", "--json", "--search", "bare")))
    assert.same({ "bare", "awake", 2, 0 }, { row.room, row.state, row.connections, row.entries })
    assert.equal("PARTY   ROOM   STATE   CONNS   MSG/S   STORAGE   ALARM\n",
      output_of("rooms", "none"))
  end)

  it("room shows who is there, speaks to them, and lets it hibernate", function()
    local ann = server:connect "/parties/main/a?_pk=ann&q=7"
    local bob = server:connect "/parties/main/a?_pk=bob"
    local text = output_of("room", "show", "main/a")
    assert.matches("^main/a  awake, 0.0 messages/s, 2 connections\n", text)
    assert.matches('ann .*"q":"7"', text)
    output_of("room", "send", "main/a", "to all")
    assert.equal("to all", ann:receive())
    assert.equal("to all", bob:receive())
    output_of("room", "send", "main/a", "to bob", "--conn", "bob")
    assert.equal("to bob", bob:receive())
    assert.equal("main/a hibernates\n", output_of("room", "hibernate", "main/a"))
    assert.matches("hibernating, 0.0 messages/s, 2 connections",
      output_of("room", "show", "main/a"))
    ann:send "hello"
    assert.equal("ann: hello", bob:receive())
    assert.equal(1, (admin.run(server.data, "room", "hibernate", "main/never-there")))
    ann:send "wait"
    server:expect_log "(waiting)"
    local code, output = admin.run(server.data, "room", "hibernate", "main/a")
    assert.equal(1, code)
    assert.matches("cannot hibernate now", output, 1, true)
    output_of "stop" -- the hook would hold up another end
    server.process:wait()
  end)

  it("room show tells a room that has stored something from one that was never there", function()
    for _, name in ipairs { "one", "two" } do
      admin.ask(server.data, "POST", "/api/storage?party=main&room=" .. name,
        { put = { { key = "a", value = 1 } } })
    end
    party.eventually("the rooms that were only written to have gone", function()
      return #admin.ask(server.data, "GET", "/api/rooms").rooms == 0
    end)
    assert.equal("main/one  not in memory\n", output_of("room", "show", "main/one"))
    assert.equal("stored", json.decode(output_of("room", "show", "main/two", "--json")).state)
    assert.equal("main/three  not in memory, and has stored nothing\n",
      output_of("room", "show", "main/three"))
    assert.equal("unknown", json.decode(output_of("room", "show", "main/four", "--json")).state)
  end)

  it("connect sends lines and prints messages", function()
    local code, output = run_with(server.data, "one\ntwo\nno line end", "connect", "main/a",
      "--id", "me", "--wait", "200ms")
    assert.equal(0, code, output)
    assert.equal("me: one\nme: two\nme: no line end\n", output)
  end)

  it("connect passes on id, query and headers", function()
    local _, output = run_with(server.data, "state\n", "connect", "main/a", "--query", "q=a b&c",
      "--header", "Cookie: sweet=1", "--wait", "200ms")
    assert.same({ q = "a b&c", cookie = "sweet=1" }, json.decode(output))
  end)

  it("connect reads and prints JSON when it is told so", function()
    local code, output = run_with(server.data, "\"state\"\nnot json\n", "connect", "main/a",
      "--json")
    assert.equal(1, code)
    assert.matches("a line of the input is no JSON", output)
    code, output = run_with(server.data, "{\"a\":[]}\n", "connect", "main/a", "--json", "--id",
      "me", "--wait", "200ms")
    assert.equal(0, code, output)
    assert.equal('me: {"a":[]}', json.decode(output).text)
    output = select(2, run_with(server.data, "\"x\"\n", "connect", "main/a", "--json"))
    assert.matches('^{"text":"[%x-]+: \\"x\\"","time":%d+}\n$', output)
  end)

  it("connect shows what binary messages are", function()
    local _, output = run_with(server.data, "binary\n", "connect", "main/a", "--wait", "200ms")
    assert.equal("(2 bytes)\n", output)
  end)

  it("connect says why it was closed or refused", function()
    local code, output = run_with(server.data, "leave\n", "connect", "main/a")
    assert.equal(1, code)
    assert.equal("partylua: the server closed the connection: 4001 as told\n", output)
    code, output = run_with(server.data, "", "connect", "main/a", "--query", "no=1")
    assert.equal(1, code)
    assert.matches("4003 not you", output, 1, true)
    code, output = run_with(server.data, "", "connect", "none/a")
    assert.equal(1, code)
    assert.matches("the server refuses the connection: 404 Party none not found", output, 1, true)
    local fifo = server.data .. ".fifo"
    assert.equal(0, (Process.run { "mkfifo", fifo }))
    local waiting = admin.start(server.data, ("exec 0<>%q; "):format(fifo), "connect", "main/a")
    party.eventually("it is connected", function()
      return admin.ask(server.data, "GET", "/api/totals").connections > 0
    end)
    server.process:signal(sys.SIGKILL)
    assert.equal(1, waiting:wait())
    assert.matches("without a closing handshake", waiting.output, 1, true)
    server.process:wait()
    server = admin.serve(APP)
  end)

  it("connect carries messages of any length", function()
    local long = ("x"):rep(70000)
    local path = party.write_file("input", long .. "\n")
    local process = admin.start(server.data, ("cat %q | "):format(path), "connect", "main/a",
      "--id", "me", "--wait", "500ms")
    assert.equal(0, process:wait())
    assert.equal("me: " .. long .. "\n", process.output)
  end)

  it("fetch asks a room, or any URL", function()
    assert.equal("GET  - ", output_of("fetch", "main/a"))
    assert.equal("POST ?a=b%20c 1 body", output_of("fetch", "main/a", "-d", "body", "--query",
      "a=b c", "--header", "X-Own: 1"))
    assert.equal("PUT  - ", output_of("fetch", ("http://127.0.0.1:%d/parties/main/a")
      :format(server.port), "-X", "put"))
    local path = party.write_file("body", ("y"):rep(100000))
    assert.equal(100000 + #"POST  - ", #output_of("fetch", "main/a", "-d", "@" .. path))
    local code, output = run_with(server.data, "from input", "fetch", "main/a", "-d", "@-")
    assert.same({ 0, "POST  - from input" }, { code, output })
    assert.matches("^HTTP/1.1 200 OK\r\n.*\r\n\r\nGET  %- $", output_of("fetch", "main/a", "-i"))
    code, output = admin.run(server.data, "fetch", "main/a", "--query", "status=418")
    assert.equal(1, code)
    assert.matches("as told", output, 1, true)
    assert.matches("partylua: the server answered 418", output, 1, true)
  end)

  it("tail prints what happens, and can be asked for less", function()
    --- What a tail prints until it ends by its limit, while things happen.
    local function watch(limit, ...)
      local process = admin.start(server.data, "", "tail", "--limit", tostring(limit), ...)
      local socket = server:connect "/parties/main/a?_pk=ann"
      party.eventually("it has seen enough", function()
        socket:send "hay"
        socket:send "a needle"
        server:get "/nothing"
        server:get "/parties/main/a"
        return select(2, process:read_output():gsub("\n", "")) == limit
      end)
      assert.equal(0, process:wait())
      return process.output
    end
    for text in watch(8, "--messages"):gmatch "[^\n]+" do
      assert.matches("^%d%d:%d%d:%d%d  %S", text)
    end
    local event = json.decode((watch(1, "--status", "4xx", "--method", "get", "--format", "json")))
    assert.same({ "request", 404, "GET" }, { event.type, event.status, event.method })
    assert.matches("ann +8 B  a needle\n$", watch(1, "--search", "needle", "--messages"))
    assert.matches("POST +http://[^ ]*/parties/main/b  200  [%d.]+ ms\n$", (function()
      local process = admin.start(server.data, "", "tail", "--party", "main", "--room", "b",
        "--limit", "1")
      party.eventually("it has seen enough", function()
        server:get "/parties/main/a"
        server:request("POST", "/parties/main/b")
        return process:read_output():find "\n"
      end)
      assert.equal(0, process:wait())
      return process.output
    end)())
  end)

  it("tail ends with the server, and says when its arguments are wrong", function()
    local process = admin.start(server.data, "", "tail")
    party.eventually("it watches", function()
      server:get "/nothing"
      return process:read_output():find "404"
    end)
    server:stop()
    assert.equal(0, process:wait())
    server = admin.serve(APP)
    for arguments, message in pairs {
      ["--format xml"] = "must be one of pretty, json", ["--room a"] = "needs --party",
      ["--status 40"] = "must be a number such as 404", ["--limit 0"] = "must be a whole number",
    } do
      local code, output = admin.run(server.data, "tail", arguments:match "^(%S+) (%S+)$")
      assert.equal(1, code)
      assert.matches(message, output, 1, true)
    end
  end)

  it("reload loads the app anew, or says why not, and connections stay", function()
    local path, folder = party.write_file("app.lua", 'local answer = "old"\n' .. ANSWERING)
    local other = admin.serve(path)
    finally(function() other:stop() end)
    local socket = other:connect "/parties/main/a"
    local function answer_of(text)
      socket:send(text)
      return socket:receive()
    end
    assert.equal("old to one", answer_of "one")
    party.write_file("app.lua", 'local answer = "new"\n' .. ANSWERING, folder)
    assert.equal("reloaded\n", admin.output_of(other.data, "reload"))
    assert.equal("new to two", answer_of "two")
    party.write_file("app.lua", 'local answer = = "broken"\n' .. ANSWERING, folder)
    local code, output = admin.run(other.data, "reload")
    assert.equal(1, code)
    assert.matches("^partylua: the server refuses: [^\n]*app.lua:1:16: syntax error: ", output)
    assert.equal("new to three", answer_of "three")
  end)

  it("drain ends it in order", function()
    local socket = server:connect "/parties/main/a"
    local process = admin.start(server.data, "", "drain")
    assert.equal(1012, (socket:wait_closed()))
    server:drop_all()
    assert.equal(0, process:wait())
    assert.equal("the server has ended\n", process.output)
    assert.equal(0, server.process:wait())
  end)

  it("stop keeps what was written", function()
    local socket = server:connect "/parties/main/a"
    socket:send "store"
    socket:receive()
    socket:send "wait"
    server:expect_log "(waiting)"
    assert.equal("the server has ended\n", output_of "stop")
    assert.equal(0, server.process:wait())
    assert.matches('"x+"', output_of("storage", "get", "main/a", "n"))
    local other = party.serve(APP, { "--data", server.data }) -- its folder is free
    other:stop()
  end)

  it("drain gives up waiting after a while, and says what was cut", function()
    local socket = server:connect "/parties/main/a"
    socket:send "wait"
    server:expect_log "(waiting)"
    local code, output = admin.run(server.data, "drain", "--timeout", "200ms")
    assert.equal(0, code, output)
    assert.equal(0, server.process:wait())
    assert.matches("drain timed out", server.process.output)
    assert.equal("the server has ended\nits time was over: what was under way was cut, and with it "
      .. "1 connections\n", output)
  end)
end)

describe("commands that find a server by its app", function()
  it("look where serve would", function()
    local folder = party.make_folder()
    party.write_file("app.lua", APP, folder)
    local server = party.serve("app.lua", { own_data = true }, folder)
    local code, output = Process.run({ party.program, "info", "--app", "app.lua" }, folder)
    assert.equal(0, code, output)
    assert.matches(folder, output, 1, true)
    server:stop()
  end)
end)
