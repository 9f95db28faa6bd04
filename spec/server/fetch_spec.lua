local Origin = require "spec.support.origin"
local party = require "spec.support.party"

local APP = "spec/server/apps/run.lua"

describe("party.fetch", function()
  local server, origin, run, fail
  setup(function()
    origin = Origin.start()
    server = party.serve(APP, { "--fetch-allow", origin:rules() })
    run, fail = origin:runner(server)
  end)
  teardown(function()
    server:stop()
    origin:stop()
  end)

  --- What the origin has heard of a fetch.
  local function echoed(arguments)
    return run(("return party.fetch(%s):json()"):format(arguments))
  end

  local function header(echo, name)
    local values = {}
    for _, pair in ipairs(echo.headers) do
      if pair[1] == name then values[#values + 1] = pair[2] end
    end
    return values
  end

  it("gives status, headers and body, and where they came from", function()
    local found = run [[
      local r = party.fetch(ORIGIN .. "/headers#part")
      return { r.status, r.statusText, r.ok, r.headers:getSetCookie(), r.headers:get "x-many",
        r.headers:get "x-empty", r:text(), r.url == ORIGIN .. "/headers", r.redirected }
    ]]
    assert.same({ 203, "Just So", true, { "a=1", "b=2" }, "one, two", "", "body", true, false },
      found)
  end)

  it("asks with GET unless told otherwise, as partylua and with nothing added", function()
    local echo = echoed 'ORIGIN .. "/echo/a?b=c"'
    assert.same({ "GET", "/echo/a?b=c", "" }, { echo.method, echo.url, echo.body })
    local names = {}
    for _, pair in ipairs(echo.headers) do names[#names + 1] = pair[1] end
    assert.same({ "host", "accept", "user-agent", "accept-encoding" }, names)
    assert.matches("^partylua/", header(echo, "user-agent")[1])
  end)

  for _, method in ipairs { "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND" } do
    it("sends a body with " .. method, function()
      local code = ('ORIGIN .. "/echo", { method = %q, body = "a\\0\\255b" }'):format(method)
      local echo = echoed(code)
      assert.same({ method, "a\0\195\191b" }, { echo.method, echo.body })
      assert.same({ "4" }, header(echo, "content-length"))
      assert.same({ "text/plain;charset=UTF-8" }, header(echo, "content-type"))
      assert.same({}, header(echo, "expect"))
    end)
  end

  it("says of a POST without a body that it has none, and of a DELETE nothing", function()
    local post = echoed 'ORIGIN .. "/echo", { method = "POST" }'
    assert.same({ { "0" }, {} }, { header(post, "content-length"), header(post, "content-type") })
    local delete = echoed 'ORIGIN .. "/echo", { method = "DELETE" }'
    assert.same({ "DELETE", {} }, { delete.method, header(delete, "content-length") })
  end)

  it("gives the head of a HEAD, which has no body", function()
    assert.same({ 200, "yes", true, "" }, run [[
      local r = party.fetch(ORIGIN .. "/echo", { method = "HEAD" })
      return { r.status, r.headers:get "x-served", r.body == nil, r:text() }
    ]])
    for _, status in ipairs { 204, 304 } do
      assert.same({ status, true }, run(([[
        local r = party.fetch(ORIGIN .. "/status/%d")
        return { r.status, r.body == nil }
      ]]):format(status)))
    end
  end)

  it("sends headers, each as often as it is there, empty ones too", function()
    local echo = echoed [[ORIGIN .. "/echo", { headers = {
      ["X-One"] = "a", ["X-Two"] = { "b", "c" }, ["X-None"] = "", ["User-Agent"] = "me" } }]]
    assert.same({ { "a" }, { "b", "c" }, { "" }, { "me" } }, { header(echo, "x-one"),
      header(echo, "x-two"), header(echo, "x-none"), header(echo, "user-agent") })
  end)

  it("leaves out headers that follow from the URL and the body", function()
    local echo = echoed [[ORIGIN .. "/echo", { method = "POST", body = "abc", headers = {
      host = "elsewhere", connection = "close", ["content-length"] = "99", te = "trailers",
      ["transfer-encoding"] = "chunked", expect = "100-continue", upgrade = "foo" } }]]
    assert.equal("abc", echo.body)
    assert.same({ { "127.0.0.1:" .. origin.http }, { "3" }, {}, {}, {} }, { header(echo, "host"),
      header(echo, "content-length"), header(echo, "transfer-encoding"), header(echo, "te"),
      header(echo, "upgrade") })
  end)

  it("takes a Request, forms and search parameters", function()
    assert.equal("q=a+b", echoed [[party.Request(ORIGIN .. "/echo", { method = "POST",
      body = party.URL("http://a/?q=a b").searchParams })]].body)
    assert.matches("name=\"n\"\r\n\r\nv\r\n", run [[
      local form = party.FormData()
      form:append("n", "v")
      return party.fetch(ORIGIN .. "/echo", { method = "POST", body = form }):json().body
    ]])
  end)

  it("raises for arguments that make no sense, on the caller's line", function()
    for arguments, message in pairs {
      ['"/relative"'] = "relative", ['"ftp://a/"'] = "ftp", ['"http://u:p@a/"'] = "user name",
      ['"ws://a/"'] = "not ws", ["nil"] = "nil",
      ['ORIGIN, { redirect = "no" }'] = "redirect must be", ["ORIGIN, { timeout = 0 }"] = "timeout",
      ["ORIGIN, 1"] = "table", ["ORIGIN, { signal = {} }"] = "signal",
      ['ORIGIN, { body = "x" }'] = "GET or HEAD",
    } do
      local text = run(("local ok, why = pcall(function()\nparty.fetch(%s)\nend)\nreturn why")
        :format(arguments))
      assert.matches("^code:4: ", text, 1, arguments)
      assert.matches(message, text, 1, true)
    end
  end)

  -- Bodies --------------------------------------------------------------------------------------

  it("reads the first piece of an answer before the last is sent", function()
    assert.same({ "first,", "went", "second" }, run [[
      local r = party.fetch(ORIGIN .. "/wait/down")
      local chunks = r:chunks()
      local first = chunks()
      local went = party.fetch(ORIGIN .. "/go/down"):text()
      return { first, went, chunks() }
    ]])
  end)

  it("sends the first piece of a body before there is a second", function()
    for _, body in ipairs {
      'function(write) write "one" assert(heard == nil) wait() write "two" end',
      'coroutine.wrap(function() coroutine.yield "one" coroutine.yield "two" end)',
    } do
      assert.equal("onetwo", run(([[
        local heard
        local function wait() while not heard do party.sleep(0.005) end end
        local r = party.fetch(ORIGIN .. "/mirror", { method = "POST", body = %s })
        local all = {}
        for chunk in r:chunks() do heard = chunk all[#all + 1] = chunk end
        return table.concat(all)
      ]]):format(body)))
    end
  end)

  it("sends and reads at the same time, a lot of it, both sides bounded", function()
    local before = server:memory()
    assert.same({ 64 * 1024 * 1024, true }, run [[
      local digits = "0123456789abcdef"
      local piece, count = digits:rep(4096), 0
      local r = party.fetch(ORIGIN .. "/mirror", { method = "POST", body = function(write)
        for _ = 1, 1024 do write(piece) end
      end })
      local right = true
      for chunk in r:chunks() do
        local at = count % 16 + 1
        right = right and chunk:sub(1, 1) == digits:sub(at, at)
        count = count + #chunk
      end
      return { count, right }
    ]])
    assert.is_true(server:memory() - before < 24 * 1024 * 1024)
  end)

  it("leaves what nobody reads at the other side", function()
    local before = server:memory()
    run 'self.kept = party.fetch(ORIGIN .. "/large/100000000") self.kept.body()'
    run 'for _ = 1, 100 do party.fetch(ORIGIN .. "/echo"):text() end'
    assert.is_true(server:memory() - before < 16 * 1024 * 1024)
    run 'self.kept = nil collectgarbage() collectgarbage()'
  end)

  it("passes an answer on as it comes, without what belongs to the connection", function()
    local answer = server:request("POST", "/parties/main/room", { body =
      ("return party.fetch('http://127.0.0.1:%d/coded/gzip')"):format(origin.http) })
    assert.equal(("plain text "):rep(1000), answer.body)
    assert.is_nil(answer.headers["content-encoding"])
  end)

  for _, coding in ipairs { "gzip", "deflate", "raw" } do
    it("decompresses what comes as " .. coding, function()
      assert.same({ 11000, true, true }, run(([[
        local r = party.fetch(ORIGIN .. "/coded/%s")
        local text = r:text()
        return { #text, text == ("plain text "):rep(1000), r.headers:get "content-encoding" == nil }
      ]]):format(coding)))
    end)
  end

  it("leaves the bytes alone when the caller has said what may come", function()
    assert.same({ "gzip", true }, run [[
      local r = party.fetch(ORIGIN .. "/coded/gzip", { headers = { ["accept-encoding"] = "gzip" } })
      local start = r:bytes():sub(1, 2)
      return { r.headers:get "content-encoding", start == "\31\139" }
    ]])
  end)

  it("takes small pieces of a small body that stands for a large one", function()
    local before = server:memory()
    assert.same({ 64 * 1024 * 1024, true }, run [[
      local count, most = 0, 0
      for chunk in party.fetch(ORIGIN .. "/bomb"):chunks() do
        count, most = count + #chunk, math.max(most, #chunk)
      end
      return { count, most <= 65536 }
    ]])
    assert.is_true(server:memory() - before < 24 * 1024 * 1024)
    assert.matches("GET 127.0.0.1:%d+ failed: the answer is larger than 16 MiB",
      fail 'party.fetch(ORIGIN .. "/bomb"):text()')
  end)

  it("holds no answer that is too large, and reads it in pieces", function()
    assert.matches("larger than 16 MiB", fail 'party.fetch(ORIGIN .. "/large/20000000"):text()')
    assert.matches("larger than 16 MiB", fail 'party.fetch(ORIGIN .. "/large/20000000"):json()')
    assert.equal(20000000, run [[
      local count = 0
      for chunk in party.fetch(ORIGIN .. "/large/20000000"):chunks() do count = count + #chunk end
      return count
    ]])
  end)

  it("ends when the body of its request fails, and says why", function()
    assert.matches("POST 127.0.0.1:%d+ failed: its body failed: no more", fail [[
      party.fetch(ORIGIN .. "/echo", { method = "POST", body = function(write)
        write "a"
        error("no more", 0)
      end })
    ]])
  end)

  it("reads an answer that comes before the whole body was sent", function()
    assert.same({ 413, "too much" }, run [[
      local r = party.fetch(ORIGIN .. "/early", { method = "POST", body = function(write)
        for _ = 1, 10000 do if not write(("x"):rep(65536)) then return end end
      end })
      return { r.status, r:text() }
    ]])
  end)

  -- Redirects -----------------------------------------------------------------------------------

  it("follows redirects and says where the answer came from", function()
    assert.same({ 200, true, true, "there" }, run [[
      local r = party.fetch(ORIGIN .. "/redirect/302/%2Ftext%2Fthere")
      return { r.status, r.redirected, r.url == ORIGIN .. "/text/there", r:text() }
    ]])
  end)

  for _, case in ipairs {
    { 301, "POST", "GET" }, { 302, "POST", "GET" }, { 303, "POST", "GET" }, { 303, "PUT", "GET" },
    { 307, "POST", "POST" }, { 308, "POST", "POST" }, { 301, "PUT", "PUT" },
    { 303, "HEAD", "HEAD" },
  } do
    local status, method, expected = unpack(case)
    it(("goes on after a %d to %s with %s"):format(status, method, expected), function()
      local body = method ~= "HEAD" and 'body = "b",' or ""
      local found = run(([[
        local r = party.fetch(ORIGIN .. "/redirect/%d/%%2Fecho", { method = %q, %s })
        return r.headers:get "x-served" and (r.body and r:json() or { method = "HEAD" })
      ]]):format(status, method, body))
      assert.equal(expected, found.method)
      if method ~= "HEAD" then
        local is_kept = expected ~= "GET"
        assert.equal(is_kept and "b" or "", found.body)
        assert.equal(is_kept and 1 or 0, #header(found, "content-type"))
      end
    end)
  end

  it("gives the redirect itself, or raises, when that is asked for", function()
    assert.same({ 302, "/text/there" }, run [[
      local r = party.fetch(ORIGIN .. "/redirect/302/%2Ftext%2Fthere", { redirect = "manual" })
      return { r.status, r.headers:get "location" }
    ]])
    assert.matches("^GET 127.0.0.1:%d+ failed: it is redirected$",
      fail 'party.fetch(ORIGIN .. "/redirect/302/%2F", { redirect = "error" })')
  end)

  it("ends a loop", function()
    assert.matches("redirected more than 20 times", fail 'party.fetch(ORIGIN .. "/loop")')
  end)

  it("keeps secrets from another origin", function()
    local code = [[
      local elsewhere = party.fetch(ORIGIN .. "/redirect/302/" .. %q, { headers = {
        authorization = "Bearer x", cookie = "a=b", ["x-other"] = "kept" } }):json()
      return elsewhere.headers
    ]]
    local function names(target)
      local found = {}
      for _, pair in ipairs(run(code:format(target))) do found[pair[1]] = true end
      return { found.authorization, found.cookie, found["x-other"] }
    end
    assert.same({ true, true, true }, names "%2Fecho")
    local other = Origin.start()
    finally(function() other:stop() end)
    assert.matches("not open to fetch",
      fail(("party.fetch(ORIGIN .. '/redirect/302/http:%%2F%%2F127.0.0.1:%d%%2Fecho')")
        :format(other.http)))
    local second = party.serve(APP, { "--fetch-allow", "127.0.0.1" })
    finally(function()
      second:stop()
      other:stop()
    end)
    local run_there = origin:runner(second)
    local found = {}
    local target = ("http:%%2F%%2F127.0.0.1:%d%%2Fecho"):format(other.http)
    for _, pair in ipairs(run_there(code:format(target))) do found[pair[1]] = true end
    assert.same({ nil, nil, true }, { found.authorization, found.cookie, found["x-other"] })
  end)

  it("does not send a stream twice", function()
    assert.matches("its body cannot be sent a second time", fail [[
      party.fetch(ORIGIN .. "/redirect/307/%2Fecho", { method = "POST",
        body = function(write) write "x" end })
    ]])
  end)

  it("is not redirected to other schemes, or with a password", function()
    for target, message in pairs {
      ["file:%2F%2F%2Fetc%2Fpasswd"] = "redirected", ["ftp:%2F%2Fa"] = "redirected",
      ["http:%2F%2Fu:p@127.0.0.1"] = "user name",
    } do
      assert.matches(message,
        fail(("party.fetch(ORIGIN .. '/redirect/302/%s')"):format(target)), 1, true)
    end
  end)

  -- Addresses -----------------------------------------------------------------------------------

  for _, host in ipairs { "127.0.0.1:1", "localhost:1", "2130706433", "0x7f.1", "0177.0.0.1",
    "127.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "10.0.0.1",
    "192.168.0.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1" } do
    it("does not reach " .. host, function()
      assert.matches("^GET %S+ failed: the address %S+ is not open to fetch",
        fail(("party.fetch 'http://%s/'"):format(host)))
    end)
  end

  it("is not redirected into the private network", function()
    assert.matches("^GET localhost:1 failed: the address %S+ is not open to fetch",
      fail 'party.fetch(ORIGIN .. "/redirect/302/http:%2F%2Flocalhost:1%2F")')
    assert.matches("the address 169.254.169.254 is not open to fetch",
      fail 'party.fetch(ORIGIN .. "/redirect/302/http:%2F%2F169.254.169.254%2F")')
  end)

  -- Trouble -------------------------------------------------------------------------------------

  it("says what was wrong, and nothing of path, query and password", function()
    local text = fail 'party.fetch "http://nowhere.invalid/path?key=secret"'
    assert.equal("GET nowhere.invalid failed: Could not resolve host: nowhere.invalid", text)
  end)

  it("raises when there is no answer", function()
    for place, message in pairs {
      ["ORIGIN .. '/drop'"] = "failed", ["RAW .. '/nothing'"] = "Empty reply",
      ["RAW .. '/garbage'"] = "HTTP/0.9", ["RAW .. '/old'"] = "HTTP/0.9",
      ["RAW .. '/switch'"] = "protocol that was not asked for",
      ["RAW .. '/control'"] = "broken header", ["RAW .. '/many'"] = "too many headers",
      ["RAW .. '/long'"] = "head is too large", ["RAW .. '/interims'"] = "head is too large",
    } do
      assert.matches(message, fail(("party.fetch(%s)"):format(place)), 1, true)
    end
  end)

  it("takes what is odd and allowed", function()
    assert.same({ "ok", "1" }, run [[
      local r = party.fetch(RAW .. "/interim")
      return { r:text(), r.headers:get "x-a" }
    ]])
    assert.equal("one two", run 'return party.fetch(RAW .. "/folded").headers:get "x-a"')
    assert.same({ "ok", true }, run [[
      local r = party.fetch(RAW .. "/trailer")
      return { r:text(), r.headers:get "x-after" == nil }
    ]])
  end)

  it("raises while it reads an answer that breaks off", function()
    assert.matches("^GET 127.0.0.1:%d+ failed: the answer broke off: ",
      fail 'party.fetch(ORIGIN .. "/half"):text()')
    assert.matches("the answer broke off", fail 'party.fetch(RAW .. "/chunk"):text()')
    assert.matches("the compressed body is broken", fail 'party.fetch(ORIGIN .. "/broken"):text()')
  end)

  it("gives up after its timeout, before and after the head", function()
    assert.matches("^GET 127.0.0.1:%d+ failed: it takes longer than 50 ms$",
      fail 'party.fetch(ORIGIN .. "/stall", { timeout = 0.05 })')
    assert.matches("the answer broke off: it takes longer than 50 ms",
      fail 'party.fetch(ORIGIN .. "/wait/never", { timeout = 0.05 }):text()')
    party.eventually("the origin hears of both", function()
      local gone = table.concat(origin:stats().gone, " ")
      return gone:find("/stall", 1, true) and gone:find("/wait/never", 1, true)
    end)
  end)

  it("gives up when its signal is aborted", function()
    assert.matches("failed: changed my mind", fail [[
      local controller = party.AbortController()
      party.after(0.01, function() controller:abort "changed my mind" end)
      party.fetch(ORIGIN .. "/stall", { signal = controller.signal })
    ]])
    assert.matches("broke off: it was aborted", fail [[
      local controller = party.AbortController()
      local r = party.fetch(ORIGIN .. "/wait/aborted", { signal = controller.signal })
      party.after(0.01, function() controller:abort() end)
      r:text()
    ]])
    assert.matches("failed: too late", fail [[
      local controller = party.AbortController()
      controller:abort "too late"
      party.fetch(ORIGIN .. "/echo", { signal = controller.signal })
    ]])
  end)

  it("leaves nothing at a signal that outlives it", function()
    assert.equal(0, run [[
      local signal = party.AbortController().signal
      for _, path in ipairs { "/echo", "/redirect/302/%2Fecho", "/status/204" } do
        party.fetch(ORIGIN .. path, { signal = signal }):text()
      end
      pcall(party.fetch, ORIGIN .. "/drop", { signal = signal })
      return #signal.listeners
    ]])
  end)

  -- Rooms ---------------------------------------------------------------------------------------

  it("lets the room go on while it waits", function()
    local done = false
    run [[
      party.spawn(function() self.text = party.fetch(ORIGIN .. "/wait/room"):text() end)
    ]]
    party.eventually("the origin is asked", function()
      return origin:get("/go/room").body == "went"
    end)
    party.eventually("the room has its answer", function()
      done = run "return self.text" == "first,second"
      return done
    end)
    assert.is_true(done)
  end)

  it("uses a connection again", function()
    local before = origin:stats().connected
    run 'for _ = 1, 20 do party.fetch(ORIGIN .. "/echo"):text() end'
    -- two of ours ask for the statistics
    assert.is_true(origin:stats().connected - before <= 3)
  end)

  it("works outside of rooms and not without a server", function()
    local Process = require "spec.support.process"
    local other = party.serve(([[
      local party = require "partylua"
      local Main = {}
      function Main:onFetch() return party.fetch "http://127.0.0.1:%d/text/static" end
      return Main
    ]]):format(origin.http), { "--fetch-allow", origin:rules() })
    finally(function() other:stop() end)
    assert.equal("static", other:get("/elsewhere").body)
    local code, output = Process.run { party.program, "-e",
      'print(pcall(require("partylua").fetch, "http://a.example/"))' }
    assert.equal(0, code)
    assert.matches("there is no server in this process", output)
  end)
end)
