local Tcp = require "spec.support.tcp"
local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Response = party.Response
local App, actions = {}, {}

function actions.hello() return Response "hello" end
function actions.url(request) return Response(request.url) end
function actions.slow()
  party.sleep(0.05)
  return Response "slow"
end
function actions.fail() error "it went wrong" end
function actions.empty(request)
  return Response(nil, { status = tonumber(request.query.status), statusText = "As You Like" })
end
function actions.headers(request)
  return Response.json { host = request.headers:get "host", method = request.method,
    twice = request.headers:get "x-twice" }
end
function actions.header(request)
  local value = party.json.decode(request:text()).value
  local response = Response("never", { headers = { ["x-value"] = value } })
  return response
end
function actions.framing()
  return Response("abc", { headers = { ["content-length"] = "1",
    ["transfer-encoding"] = "chunked", connection = "close" } })
end
function actions.cookies()
  local headers = party.Headers()
  headers:append("set-cookie", "a=1")
  headers:append("set-cookie", "b=2")
  return Response("", { headers = headers })
end

function App:onRequest(request)
  return actions[request.path:match "[^/]*$"](request)
end

return App
]]

local function path(name) return "/parties/main/room/" .. name end

describe("an HTTP connection", function()
  local server, tcp
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  local function ask(name, options, method)
    tcp:send(http.format(method or "GET", path(name), options))
    return http.read(tcp, method)
  end

  it("is kept for further requests", function()
    for _ = 1, 3 do assert.equal("hello", ask("hello").body) end
    assert.is_nil(ask("hello").headers.connection)
  end)

  it("answers pipelined requests in their order, also when the first is slow", function()
    local names = { "slow", "hello", "url", "slow", "hello" }
    local requests = {}
    for i, name in ipairs(names) do requests[i] = http.format("GET", path(name)) end
    tcp:send(table.concat(requests))
    assert.equal("slow", http.read(tcp).body)
    assert.equal("hello", http.read(tcp).body)
    assert.equal("http://test" .. path "url", http.read(tcp).body)
    assert.equal("slow", http.read(tcp).body)
    assert.equal("hello", http.read(tcp).body)
  end)

  it("answers hundreds of pipelined requests", function()
    local requests = {}
    for i = 1, 500 do requests[i] = http.format("GET", path "url?" .. i) end
    tcp:send(table.concat(requests))
    for i = 1, 500 do assert.matches("?" .. i, http.read(tcp).body, 1, true) end
  end)

  it("answers a request that comes byte by byte", function()
    for byte in http.format("POST", path "hello", { body = "abc" }):gmatch "." do tcp:send(byte) end
    assert.equal("hello", http.read(tcp).body)
  end)

  it("answers pipelined requests of a client that has ended its side", function()
    tcp:send(http.format("GET", path "slow") .. http.format("GET", path "hello"))
    tcp:finish()
    assert.equal("slow", http.read(tcp).body)
    assert.equal("hello", http.read(tcp).body)
    assert.is_true(tcp:is_ended())
  end)

  it("ends after the answer to 'Connection: close' and ignores what follows", function()
    local last = http.format("GET", path "hello", { headers = { "Connection: close" } })
    tcp:send(last .. http.format("GET", path "hello"))
    assert.equal("close", http.read(tcp).headers.connection)
    assert.is_true(tcp:is_ended())
  end)

  it("ends after the answer to HTTP/1.0", function()
    assert.equal("hello", ask("hello", { version = "1.0" }).body)
    assert.is_true(tcp:is_ended())
  end)

  it("is kept for HTTP/1.0 that asks for it", function()
    local options = { version = "1.0", headers = { "Connection: keep-alive" } }
    assert.equal("keep-alive", ask("hello", options).headers.connection)
    assert.equal("hello", ask("hello", options).body)
  end)

  it("is kept after a hook has failed", function()
    local answer = ask "fail"
    assert.equal(500, answer.status)
    assert.equal("it went wrong", answer.body)
    assert.equal("hello", ask("hello").body)
  end)

  it("skips empty lines before a request", function()
    tcp:send("\r\n\r\n" .. http.format("GET", path "hello"))
    assert.equal("hello", http.read(tcp).body)
  end)
end)

