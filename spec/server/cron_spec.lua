local Process = require "spec.support.process"
local json = require "partylua.json"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

-- A minute is a tenth of a second here: the app makes the wall clock and the timers of its process
-- faster. Nothing else differs from a server that waits for a minute to pass.
local FAST = [[
local party = require "partylua"
local native = require "partylua.native"

local SPEED = 600
local now, timer, start = native.now, native.timer, native.now()
function native.now() return math.floor(start + (now() - start) * SPEED) end
function native.timer(ms, repeats, fn) return timer(ms / SPEED, repeats, fn) end

local App = {}

local function wait_until(is_true)
  while not is_true() do party.sleep(0.005) end
end

]]

local function project(app, config)
  local path, folder = party.write_file("app.lua", FAST .. app .. "\nreturn App\n")
  party.write_file("partylua.json", config, folder)
  return path, folder
end

local function serve(app, config, arguments)
  local path, folder = project(app, config)
  return party.serve(path, arguments, folder)
end

describe("crons", function()
  local server
  after_each(function() server:stop() end)

  it("are called when they are due, each by its name, with a lobby", function()
    server = serve([[
      local runs = {}
      function App:onCron(cron, lobby, ctx)
        local answer = lobby.parties.main:get("book"):fetch("/note", { method = "POST" })
        runs[cron.name] = {
          name = cron.name, cron = cron.cron, definition = cron.definition,
          seconds = cron.scheduledTime % 60000, late = party.now() - cron.scheduledTime,
          nothing = cron:noRetry() == nil, greeting = lobby.env.GREETING, has_id = lobby.id ~= nil,
          is_class = self == App, url = answer:text(), has_wait = type(ctx.waitUntil) == "function",
        }
      end
      function App:onRequest(request) return party.Response(request.url) end
      function App:onFetch() return party.Response.json(party.json.object(runs)) end
    ]], [[{ "vars": { "GREETING": "hello" }, "crons": {
      "one": "* * * * *", "two": "* * * * *",
      "three": { "schedule": "*/2 * * * *", "timezone": "Asia/Kathmandu" } } }]])
    local seen = party.eventually("all three have run", function()
      local runs = json.decode(server:get("/runs").body)
      return runs.one and runs.two and runs.three and runs
    end)
    for name, run in pairs(seen) do
      assert.is_true(run.late >= 0)
      assert.same({
        name = name, cron = name == "three" and "*/2 * * * *" or "* * * * *",
        definition = run.cron, seconds = 0, late = run.late, nothing = true, greeting = "hello",
        has_id = false, is_class = true, has_wait = true,
        url = ("http://127.0.0.1:%d/parties/main/book/note"):format(server.port),
      }, run)
    end
  end)

  it("do not overlap with a run of the same name, work for waitUntil included", function()
    server = serve([[
      local begun = { hook = 0, work = 0 }
      local released = { hook = 0, work = 0 }
      local function take_long(name)
        begun[name] = begun[name] + 1
        local mine = begun[name]
        wait_until(function() return released[name] >= mine end)
      end
      function App:onCron(cron, lobby, ctx)
        if cron.name == "hook" then return take_long "hook" end
        ctx:waitUntil(function() take_long "work" end)
      end
      function App:onFetch(request)
        if request.path == "/release" then released = { hook = begun.hook, work = begun.work } end
        return party.Response.json(begun)
      end
    ]], [[{ "crons": { "hook": "* * * * *", "work": "* * * * *" } }]], { "--log-level", "debug" })
    server:expect_log "dropped, still running (name=hook)"
    server:expect_log "dropped, still running (name=work)"
    assert.same({ hook = 1, work = 1 }, json.decode(server:get("/release").body))
    party.eventually("both have begun a second run", function()
      local begun = json.decode(server:get("/").body)
      return begun.hook == 2 and begun.work == 2
    end)
    server:get "/release"
  end)

  it("that fail are logged with name, file and line, and the others go on", function()
    server = serve([[
      local calm = 0
      function App:onCron(cron, lobby, ctx)
        if cron.name == "index" then local nothing; nothing.field = 1 end
        if cron.name == "raise" then error "cron exploded" end
        if cron.name == "table" then error { message = "told so" } end
        if cron.name == "work" then ctx:waitUntil(function() error "work exploded" end) end
        if cron.name == "calm" then calm = calm + 1 end
      end
      function App:onFetch() return party.Response(tostring(calm)) end
    ]], [[{ "crons": { "index": "* * * * *", "raise": "* * * * *", "table": "* * * * *",
      "work": "* * * * *", "calm": "* * * * *" } }]])
    local line = "onCron failed name=%s at=app.lua:%%d+ err=(%%S[^\n]*)\n"
    assert.equal([["attempt to index local 'nothing' (a nil value)"]],
      (server:expect_log(line:format "index")))
    assert.equal('"cron exploded"', (server:expect_log(line:format "raise")))
    assert.equal('"told so"', (server:expect_log(line:format "table")))
    assert.equal('"work exploded"', (server:expect_log("waitUntil of " .. line:format "work")))
    party.eventually("the calm one runs again and again", function()
      return tonumber(server:get("/").body) > 1
    end)
    local _, failures = server:log():gsub("onCron failed name=raise", "")
    assert.is_true(failures > 1)
  end)

  it("are not stopped for ever by a hook that yields on its own", function()
    server = serve([[
      local runs = 0
      function App:onCron(cron)
        collectgarbage()
        if cron.name == "other" then return end
        runs = runs + 1
        coroutine.yield()
      end
      function App:onFetch() return party.Response(tostring(runs)) end
    ]], [[{ "crons": { "yields": "* * * * *", "other": "* * * * *" } }]])
    party.eventually("it has run again", function()
      return tonumber(server:get("/").body) > 1
    end)
    server:expect_log "hook failed .*(coroutine.yield was called)"
  end)

  it("are not started by a server that drains, which waits for those that run", function()
    server = serve([[
      local started, at_drain = 0
      function App:onCron(cron)
        started = started + 1
        if cron.name ~= "long" then return end
        wait_until(native.is_draining)
        at_drain = started
        party.sleep(0.5) -- five minutes
        party.log.info("long run over", { more = started - at_drain })
      end
    ]], [[{ "crons": { "long": "* * * * *", "short": "* * * * *" } }]], { "--log-level", "debug" })
    server:expect_log "run (name=long)"
    server.process:signal(sys.SIGTERM)
    assert.equal(0, server.process:wait())
    assert.matches("long run over more=0", server.process.output, 1, true)
  end)

  it("that nobody hears of are warned about", function()
    server = serve("function App:onConnect() end", [[{ "crons": { "a": "* * * * *" } }]])
    server:expect_log "warn app: (crons are configured and never run: app.lua has no onCron)"
    assert.is_nil(server:log():find("scheduled", 1, true))
  end)
end)

