--- What becomes of a provider that misbehaves, and of a run that nobody wants any more.

local Inference = require "spec.support.inference"
local http = require "spec.support.http"
local party = require "spec.support.party"

local inference
setup(function() inference = Inference.start() end)
teardown(function() inference:stop() end)

for _, provider in ipairs { "openai", "workers-ai" } do
  describe("a provider that misbehaves: " .. provider, function()
    local server, run, fail
    setup(function()
      server = inference:serve(inference:config(provider, { timeout = 5, answerBytes = 100000,
        requestBytes = 2000 }))
      run, fail = inference:runner(server)
    end)
    teardown(function() server:stop() end)

    --- What the error of a run says after provider and model.
    local function failure(model, inputs)
      local message = fail(("ai:run(%q, { prompt = 'x', %s })"):format(model, inputs or ""))
      local start = ('ai: %s, model "%s"'):format(provider, model)
      assert.equal(start, message:sub(1, #start))
      return message:sub(#start + 1)
    end

    --- The same of a stream that is read to its end, with what it gave before.
    local function stream_failure(model)
      local found = run(([[
        local texts = {}
        local ok, why = pcall(function()
          for text in ai:run(%q, { prompt = "x", stream = true }):texts() do
            texts[#texts + 1] = text
          end
        end)
        return { table.concat(texts), ok, why.message, why.status }
      ]]):format(model))
      assert.is_false(found[2])
      assert.equal(200, found[4])
      local start = ('ai: %s, model "%s", status 200: '):format(provider, model)
      assert.equal(start, found[3]:sub(1, #start))
      return found[3]:sub(#start + 1), found[1]
    end

    it("says what it refuses: status, code and words", function()
      assert.equal(", status 429: rate_limited: slow down", failure "busy")
      assert.same({ 429, 7, provider, "busy", "InferenceUpstreamError", "table" }, run [[
        local _, why = pcall(ai.run, ai, "busy", { prompt = "x" })
        return { why.status, why.retryAfter, why.provider, why.model, why.name, type(why) }
      ]])
      assert.equal(", status 404: 5007: No such model nobody", failure "nobody")
    end)

    it("says the beginning of what is no JSON, in one line, and what is nothing", function()
      local said = failure "down"
      assert.matches("^, status 500: <h1>Oops</h1> yyy", said)
      assert.is_true(#said < 600)
      assert.equal(", status 503: it said nothing", failure "nothing")
    end)

    it("is not followed elsewhere", function()
      assert.equal(", status 307: it said nothing", failure "moved")
    end)

    it("may not answer another type, broken JSON, or too much", function()
      assert.equal(", status 200: it answered text/html, not application/json", failure "html")
      assert.matches("^, status 200: it answered what is no JSON: invalid JSON at line 1",
        failure "bad-json")
      assert.equal(", status 200: the answer is larger than 100000 B (see ai.answerBytes)",
        failure "huge")
      party.eventually("the rest is given up", function()
        for _, model in ipairs(inference:stats().gone) do
          if model == "huge" then return true end
        end
      end)
    end)

    it("may not answer another form", function()
      if provider == "workers-ai" then
        assert.equal(", status 200: 5006: bad input", failure "refused")
      else
        assert.equal(", status 200: its answer has no choices", failure "shapeless")
        assert.matches("it gave no 1 vectors", fail 'ai:run("shapeless", { text = "a" })')
        assert.matches("^, status 200: its answer has an unknown form: attempt to index",
          failure "odd")
      end
    end)

    it("may not answer a stream with something else", function()
      assert.equal(", status 200: it answered text/html where a stream was asked for",
        failure("html", "stream = true"))
      assert.equal(", status 429: rate_limited: slow down", failure("busy", "stream = true"))
    end)

    it("breaks a stream where it breaks off", function()
      local why, said = stream_failure "cut"
      assert.matches("^the answer broke off: ", why)
      assert.equal("half ", said)
      assert.same({ "the stream broke off before its end", "half " },
        { stream_failure "unfinished" })
    end)

    it("breaks a stream at an event that is no JSON, too large, or an error", function()
      local why, said = stream_failure "bad-event"
      assert.matches("^an event of its stream is no JSON: ", why)
      assert.equal("one ", said)
      assert.same({ "overloaded: no more room", "one " }, { stream_failure "late-error" })
      assert.equal("an event of its stream is too large", (stream_failure "large-event"))
    end)

    it("cuts the answer whose body is a broken stream", function()
      local socket = server:tcp()
      socket:send(http.format("POST", "/parties/main/cut", { body = [[return party.Response(
        room.context.ai:run("bad-event", { prompt = "x", stream = true }))]] }))
      local heard = socket:take_all()
      assert.is_nil(heard:find "DONE")
      assert.is_nil(heard:find "\r\n0\r\n") -- the end of a whole body
      server:expect_log "an event of its stream is no JSON"
    end)

    it("is given up after its time", function()
      local message = fail 'ai:run("stall", { prompt = "x" }, { timeout = 0.05 })'
      assert.equal(('ai: %s, model "stall": it takes longer than 50 ms'):format(provider), message)
      message = fail [[
        for _ in ai:run("drip", { prompt = "x", stream = true }, { timeout = 0.1 }):texts() do end
      ]]
      assert.matches("the answer broke off: it takes longer than 100 ms$", message)
    end)

    it("is sent no more than it should be", function()
      local message = fail 'ai:run("echo", { prompt = ("x"):rep(2000) })'
      assert.matches("its inputs are larger than 2000 B %(see ai.requestBytes%)$", message)
      assert.matches("its inputs cannot be sent: .*function",
        fail 'ai:run("echo", { prompt = print })')
    end)

    it("never shows the key, not even where it repeats it", function()
      assert.equal(", status 400: bad: bad header Bearer [key]", failure "leak")
      local why = stream_failure "long-leak"
      assert.matches("x Bearer %[k", why)
      assert.is_nil(why:find "spec")
      local other = inference:serve(inference:config(provider,
        { [provider == "openai" and "apiKey" or "apiToken"] = "another-key" }), nil,
        { "--log-level", "debug" })
      finally(function() other:stop() end)
      local _, fail_other = inference:runner(other)
      assert.equal(('ai: %s, model "echo", status 401: invalid_api_key: Incorrect API key '
        .. "provided: Bearer [key]"):format(provider),
        fail_other 'ai:run("echo", { prompt = "x" })')
      local answer = other:request("POST", "/parties/main/uncaught", { body =
        'party.spawn(function() room.context.ai:run("leak", { prompt = "x" }) end)' })
      assert.equal(200, answer.status)
      other:expect_log "status 401: invalid_api_key"
      assert.is_nil(other:log():find("another-key", 1, true))
    end)
  end)
end

describe("a provider that is not there", function()
  it("is named, with the reason", function()
    local server = inference:serve { provider = "openai", baseUrl = "http://127.0.0.1:1/v1" }
    finally(function() server:stop() end)
    local _, fail = inference:runner(server)
    assert.matches('^ai: openai, model "echo": .*connect', fail 'ai:run("echo", { prompt = "x" })')
    assert.matches("^ai: openai: .*connect", fail "ai:models()")
  end)
end)

describe("the server of a provider on this machine", function()
  local server, run, fail
  setup(function()
    server = inference:serve(inference:config "openai")
    run, fail = inference:runner(server)
  end)
  teardown(function() server:stop() end)

  it("is open to context.ai alone: fetch reaches nothing there, before and after", function()
    local fetch = ("party.fetch('http://127.0.0.1:%d/v1/models')"):format(inference.port)
    local refused = "127.0.0.1 is not open to fetch"
    assert.matches(refused, fail(fetch), 1, true)
    assert.equal("user: x", run 'return ai:run("echo", { prompt = "x" }).response')
    assert.matches(refused, fail(fetch), 1, true) -- nor over the connection that is open now
  end)

  it("stays open when --fetch-deny shuts everything", function()
    local other = inference:serve(inference:config "openai", nil,
      { "--fetch-deny", "0.0.0.0/0,::/0" })
    finally(function() other:stop() end)
    local run_other = inference:runner(other)
    assert.equal("user: x", run_other 'return ai:run("echo", { prompt = "x" }).response')
  end)
end)

-- Given up ----------------------------------------------------------------------------------------

describe("a run that nobody wants any more", function()
  local server, run, fail
  before_each(function()
    server = inference:serve(inference:config("openai", { maxConcurrent = 4,
      maxConcurrentPerRoom = 2 }))
    run, fail = inference:runner(server)
  end)
  after_each(function() server:stop() end)

  local function gone_count(model)
    local count = 0
    for _, each in ipairs(inference:stats().gone) do
      if each == model then count = count + 1 end
    end
    return count
  end

  local function expect_gone(model, before)
    party.eventually("the provider hears of it", function()
      return gone_count(model) == before + 1
    end)
  end

  it("ends with its signal, at once and in a stream", function()
    local before, asked = gone_count "stall", #inference:stats().requests
    run [[
      self.controller = party.AbortController()
      party.spawn(function()
        local _, why = pcall(ai.run, ai, "stall", { prompt = "x" },
          { signal = self.controller.signal })
        self.why = why.message
      end)
    ]]
    party.eventually("it is asked", function() return #inference:stats().requests > asked end)
    run 'self.controller:abort "enough"'
    party.eventually("its caller hears of it", function()
      return run "return self.why" == 'ai: openai, model "stall": enough'
    end)
    expect_gone("stall", before)
    before = gone_count "drip"
    assert.matches("the answer broke off: enough$", fail [[
      local controller = party.AbortController()
      local count = 0
      for _ in ai:run("drip", { prompt = "x", stream = true },
        { signal = controller.signal }):texts() do
        count = count + 1
        if count == 3 then controller:abort "enough" end
      end
    ]])
    expect_gone("drip", before)
  end)

  it("ends when its stream is cancelled, which is then read to an end", function()
    local before = gone_count "drip"
    assert.same({ 2, true, true, true }, run [[
      local stream, count = ai:run("drip", { prompt = "x", stream = true }), 0
      for _ in stream:texts() do
        count = count + 1
        if count == 2 then stream:cancel() end
      end
      stream:cancel "again"
      return { count, stream:text() == "", stream() == nil, stream:events()() == nil }
    ]])
    expect_gone("drip", before)
  end)

  it("ends for who waits for the next word when somebody else cancels it", function()
    local before = gone_count "wait-long"
    assert.same({ "first " }, run [[
      local stream, texts = ai:run("wait-long", { prompt = "x", stream = true }), {}
      party.after(0.02, function() stream:cancel() end)
      for text in stream:texts() do texts[#texts + 1] = text end
      return texts
    ]])
    expect_gone("wait-long", before)
  end)

  it("ends when whoever reads its answer leaves", function()
    local before = gone_count "drip"
    local code = [[return party.Response(room.context.ai:run("drip",
      { prompt = "x", stream = true }))]]
    local socket = server:tcp()
    socket:send(http.format("POST", "/parties/main/left", { body = code }))
    socket:take_until "drop"
    socket:close()
    expect_gone("drip", before)
  end)

  it("ends when whoever reads its answer leaves while the model says nothing", function()
    local before = gone_count "mute"
    local code = [[return party.Response(room.context.ai:run("mute",
      { prompt = "x", stream = true }))]]
    local socket = server:tcp(4096)
    socket:send(http.format("POST", "/parties/main/left", { body = code }))
    socket:take_until "word"
    -- There is more to be read, and so its system resets the connection. One that is merely
    -- closed may still be read from, for all that this side can tell before it writes again.
    socket:close()
    expect_gone("mute", before)
  end)

  it("ends when its room is reset, with what waits for a turn", function()
    local other = inference:serve(inference:config("openai", { maxConcurrentPerRoom = 1 }), nil,
      { "--map-bytes", "1MiB", "--drain-timeout", "1" })
    finally(function() other:stop() end)
    local run_other = inference:runner(other)
    local before, asked = gone_count "stall", #inference:stats().requests
    run_other 'for _ = 1, 3 do party.spawn(ai.run, ai, "stall", { prompt = "x" }) end'
    party.eventually("it is asked", function() return #inference:stats().requests > asked end)
    other:request("POST", "/parties/main/room",
      { body = 'for i = 1, 20 do storage:put("k" .. i, ("x"):rep(100000)) end' })
    expect_gone("stall", before)
    assert.equal("user: y", run_other 'return ai:run("echo", { prompt = "y" }).response')
    assert.equal(asked + 2, #inference:stats().requests) -- the other two were never sent
  end)

  it("ends when the server does", function()
    local before = gone_count "stall"
    local other = inference:serve(inference:config "openai", nil, { "--drain-timeout", "10ms" })
    local socket = other:tcp()
    local code = 'room.context.ai:run("stall", { prompt = "x" })'
    local asked = #inference:stats().requests
    socket:send(http.format("POST", "/parties/main/a", { body = code }))
    party.eventually("it is asked", function() return #inference:stats().requests > asked end)
    other:stop()
    expect_gone("stall", before)
  end)

  it("takes up no turn when its answer was not wanted", function()
    for _ = 1, 5 do
      assert.matches("where a stream was asked for",
        fail 'ai:run("huge", { prompt = "x", stream = true })')
    end
    assert.equal("user: y", run 'return ai:run("echo", { prompt = "y" }).response')
  end)

  it("keeps nothing of itself at a signal that outlasts it", function()
    assert.same({ 0, 0 }, run [[
      local signal = party.AbortController().signal
      local inputs = { prompt = "x", stream = true }
      ai:run("echo", inputs, { signal = signal }):text()
      local first = #signal.listeners
      ai:run("echo", { prompt = "x" }, { signal = signal })
      return { first, #signal.listeners }
    ]])
  end)

  it("waits for its turn when its room, or all of them, run too many", function()
    local code = [[
      local all = {}
      for i = 1, 3 do
        all[i] = function() return ai:run("hold-" .. room.id .. i, { prompt = "x" }).response end
      end
      return party.all(all)
    ]]
    local body = "local ai = room.context.ai\n" .. code
    for _, room in ipairs { "a", "b", "c" } do
      server:tcp():send(http.format("POST", "/parties/main/" .. room, { body = body }))
    end
    local left = { a = 3, b = 3, c = 3 }
    --- How many can run: two of a room, four of all.
    local function able()
      return math.min(4, math.min(2, left.a) + math.min(2, left.b) + math.min(2, left.c))
    end
    party.eventually("each has had its turn", function()
      local stats = inference:stats()
      assert.is_true(stats.active <= 4)
      if stats.active == able() then
        for room in pairs(left) do
          for i = 1, 3 do
            if inference:go(room .. i) then left[room] = left[room] - 1 end
          end
        end
      end
      return able() == 0
    end)
    local stats = inference:stats()
    assert.same({ 4, 2 }, { stats.mostActive, stats.mostActiveInOne })
  end)
end)

describe("a run that fails and is not caught", function()
  it("is logged at the line of the app, not of this library", function()
    local _, folder = party.write_file("app.lua", [[
local App = {}
function App:onRequest()
  local answer = self.room.context.ai:run("any", { prompt = "x" })
  return answer
end
return App]])
    party.write_file("partylua.json", [[{ "main": "app.lua",
      "ai": { "provider": "openai", "baseUrl": "http://127.0.0.1:1/v1" } }]], folder)
    local server = party.serve_project(folder)
    finally(function() server:stop() end)
    assert.equal(500, server:get("/parties/main/a").status)
    server:expect_log 'at=app%.lua:3 err=.- source="local answer = self'
  end)
end)