describe("an HTTP request", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  it("may have an absolute URL, whose host counts", function()
    local answer = server:get("http://elsewhere:80" .. path "url" .. "?x=1")
    assert.equal("http://elsewhere:80" .. path "url" .. "?x=1", answer.body)
  end)

  it("has the method and joined headers it was sent with", function()
    local answer = server:request("PROPFIND", path "headers",
      { headers = { "X-Twice: a", "x-twice:b  " } })
    assert.matches('"method":"PROPFIND"', answer.body, 1, true)
    assert.matches('"twice":"a, b"', answer.body, 1, true)
  end)

  it("of method OPTIONS reaches the hook like any other", function()
    assert.equal("hello", server:request("OPTIONS", path "hello").body)
  end)

  it("needs no Host with HTTP/1.0", function()
    local tcp = server:tcp()
    tcp:send("GET " .. path "hello" .. " HTTP/1.0\r\n\r\n")
    assert.equal("hello", http.read(tcp).body)
  end)
end)

describe("an HTTP response", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  it("has a Date in the form of RFC 9110", function()
    local date = server:get(path "hello").headers.date
    local day, month, year, clock =
      date:match "^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d+:%d+:%d+) GMT$"
    assert.is_truthy(day)
    local expected = os.date("!%d %b %Y", os.time())
    assert.equal(expected, ("%s %s %s"):format(day, month, year))
    assert.is_truthy(clock)
  end)

  it("to HEAD is the head of the one to GET", function()
    local get, head = server:get(path "hello"), server:request("HEAD", path "hello")
    local function without_date(text) return (text:gsub("Date: [^\r]*\r\n", "")) end
    assert.equal(200, head.status)
    assert.equal(without_date(get.head:lower()), without_date(head.head:lower()))
    assert.equal("5", head.headers["content-length"])
  end)

  it("to HEAD leaves the connection usable", function()
    local tcp = server:tcp()
    tcp:send(http.format("HEAD", path "hello") .. http.format("GET", path "url"))
    assert.equal(200, http.read(tcp, "HEAD").status)
    assert.equal("http://test" .. path "url", http.read(tcp).body)
  end)

  it("has the status and text the hook chose, and no length where there is no body", function()
    for _, status in ipairs { 204, 304 } do
      local answer = server:get(path "empty?status=" .. status)
      assert.equal(status, answer.status)
      assert.equal("As You Like", answer.reason)
      assert.is_nil(answer.headers["content-length"])
      assert.is_nil(answer.headers["transfer-encoding"])
    end
  end)

  it("of length 0 says so", function()
    assert.equal("0", server:get(path "empty?status=200").headers["content-length"])
  end)

  it("keeps each of several cookies", function()
    local _, count = server:get(path "cookies").head:gsub("[Ss]et%-[Cc]ookie: [ab]=[12]\r\n", "")
    assert.equal(2, count)
  end)

  it("is framed by the server, whatever the hook says about it", function()
    local tcp = Tcp.connect(server.port)
    tcp:send(http.format("GET", path "framing") .. http.format("GET", path "hello"))
    local answer = http.read(tcp)
    assert.equal("3", answer.headers["content-length"])
    assert.is_nil(answer.headers["transfer-encoding"])
    assert.equal("abc", answer.body)
    tcp:close()
  end)

  for name, byte in pairs { CR = "\\r", LF = "\\n", NUL = "\\u0000" } do
    it("with " .. name .. " in a header value is an error of the hook", function()
      local tcp = server:tcp()
      local body = ('{"value":"a%sx-evil: 1"}'):format(byte)
      tcp:send(http.format("POST", path "header", { body = body }))
      local answer = http.read(tcp)
      assert.equal(500, answer.status)
      assert.matches("x-value", answer.body, 1, true)
      assert.is_nil(answer.headers["x-evil"])
      server:expect_log("party=main room=room hook=onRequest at=%S+app.lua:%d+ "
        .. "err=[^\n]*x%-value[^\n]*source=")
    end)
  end
end)