local BY_HAND = [[
  function App:onCron(cron, lobby)
    if cron.name == "failing" then error "cron exploded" end
    party.log.info("ran", {
      cron = cron.name, definition = cron.definition, host = lobby.host,
      is_now = math.abs(party.now() - cron.scheduledTime) < 60000,
    })
  end
]]
local MIDNIGHT = [[{ "crons": {
  "every-day": "0 0 1 1 *", "zoned": { "schedule": "0 0 2 1 *", "timezone": "Asia/Tokyo" } } }]]

describe("/__scheduled__", function()
  it("runs a cron at once with --dev-endpoints", function()
    local server = serve(BY_HAND, MIDNIGHT, { "--dev-endpoints" })
    local function run(query)
      local answer = server:get("/__scheduled__" .. query)
      return answer.status .. " " .. answer.body
    end
    assert.equal("200 ran cron every-day: 0 0 1 1 *", run "?cron=every-day")
    server:expect_log 'ran cron=every%-day definition="(0 0 1 1 %*)" host=test is_now=true'
    assert.equal("200 ran cron zoned: 0 0 2 1 *", run "?cron=zoned")
    assert.equal("200 ran cron other one: * * * * *", run "?cron=other%20one")
    assert.equal("200 ran cron unknown: * * * * *", run "")
    assert.equal("500 cron exploded", run "?cron=failing")
    server:expect_log 'onCron failed name=failing at=app.lua:%d+ err=("cron exploded")'
    server:stop()
  end)

  it("is nothing in particular without", function()
    local server = serve(BY_HAND, MIDNIGHT)
    assert.equal(404, server:get("/__scheduled__?cron=every-day").status)
    server:stop()
    assert.is_nil(server.process.output:find("ran cron", 1, true))
  end)

  it("counts as a run of its cron", function()
    local server = serve([[
      local is_released = false
      function App:onCron() wait_until(function() return is_released end) end
      function App:onFetch() is_released = true return party.Response "released" end
    ]], [[{ "crons": { "a": "* * * * *" } }]], { "--dev-endpoints", "--log-level", "debug" })
    local tcp = server:tcp()
    tcp:send "GET /__scheduled__?cron=a HTTP/1.1\r\nHost: test\r\n\r\n"
    server:expect_log "dropped, still running (name=a)"
    server:get "/release"
    assert.is_string(tcp:take_until "ran cron a: * * * * *")
    server:stop()
  end)
end)

describe("a cron that is wrong", function()
  it("keeps the server from starting, with its place in the file", function()
    local path, folder = project("", '{\n  "crons": { "daily": "0 25 * * *" }\n}')
    local code, output = Process.run({ party.program, "serve", path, "--port", "0" }, folder)
    assert.equal(1, code)
    assert.matches("partylua.json:2:26: crons.daily has 25 in its hour field, "
      .. "which takes 0 to 23\n", output, 1, true)
    assert.matches('| ' .. (" "):rep(25) .. "^^\n", output, 1, true)
  end)
end)
