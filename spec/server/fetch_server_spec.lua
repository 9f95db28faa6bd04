local Origin = require "spec.support.origin"
local disk = require "spec.support.disk"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = "spec/server/apps/run.lua"

--- Numbers and rules that the whole server keeps, each spec with a server of its own.
describe("a server that fetches", function()
  local origin
  setup(function() origin = Origin.start(true) end)
  teardown(function() origin:stop() end)

  local servers = {}
  after_each(function()
    for _, server in ipairs(servers) do server:stop() end
    servers = {}
  end)

  --- Serves with these arguments; the origin is open unless they say something of that.
  local function serve(arguments, wrapper)
    arguments = arguments or {}
    if not table.concat(arguments, " "):find "%-%-fetch%-allow" then
      arguments[#arguments + 1] = "--fetch-allow"
      arguments[#arguments + 1] = origin:rules()
    end
    local server = party.serve(APP, arguments, nil, wrapper)
    servers[#servers + 1] = server
    local run, fail = origin:runner(server)
    return run, fail, server
  end

  --- Whether the origin has heard of a path, of those that ended well or of those that broke.
  local function has(list, path)
    for _, seen in ipairs(origin:stats()[list]) do
      if seen == path then return true end
    end
    return false
  end

  -- TLS -----------------------------------------------------------------------------------------

  it("trusts the authorities of --fetch-ca, and no others", function()
    local run = serve { "--fetch-ca", origin.ca }
    assert.equal("safe", run 'return party.fetch(SECURE .. "/text/safe"):text()')
    local _, fail = serve()
    assert.matches("^GET localhost:%d+ failed: SSL certificate problem",
      fail 'party.fetch(SECURE .. "/text/safe")')
  end)

  it("takes a certificate only for the name that it is for", function()
    local _, fail = serve { "--fetch-ca", origin.ca, "--fetch-allow", "127.0.0.1" }
    assert.matches("127.0.0.1", fail(("party.fetch 'https://127.0.0.1:%d/'"):format(origin.https)))
  end)

  it("speaks TLS only with those who do", function()
    local _, fail = serve()
    assert.matches("failed: ", fail(("party.fetch 'https://127.0.0.1:%d/'"):format(origin.http)))
  end)

  -- Bounds --------------------------------------------------------------------------------------

  local MANY = [[
    local fetches, right = {}, 0
    for i = 1, %d do
      fetches[i] = function()
        if party.fetch(ORIGIN .. "/hold"):text() == "held" then right = right + 1 end
      end
    end
    party.all(fetches)
    return right
  ]]

  it("answers a thousand at once, no more of a room under way than it may have", function()
    local run, _, server = serve { "--fetch-room-active", "20" }
    assert.equal(1000, run(MANY:format(1000)))
    local stats = origin:stats()
    assert.is_true(stats.mostActive > 1 and stats.mostActive <= 20, stats.mostActive)
    assert.is_true(server:descriptor_count() < 120)
  end)

  it("has no more of all rooms under way than it may have", function()
    local other = Origin.start()
    finally(function() other:stop() end)
    local _, _, server = serve { "--fetch-active", "5", "--fetch-allow", other:rules() }
    local run = other:runner(server)
    for room = 1, 3 do
      run(("party.spawn(function() %s end)"):format(MANY:format(50):gsub("return right", "")),
        "room-" .. room)
    end
    party.eventually("all are answered", function() return #other:stats().log == 150 end)
    assert.equal(5, other:stats().mostActive)
  end)

  it("lets a room that has too many under way wait, and no other", function()
    local run = serve { "--fetch-room-active", "2" }
    run 'for i = 1, 3 do party.spawn(party.fetch, ORIGIN .. "/wait/busy" .. i) end'
    party.eventually("two are under way", function()
      return has("log", "/wait/busy1") and has("log", "/wait/busy2")
    end)
    assert.equal("free", run('return party.fetch(ORIGIN .. "/text/free"):text()', "other"))
    assert.is_false(has("log", "/wait/busy3"))
    origin:get "/go/busy1"
    party.eventually("the third has its turn", function() return has("log", "/wait/busy3") end)
    origin:get "/go/busy2"
    origin:get "/go/busy3"
  end)

  it("refuses what would have to wait behind too many", function()
    local run, fail = serve { "--fetch-room-active", "1", "--fetch-waiting", "1" }
    run [[
      party.spawn(party.fetch, ORIGIN .. "/stall/1", { timeout = 1 })
      party.spawn(party.fetch, ORIGIN .. "/stall/2", { timeout = 1 })
    ]]
    party.eventually("one is under way", function() return has("log", "/stall/1") end)
    assert.matches("failed: too many are waiting already", fail 'party.fetch(ORIGIN .. "/echo")')
  end)

  it("counts the wait for a turn as time", function()
    local run, fail = serve { "--fetch-room-active", "1", "--drain-timeout", "0.1" }
    run 'party.spawn(party.fetch, ORIGIN .. "/stall/turn")'
    party.eventually("one is under way", function() return has("log", "/stall/turn") end)
    assert.matches("its turn never came", fail 'party.fetch(ORIGIN .. "/echo", { timeout = 0.05 })')
  end)

  it("gives up after --fetch-timeout, whatever the room says", function()
    local _, fail = serve { "--fetch-timeout", "0.05" }
    assert.matches("it takes longer than 50 ms",
      fail 'party.fetch(ORIGIN .. "/stall", { timeout = 100 })')
  end)

  it("keeps to the time of all when it is redirected", function()
    local _, fail = serve()
    assert.matches("it takes longer than %d+ ms",
      fail 'party.fetch(ORIGIN .. "/redirect/302/%2Fstall", { timeout = 0.2 })')
  end)

  it("follows so many redirects as --fetch-redirects says, and holds --fetch-body-bytes", function()
    local run, fail = serve { "--fetch-redirects", "0", "--fetch-body-bytes", "4" }
    assert.matches("redirected more than 0 times",
      fail 'party.fetch(ORIGIN .. "/redirect/302/%2Fecho")')
    assert.equal("four", run 'return party.fetch(ORIGIN .. "/text/four"):text()')
    assert.matches("larger than 4 B", fail 'party.fetch(ORIGIN .. "/text/fives"):text()')
  end)

  -- Rooms ---------------------------------------------------------------------------------------

  it("cancels what a room has under way when the room is reset", function()
    local run, _, server = serve { "--map-bytes", "1MiB", "--drain-timeout", "1" }
    run 'party.spawn(party.fetch, ORIGIN .. "/stall/reset")'
    run 'self.reading = party.fetch(ORIGIN .. "/wait/reset")'
    party.eventually("both are under way", function()
      return has("log", "/stall/reset") and has("log", "/wait/reset")
    end)
    server:request("POST", "/parties/main/room", { body =
      'for i = 1, 20 do storage:put("k" .. i, ("x"):rep(100000)) end' })
    party.eventually("the origin hears of the end", function()
      return has("gone", "/stall/reset") and has("gone", "/wait/reset")
    end)
  end)

  it("gives up what a room passes on when its reader leaves", function()
    local _, _, server = serve()
    local socket = server:tcp(4096)
    socket:send(http.format("POST", "/parties/main/room", { body =
      ("return party.fetch('http://127.0.0.1:%d/large/1000000000')"):format(origin.http) }))
    socket:take_until "xxxx"
    socket:close()
    party.eventually("the origin hears of the end", function()
      return has("gone", "/large/1000000000")
    end)
  end)

  it("sends what follows a write when the write is durable, and never when it fails", function()
    local run, _, server = serve { "--map-bytes", "1MiB", "--drain-timeout", "1" }
    run [[
      storage:put("a", 1)
      local echo = party.fetch(ORIGIN .. "/echo/durable", { method = "POST", body = "b" }):json()
      assert(echo.body == "b")
    ]]
    assert.is_true(has("log", "/echo/durable"))
    local answer = server:request("POST", "/parties/main/room", { body = ([[
      for i = 1, 20 do storage:put("k" .. i, ("x"):rep(100000)) end
      party.fetch("http://127.0.0.1:%d/echo/lost", { method = "POST", body = "b" })
    ]]):format(origin.http) })
    assert.equal(503, answer.status)
    run 'party.fetch(ORIGIN .. "/echo/after")'
    assert.is_true(has("log", "/echo/after"))
    assert.is_false(has("log", "/echo/lost"))
  end)

  it("holds back what follows a write while the disk works, and nothing of other rooms", function()
    local store = disk.new()
    local server = store:serve(APP, { "--fetch-allow", origin:rules() })
    servers[1] = server
    finally(function() store:work() end)
    local run = origin:runner(server)
    local code = [[
      party.fetch(ORIGIN .. "/echo/before")
      party.spawn(function()
        local r = party.fetch(ORIGIN .. "/mirror/held", { method = "POST", body = function(write)
          write "a"
          storage:put("b", 1)
          write "b"
        end })
        local chunks = r:chunks()
        self.first = chunks()
        self.second = chunks()
      end)
    ]]
    store:set "sync=hold"
    run(code)
    party.eventually("the part before the write arrives", function()
      return run("return party.fetch(ORIGIN .. '/text/other'):text()", "other") == "other"
        and has("log", "/mirror/held")
    end)
    local tcp = server:tcp()
    tcp:send(http.format("POST", "/parties/main/room", { body = ([[
      storage:put("c", 1)
      return party.fetch("http://127.0.0.1:%d/text/after"):text()
    ]]):format(origin.http) }))
    run("return party.fetch(ORIGIN .. '/text/other'):text()", "other")
    assert.is_false(has("log", "/text/after"))
    store:work()
    assert.equal('{"result":"after"}', http.read(tcp).body)
    party.eventually("the rest of the body arrives", function()
      return run "return (self.first or '') .. (self.second or '')" == "ab"
    end)
  end)

  it("keeps the order of what a room streams and stores", function()
    local run = serve()
    assert.equal("abc", run [[
      return party.fetch(ORIGIN .. "/mirror", { method = "POST", body = function(write)
        for letter in ("abc"):gmatch "." do
          storage:put("letter", letter)
          write(letter)
        end
      end }):text()
    ]])
  end)

  it("forgets an answer that nobody keeps", function()
    local run = serve()
    run 'for _ = 1, 3 do party.fetch(ORIGIN .. "/wait/forgotten") end'
    run 'collectgarbage() collectgarbage()'
    party.eventually("the origin hears of it", function() return has("gone", "/wait/forgotten") end)
  end)

  it("stops in the middle of one", function()
    local run, _, server = serve { "--drain-timeout", "0.1" }
    run 'party.spawn(party.fetch, ORIGIN .. "/stall/stop")'
    party.eventually("it is under way", function() return has("log", "/stall/stop") end)
    server:stop()
    party.eventually("the origin hears of it", function() return has("gone", "/stall/stop") end)
  end)

  -- Rules and proxies ---------------------------------------------------------------------------

  it("shuts with --fetch-deny, the narrower rule first", function()
    local run, fail = serve { "--fetch-allow", "127.0.0.0/8", "--fetch-deny",
      "127.0.0.1:" .. origin.raw }
    assert.equal("open", run 'return party.fetch(ORIGIN .. "/text/open"):text()')
    assert.matches("the address 127.0.0.1 is not open", fail "party.fetch(RAW .. '/interim')")
  end)

  it("takes rules from several flags, the environment and the file", function()
    local folder = party.make_folder()
    party.write_file("partylua.json", ('{ "fetch": { "allow": ["127.0.0.1:%d"] } }')
      :format(origin.http), folder)
    party.write_file("app.lua", io.open(APP):read "*a", folder)
    local server = party.serve(folder .. "/app.lua", nil, folder)
    servers[1] = server
    assert.equal("file", origin:runner(server) 'return party.fetch(ORIGIN .. "/text/file"):text()')
    local run = serve({}, { "env", "PARTYLUA_FETCH_ALLOW=10.0.0.1 127.0.0.1" })
    assert.equal("env", run 'return party.fetch(ORIGIN .. "/text/env"):text()')
    run = serve { "--fetch-allow", "10.0.0.1", "--fetch-allow", "127.0.0.1" }
    assert.equal("flags", run 'return party.fetch(ORIGIN .. "/text/flags"):text()')
  end)

  it("asks a proxy only when it is told to", function()
    local elsewhere = "http://127.0.0.1:1"
    local run = serve({}, { "env", "http_proxy=" .. elsewhere, "all_proxy=" .. elsewhere })
    assert.equal("direct", run 'return party.fetch(ORIGIN .. "/text/direct"):text()')
    local fail
    run, fail = serve { "--fetch-proxy", "http://127.0.0.1:" .. origin.http, "--fetch-deny",
      "shut.example", "--fetch-ca", origin.ca }
    assert.equal("proxied http://a.example/x?y",
      run 'return party.fetch("http://a.example/x?y"):text()')
    assert.equal("tunnelled", run 'return party.fetch(SECURE .. "/text/tunnelled"):text()')
    assert.is_true(has("log", "tunnel localhost:" .. origin.https))
    assert.matches("not open to fetch", fail 'party.fetch "http://shut.example/"')
    assert.matches("the address 10.0.0.1 is not open", fail 'party.fetch "http://10.0.0.1/"')
    assert.matches("the address 127.0.0.1 is not open", fail 'party.fetch "http://0x7f000001:2/"')
  end)
end)
