--- systemd: what a server promises to the service manager that starts it.

local Process = require "spec.support.process"
local Tcp = require "spec.support.tcp"
local http = require "spec.support.http"
local party = require "spec.support.party"
local sys = require "spec.support.sys"
local systemd = require "spec.support.systemd"

local APP = [[
local party = require "partylua"
local App = {}

function App:onRequest(request)
  if request.method == "POST" then self.room.storage:put("said", request:text()) end
  if request.query.spin then
    party.log.info("spinning", { what = "on" })
    while true do end
  end
  local names = { "LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID" }
  for _, name in ipairs(names) do
    if os.getenv(name) then return party.Response(name .. " is there") end
  end
  return party.Response(self.room.storage:get "said" or "nothing")
end

return App
]]

local ROOM = "/parties/main/r"

describe("a socket that systemd hands over", function()
  it("is served at, in place of --host and --port", function()
    local socket, port = systemd.tcp()
    local service = systemd.start { sockets = { socket }, app = APP }
    assert.equal(tostring(port), service.process:expect "url=http://127.0.0.1:(%d+)")
    assert.equal("nothing", http.request(port, "GET", ROOM).body)
    assert.equal(0, service:stop())
    sys.close(socket)
  end)

  it("keeps who comes during a restart waiting, and refuses nobody", function()
    local socket, port = systemd.tcp()
    local data = party.make_folder() .. "/data"
    local first = systemd.start { sockets = { socket }, app = APP, data = data }
    first:expect_news "READY=1"
    http.request(port, "POST", ROOM, { body = "before" })
    assert.equal(0, first:stop())
    local waiting = Tcp.connect(port)
    waiting:send(http.format("GET", ROOM))
    local second = systemd.start { sockets = { socket }, app = APP, data = data }
    assert.equal("before", http.read(waiting, "GET").body)
    waiting:close()
    assert.equal(0, second:stop())
    sys.close(socket)
  end)

  it("is left alone when it was meant for another process", function()
    local socket, port = systemd.tcp()
    local service = systemd.start { sockets = { socket }, app = APP,
      variables = { LISTEN_PID = "1" } }
    local own = tonumber(service.process:expect "url=http://127.0.0.1:(%d+)")
    assert.not_equal(port, own)
    assert.equal("nothing", http.request(own, "GET", ROOM).body)
    assert.equal(0, service:stop())
    sys.close(socket)
  end)

  --- What the server says on its way out.
  local function complaint(sockets)
    local service = systemd.start { sockets = sockets, app = APP }
    assert.equal(1, service.process:wait())
    for _, socket in ipairs(sockets) do sys.close(socket) end
    sys.close(service.notify)
    return service.process.output
  end

  it("has to be a TCP socket that listens", function()
    local wrong = { (systemd.tcp(false)), systemd.unix(party.make_folder() .. "/stream"),
      systemd.file "/dev/null" }
    for _, socket in ipairs(wrong) do
      assert.equal("partylua: what systemd has handed over is no TCP socket that listens\n"
        .. "  hint: the .socket unit needs a ListenStream= with a port, and no Accept=yes\n",
        complaint { socket })
    end
  end)

  it("has to be one", function()
    assert.equal("partylua: systemd has handed over several sockets, and only one can be served\n"
      .. "  hint: leave one ListenStream= in the .socket unit; [::]:1999 is for IPv4, too\n",
      complaint { (systemd.tcp()), (systemd.tcp()) })
  end)
end)

