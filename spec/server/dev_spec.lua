--- dev: `partylua dev`: what changes is loaded at once, and what is wrong is shown.

local http = require "spec.support.http"
local party = require "spec.support.party"
local sys = require "spec.support.sys"
local Tcp = require "spec.support.tcp"
local WebSocket = require "spec.support.websocket"
local Process = require "spec.support.process"

local ROOM = "/parties/main/lobby"

local APP = [[
local party = require "partylua"
local App = {}
function App:onConnect(conn) conn:send "welcome to @" end
function App:onMessage(message, sender)
  if message == "break" then return sender.state.name end
  sender:send("@ " .. message)
end
function App:onRequest() return party.Response("@ " .. (self.room.env.NAME or "nobody")) end
function App:onCron(cron) party.log.info("cron of @: " .. cron.name) end
return App
]]

local function app(version) return (APP:gsub("@", version)) end

describe("partylua dev", function()
  local process, folder, port, sockets

  local function write(name, text) party.write_file(name, text, folder) end

  local function start(arguments, options)
    options = options or {}
    local argv = { party.program, "dev", "app.lua", "--port", "0" }
    if options.app then argv[3] = options.app end
    for _, argument in ipairs(arguments or {}) do argv[#argv + 1] = argument end
    for i, word in ipairs(options.wrapper or {}) do table.insert(argv, i, word) end
    process = Process.start(argv, folder, options.has_terminal)
    if not options.is_broken then
      port = tonumber((process:expect "Local%s+%S*http://127%.0%.0%.1:(%d+)"))
      process:expect "(Storage)"
    end
    return process
  end

  local function get(path)
    process:read_output() -- or it would wait for somebody who does
    return http.request(port, "GET", path or ROOM)
  end

  local function connect(path)
    local socket = WebSocket.connect(port, path or ROOM)
    sockets[#sockets + 1] = socket
    return socket
  end

  local function stop()
    if not process or process.code then return process and process.code end
    for _, socket in ipairs(sockets) do socket:drop() end
    process:signal(sys.SIGTERM)
    return process:wait()
  end

  before_each(function()
    folder, sockets, process = party.make_folder(), {}, nil
    write("app.lua", app "one")
  end)
  after_each(function()
    if process and not process.code then assert.equal(0, stop()) end
  end)

  it("says where it serves, what, and where rooms store", function()
    write("partylua.json", '{ "parties": { "other": "other.lua" },\n'
      .. '  "crons": { "every-hour": "0 * * * *" } }')
    write("other.lua", "return {}")
    start()
    process:expect "(partylua %S+   ready in %d+ ms)"
    process:expect "(Local      http://127%.0%.0%.1:%d+/parties/main/:room)"
    process:expect "(Network    use %-%-host 0%.0%.0%.0 to expose)"
    process:expect "(Storage    %.partylua/state %(kept between runs%))"
    process:expect "(Parties    main %(app%.lua%), other %(other%.lua%))"
    process:expect "(Crons      every%-hour  0 %* %* %* %*  next %d+%-%d+%-%d+ %d+:00 UTC)"
  end)

  it("loads a changed app at once; sockets stay open", function()
    start()
    local ann = connect()
    assert.equal("welcome to one", ann:receive())
    write("app.lua", app "two")
    process:expect "(app%.lua changed: reloaded in %d+ ms, 1 room restarted, 1 connection kept)"
    ann:send "hi"
    assert.equal("two hi", ann:receive())
  end)

  it("sees a file that another takes the place of, again and again", function()
    start()
    for _, version in ipairs { "two", "three", "four" } do
      write("new.tmp", app(version))
      assert(os.rename(folder .. "/new.tmp", folder .. "/app.lua"))
      party.eventually("it is loaded", function() return get().body == version .. " nobody" end)
    end
  end)

  it("sees a file that is saved by deleting it and making another", function()
    start()
    os.remove(folder .. "/app.lua")
    write("app.lua", app "two")
    party.eventually("it is loaded", function() return get().body == "two nobody" end)
  end)

  it("does not load again what is saved unchanged", function()
    start()
    write("app.lua", app "one")
    write("app.lua", app "two")
    process:expect "(reloaded in)"
    local _, loads = process:read_output():gsub("reloaded in", "")
    assert.equal(1, loads)
  end)

  it("runs the old code while the new one is broken, and shows where", function()
    start()
    local ann = connect()
    ann:receive()
    write("app.lua", "local App = {}\nfunction App:onMessage(message)\n  local x = = 1\nend\n")
    process:expect "(app%.lua changed: not reloaded, the old code runs on\n)"
    process:expect("(app%.lua:3:13: syntax error: unexpected symbol near '='\n%s+3 |"
      .. "   local x = = 1\n)")
    assert.match("\n +| +%^\n", process:read_output())
    ann:send "hi"
    assert.equal("one hi", ann:receive())
    write("app.lua", app "two")
    process:expect "(reloaded in)"
    ann:send "hi"
    assert.equal("two hi", ann:receive())
  end)

  it("waits for an app that is broken from the start, and tells whoever asks", function()
    write("app.lua", "syntax error")
    start({ "--admin", "127.0.0.1:0" }, { is_broken = true })
    process:expect "(app: not loaded\n)"
    port = tonumber((process:expect "requests to http://127%.0%.0%.1:(%d+) get this"))
    local answer = get()
    assert.equal(503, answer.status)
    assert.match("app.lua:1:8: ", answer.body)
    local page = http.request(port, "GET", "/", { headers = { "accept: text/html" } })
    assert.match("/__partylua/live.js", page.body)
    assert.equal(503, connect().answer.status)
    write("app.lua", app "two")
    process:expect "(ready in %d+ ms)"
    assert.equal("two nobody", get().body)
  end)

  it("sees modules, those that are required while it is broken too", function()
    write("app.lua", 'local name = require "lib.name"\nlocal App = {}\n'
      .. 'function App:onRequest() return require("partylua").Response(name) end\nreturn App\n')
    write("lib/name.lua", 'return "first"')
    start()
    assert.equal("first", get().body)
    write("lib/name.lua", 'return require "lib.deeper"')
    process:expect "(changed: not reloaded)"
    write("lib/deeper.lua", 'return "second"')
    party.eventually("it is loaded", function() return get().body == "second" end)
    write("lib/deeper.lua", 'return "third"')
    party.eventually("it is loaded", function() return get().body == "third" end)
  end)

  it("sees the configuration and env files, new ones too", function()
    start()
    assert.equal("one nobody", get().body)
    write(".env", "NAME=ann\n")
    party.eventually("it is read", function() return get().body == "one ann" end)
    write(".env.local", "NAME=bob\n")
    party.eventually("it is read", function() return get().body == "one bob" end)
    write("partylua.json", '{ "parties": { "other": "app.lua" } }')
    party.eventually("it is read", function() return get("/parties/other/x").status == 200 end)
    write("partylua.json", '{ "partis": {} }')
    process:expect "(unknown key \"partis\")"
    assert.equal(200, get("/parties/other/x").status)
    write("partylua.json", '{ "vars": { "OTHER": "1" } }')
    party.eventually("it is read", function() return get("/parties/other/x").status == 404 end)
  end)

  it("takes vars from the command line at every reload", function()
    start { "--var", "NAME=carl" }
    write("app.lua", app "two")
    party.eventually("it is loaded", function() return get().body == "two carl" end)
  end)

  it("loads TypeScript, and what it imports", function()
    local text = 'import { name } from "./name";\n'
      .. "export default class App {\n  onRequest() { return new Response(name); }\n}\n"
    write("app.ts", text)
    write("name.ts", 'export const name = "first";\n')
    os.remove(folder .. "/app.lua")
    start(nil, { app = "app.ts" })
    assert.equal("first", get().body)
    write("name.ts", 'export const name = "second";\n')
    party.eventually("it is loaded", function() return get().body == "second" end)
    write("name.ts", 'export const name = ;\n')
    process:expect "(name%.ts changed: not reloaded)"
    process:expect "(name%.ts:1)"
    write("app.ts", (text:gsub("%(name%)", '(name + "!")')))
    write("name.ts", 'export const name = "third";\n')
    party.eventually("it is loaded", function() return get().body == "third!" end)
  end)

  it("shows requests, joins, and errors of hooks with the line and a hint", function()
    start()
    get()
    process:expect "(%d%d:%d%d:%d%d  GET  /parties/main/lobby%s+200%s+%d+%.%d ms)"
    local ann = connect(ROOM .. "?_pk=ann")
    process:expect "(main/lobby  ann joined %(1%))"
    ann:receive()
    ann:send "break"
    process:expect "(main/lobby onMessage failed %(ann%)\n)"
    process:expect "(app%.lua:5: attempt to index field 'state' %(a nil value%)\n)"
    process:expect "(  5 | if message == \"break\" then return sender%.state%.name end\n +%^^^^^\n)"
    process:expect "(hint: connection%.state is nil until setState is called)"
    ann:close(1000, "bye")
    process:expect "(main/lobby  ann left %(0%)  1000 bye)"
  end)

  it("writes the log as serve does when it is told to, and nothing else", function()
    start({ "--log-format", "text" }, { is_broken = true })
    port = tonumber((process:expect "info server: listening url=%S+:(%d+)"))
    get()
    write("app.lua", "local = 1")
    process:expect "(error dev: \"?app.lua changed: not reloaded)"
    for line in process:read_output():gmatch "[^\n]+" do
      assert.match("^%d+%-%d+%-%d+T%S+Z %l+ %l+: ", line)
    end
  end)

  it("fires crons when they are due, those of the new code after a reload", function()
    -- A minute is a tenth of a second, by the clock and the timers of the app.
    local text = [[
local native = require "partylua.native"
local now, timer, start = native.now, native.timer, native.now()
function native.now() return math.floor(start + (now() - start) * 600) end
function native.timer(ms, repeats, fn) return timer(ms / 600, repeats, fn) end
local App = {}
function App:onCron(cron) require("partylua").log.info("fired " .. cron.name .. " of @") end
return App
]]
    write("partylua.json", '{ "crons": { "often": "* * * * *" } }')
    write("app.lua", (text:gsub("@", "one")))
    start()
    process:expect "(fired often of one)"
    write("app.lua", (text:gsub("@", "two")))
    process:expect "(reloaded in)"
    process:expect "(fired often of two.*fired often of two)"
    assert.is_nil(process:read_output():match "fired often of two.*fired often of one")
  end)

  it("runs crons on request, and of the new code", function()
    write("partylua.json", '{ "crons": { "often": "* * * * *" } }')
    start()
    assert.equal(200, get("/__scheduled__?cron=often").status)
    process:expect "(cron of one: often)"
    write("app.lua", app "two")
    process:expect "(reloaded in)"
    get "/__scheduled__?cron=often"
    process:expect "(cron of two: often)"
  end)

  describe("and what rooms store", function()
    local STORING = [[
local App = {}
function App:onRequest(request)
  local storage = self.room.storage
  if request.method == "POST" then storage:put("text", request:text()) end
  return require("partylua").Response(storage:get "text" or "nothing")
end
return App
]]
    local function run_with(arguments, text)
      write("app.lua", STORING)
      start(arguments)
      if text then http.request(port, "POST", ROOM, { body = text }) end
      local body = get().body
      assert.equal(0, stop())
      return body
    end

    it("keeps it below .partylua unless it is told otherwise", function()
      run_with(nil, "kept")
      assert.equal("kept", run_with())
      assert.equal("kept", run_with { "--persist" })
      assert.equal("kept", run_with { "--data", ".partylua/state" })
    end)

    it("forgets it with --no-persist, and with PartyKit's --persist false", function()
      run_with({ "--no-persist" }, "gone")
      assert.equal("nothing", run_with { "--no-persist" })
      run_with({ "--persist", "false" }, "gone")
      assert.equal("nothing", run_with())
    end)

    it("keeps it in the folder of --persist=DIR", function()
      run_with({ "--persist=elsewhere/state" }, "kept")
      assert.equal("nothing", run_with())
      assert.equal("kept", run_with { "--persist=elsewhere/state" })
    end)

    it("lets --persist speak against the configuration", function()
      write("partylua.json", '{ "persist": false }')
      run_with({ "--persist" }, "kept")
      assert.equal("nothing", run_with())
      assert.equal("kept", run_with { "--persist" })
    end)
  end)

  describe("with --live", function()
    local function events()
      local tcp = Tcp.connect(port)
      sockets[#sockets + 1] = { drop = function() tcp:close() end }
      tcp:send "GET /__partylua/events HTTP/1.1\r\nHost: x\r\n\r\n"
      tcp:take_until "event: fault\n"
      return tcp
    end

    before_each(function()
      write("partylua.json", '{ "serve": "public" }')
      write("public/index.html", "<!doctype html><head><title>One</title></head><p>one")
      write("public/deep/style.css", "p { color: red }")
    end)

    it("puts a script into pages, and into nothing else", function()
      start { "--live" }
      assert.match("<head><script src=\"/__partylua/live.js\"></script><title>One", get("/").body)
      assert.equal("p { color: red }", get("/deep/style.css").body)
      assert.match("EventSource", get("/__partylua/live.js").body)
    end)

    it("leaves pages alone without it", function()
      start()
      assert.equal("<!doctype html><head><title>One</title></head><p>one", get("/").body)
    end)

    it("tells pages of changed files, in new folders too", function()
      start { "--live" }
      local tcp = events()
      write("public/deep/style.css", "p { color: blue }")
      assert.match("style.css", tcp:take_until "event: change\ndata: " and tcp:take_until "\n\n")
      write("public/new/page.html", "<p>new")
      assert.match("/new", tcp:take_until "event: change\ndata: " and tcp:take_until "\n\n")
      write("public/new/page.html", "<p>newer")
      assert.match("page.html", tcp:take_until "event: change\ndata: " and tcp:take_until "\n\n")
    end)

    it("tells pages what is wrong with the code, and that it is right again", function()
      start { "--live" }
      local tcp = events()
      write("app.lua", "local = 1")
      assert.match("app.lua:1:7: ", tcp:take_until "event: fault\ndata: " and tcp:take_until "\n\n")
      local late = events()
      assert.match("app.lua:1:7: ", late:take_until "\n\n")
      write("app.lua", app "two")
      tcp:take_until "event: fault\ndata: \n\n"
    end)

    it("ends at once though pages listen", function()
      start { "--live" }
      events()
      local began = party.now()
      process:signal(sys.SIGTERM)
      assert.equal(0, process:wait())
      assert.is_true(party.now() - began < 5)
    end)
  end)

  describe("at a terminal", function()
    local function start_at_terminal(arguments)
      write("browser", "#!/bin/sh\necho \"$1\" > " .. folder .. "/opened\n")
      os.execute(("chmod +x %s/browser"):format(folder))
      return start(arguments, { has_terminal = true,
        wrapper = { "env", "BROWSER=" .. folder .. "/browser", "NO_COLOR=1" } })
    end

    local function opened()
      local file = io.open(folder .. "/opened")
      local text = file and file:read "*l"
      if file then file:close() end
      return text
    end

    it("obeys keys", function()
      start_at_terminal()
      process:expect "(%[b%] browser  %[i%] inspector  %[r%] restart  %[l%] log level  %[c%] clear)"
      process:press "b"
      party.eventually("a browser is opened", opened)
      assert.equal(("http://127.0.0.1:%d/"):format(port), opened())
      process:press "i"
      party.eventually("the inspector is opened", function()
        return (opened() or ""):match "^http://127%.0%.0%.1:%d+/%?token=%x+$"
      end)
      process:press "l"
      process:expect "(log level: debug)"
      process:press "r"
      process:expect "(restart: reloaded in %d+ ms)"
      get()
      process:expect "(room: start  id=lobby party=main)" -- which is for debug, after a reload too
      process:press "c"
      process:expect "(\027%[2J)"
      process:press "x"
      assert.equal(0, process:wait())
    end)

    it("opens a browser with --open", function()
      start_at_terminal { "--open" }
      party.eventually("a browser is opened", opened)
    end)

    it("reads no keys with --no-hotkeys", function()
      start_at_terminal { "--no-hotkeys" }
      assert.is_nil(process:read_output():find("[b] browser", 1, true))
      process:press "x"
      assert.equal(200, get().status)
    end)

    it("restarts rooms at once, whatever their hooks wait for", function()
      write("app.lua", [[
local App = {}
function App:onConnect(conn) conn:send "here" end
function App:onStart() require("partylua").spawn(function()
  while true do require("partylua").sleep(60) end
end) end
return App
]])
      start_at_terminal { "--reload-timeout", "60" }
      local ann = connect()
      ann:receive()
      process:press "r"
      process:expect "(restart: reloaded)"
      party.eventually("the room is started again", function()
        return select(2, process:read_output():gsub("restart: reloaded", "")) == 1
      end)
    end)

    it("ends with Ctrl-C, and leaves the terminal as it was", function()
      start_at_terminal()
      process:press "\3"
      assert.equal(0, process:wait())
    end)
  end)

  it("obeys partylua reload, and shows what came of it", function()
    start()
    local function ask() return (Process.run({ party.program, "reload" }, folder)) end
    assert.equal(0, ask())
    process:expect "(reload: reloaded in)"
    write("app.lua", "local = 1")
    process:expect "(not reloaded)"
    assert.equal(1, ask())
    process:expect "(reload: not reloaded)"
  end)

  it("refuses what cannot be had in one line", function()
    local function refused(...)
      local code, text = Process.run({ party.program, "dev", ... }, folder)
      assert.equal(1, code)
      return text
    end
    assert.match("no such file: nowhere.lua", refused "nowhere.lua")
    assert.match("names no folder", refused "--persist=")
    assert.match("both name a folder", refused("--persist=a", "--data", "b"))
    assert.match("did you mean '%-%-live'", refused "--lve")
  end)
end)