describe("NOTIFY_SOCKET", function()
  it("hears READY=1 when clients are answered, and STOPPING=1 when they no longer are", function()
    local service = systemd.start { app = APP }
    local where = service:expect_news "^READY=1\nSTATUS=listening on (%S+)$"
    assert.equal(1, #service.heard)
    assert.equal("nothing", http.request(tonumber(where:match ":(%d+)$"), "GET", ROOM).body)
    service.process:signal(sys.SIGTERM)
    service:expect_news "^STOPPING=1\n"
    assert.equal(0, service:stop())
  end)

  it("may be a name in the abstract namespace", function()
    local service = systemd.start { app = APP,
      notify = "@partylua-spec-" .. party.make_folder():match "[^/]+$" }
    service:expect_news "^READY=1\n"
    assert.equal(0, service:stop())
  end)

  it("hears nothing of a server that cannot start", function()
    local service = systemd.start { app = "return nothing.there" }
    assert.equal(1, service.process:wait())
    assert.is_nil((sys.read_now(service.notify):match ".+"))
    sys.close(service.notify)
  end)

  it("hears of a reload with the time of its beginning, and of its end", function()
    local service = systemd.start { app = APP }
    service:expect_news "^READY=1\n"
    local before = sys.now() * 1e6
    service.process:signal(sys.SIGHUP)
    local began = tonumber(service:expect_news "^RELOADING=1\nMONOTONIC_USEC=(%d+)$")
    assert.is_true(began >= before - 1 and began <= sys.now() * 1e6)
    service:expect_news "^READY=1\n"
    assert.equal(3, #service.heard)
    assert.equal(0, service:stop())
  end)

  it("hears READY=1 as well when the new code is broken and the old goes on", function()
    local service = systemd.start { app = APP }
    service:expect_news "^READY=1\n"
    party.write_file("app.lua", "return nothing.there", service.folder)
    service.process:signal(sys.SIGHUP)
    service:expect_news "^RELOADING=1\n"
    service:expect_news "^READY=1\n"
    service.process:expect "not reloaded"
    assert.equal(0, service:stop())
  end)

  it("is not in the environment of the app, nor is what came with it", function()
    local socket, port = systemd.tcp()
    local service = systemd.start { app = APP, sockets = { socket },
      variables = { WATCHDOG_USEC = "60000000" } }
    service:expect_news "^READY=1\n"
    assert.equal("nothing", http.request(port, "GET", ROOM).body)
    assert.equal(0, service:stop())
    sys.close(socket)
  end)

  it("may be gone, or nonsense", function()
    for _, name in ipairs { "/nowhere/at/all", "nonsense", "@", "/" .. ("x"):rep(200) } do
      local process = Process.start({ "env", "NOTIFY_SOCKET=" .. name, "LISTEN_FDS=x",
        "WATCHDOG_USEC=-1", party.program, "serve", "--port", "0", "--log-format", "text", "--data",
        party.make_folder(), (party.write_file("app.lua", APP)) })
      local port = tonumber(process:expect "url=%S-:(%d+)")
      assert.equal("nothing", http.request(port, "GET", ROOM).body)
      process:signal(sys.SIGTERM)
      assert.equal(0, process:wait())
    end
  end)
end)

describe("WATCHDOG_USEC", function()
  it("asks for signs of life, which come twice as often", function()
    local service = systemd.start { app = APP, variables = { WATCHDOG_USEC = "200000" } }
    service:expect_news "^READY=1\n"
    service:expect_news "^WATCHDOG=1$"
    local began = sys.now()
    for _ = 1, 5 do service:expect_news "^WATCHDOG=1$" end
    assert.is_true(sys.now() - began >= 0.4)
    assert.equal(0, service:stop())
  end)

  it("hears none while a hook does not come back", function()
    local service = systemd.start { app = APP, variables = { WATCHDOG_USEC = "20000" } }
    local port = tonumber(service:expect_news "^READY=1\n.*:(%d+)$")
    service:expect_news "^WATCHDOG=1$"
    local tcp = Tcp.connect(port)
    tcp:send(http.format("GET", ROOM .. "?spin=1"))
    service.process:expect "spinning"
    while sys.read_now(service.notify) ~= "" do end -- luacheck: ignore
    local _, why = pcall(sys.read, service.notify, sys.now() + 0.2)
    assert.matches("nothing arrived in time", why)
    tcp:close()
    service.process:kill()
    sys.close(service.notify)
  end)

  it("of another process asks for nothing", function()
    local service = systemd.start { app = APP,
      variables = { WATCHDOG_USEC = "20000", WATCHDOG_PID = "1" } }
    service:expect_news "^READY=1\n"
    local _, why = pcall(sys.read, service.notify, sys.now() + 0.1)
    assert.matches("nothing arrived in time", why)
    assert.equal(0, service:stop())
  end)
end)
