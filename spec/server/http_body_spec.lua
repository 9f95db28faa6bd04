local http = require "spec.support.http"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local Response = party.Response
local App, actions = {}, {}

function actions.text(request) return Response(request:text()) end
function actions.json(request) return Response.json(request:json()) end
function actions.twice(request) return Response(request:text() .. request:text()) end
function actions.unread() return Response "unread" end
function actions.late(request)
  party.sleep(0.3)
  return Response(tostring(#request:text()))
end
function actions.form(request)
  local form = request:formData()
  local file = form:get "file"
  return Response.json { name = form:get "name", file = file and file.name,
    size = file and #file:text() }
end
function actions.size(request)
  local size, most = 0, 0
  for chunk in request:chunks() do
    size, most = size + #chunk, math.max(most, #chunk)
  end
  return Response(tostring(size))
end
function actions.stream(request)
  local response = Response(request:chunks())
  return response
end
function actions.leave(request)
  party.log.info "reading"
  request:text()
end

function App:onRequest(request)
  return actions[request.path:match "[^/]*$"](request)
end

return App
]]

local function path(name) return "/parties/main/room/" .. name end

local function chunk(data) return ("%x\r\n%s\r\n"):format(#data, data) end

local CHUNKED = { "Transfer-Encoding: chunked" }

describe("the body of a request", function()
  local server
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  local function post(name, body, headers)
    return server:request("POST", path(name), { body = body, headers = headers })
  end

  local function post_chunked(tcp, name, data)
    tcp:send(http.format("POST", path(name), { headers = CHUNKED }) .. data)
  end

  it("is read by its length", function()
    assert.equal("two words", post("text", "two words").body)
    assert.equal("", post("text", "").body)
    assert.equal("a\0b\255", post("text", "a\0b\255").body)
  end)

  it("is read in chunks, with extensions and trailers left out", function()
    local tcp = server:tcp()
    post_chunked(tcp, "text", '3;x="y"\r\nabc\r\n' .. chunk "defg" .. "0\r\nX-Trailer: 1\r\n\r\n")
    assert.equal("abcdefg", http.read(tcp).body)
    tcp:send(http.format("GET", path "unread"))
    assert.equal("unread", http.read(tcp).body)
  end)

  it("may be empty in chunks", function()
    local tcp = server:tcp()
    post_chunked(tcp, "text", "0\r\n\r\n")
    assert.equal("", http.read(tcp).body)
  end)

  it("may come byte by byte", function()
    local tcp = server:tcp()
    local bytes = http.format("POST", path "text", { headers = CHUNKED }) .. chunk "hello"
      .. chunk "you" .. "0\r\n\r\n"
    for byte in bytes:gmatch "." do tcp:send(byte) end
    assert.equal("helloyou", http.read(tcp).body)
  end)

  it("is JSON when asked for", function()
    assert.equal('{"list":[]}', post("json", '{"list":[]}').body)
    local answer = post("json", '{"list":')
    assert.equal(500, answer.status)
    assert.not_matches("lua", answer.body)
  end)

  it("is a form of both kinds", function()
    local urlencoded = { "Content-Type: application/x-www-form-urlencoded" }
    assert.matches('"name":"Ann B"', post("form", "name=Ann+B&x=", urlencoded).body, 1, true)
    local multipart = { "Content-Type: multipart/form-data; boundary=xyz" }
    local answer = post("form", table.concat({
      "--xyz", 'Content-Disposition: form-data; name="name"', "", "Bob",
      "--xyz", 'Content-Disposition: form-data; name="file"; filename="a.bin"', "", "1\0\r\n3",
      "--xyz--", "" }, "\r\n"), multipart)
    assert.same({ name = "Bob", file = "a.bin", size = 5 },
      require("partylua.json").decode(answer.body))
  end)

  it("that is no form is an error", function()
    assert.equal(500, post("form", "name=x", { "Content-Type: text/plain" }).status)
  end)

  it("can be read only once", function()
    local answer = post("twice", "x")
    assert.equal(500, answer.status)
    assert.matches("already been used", answer.body, 1, true)
  end)

  it("may be left unread", function()
    local tcp = server:tcp()
    for _ = 1, 2 do
      tcp:send(http.format("POST", path "unread", { body = ("x"):rep(700000) }))
      assert.equal("unread", http.read(tcp).body)
    end
  end)

  it("may be much larger than what is read ahead", function()
    local body = ("0123456789abcdef"):rep(256 * 1024)
    assert.equal(tostring(#body), post("size", body).body)
    assert.is_true(post("text", body).body == body)
  end)

  it("reaches the hook as it arrives", function()
    local tcp = server:tcp()
    post_chunked(tcp, "stream", chunk "one")
    assert.matches("^HTTP/1.1 200", tcp:take_until "\r\n\r\n")
    assert.equal(chunk "one", tcp:take(#chunk "one"))
    tcp:send(chunk "three")
    assert.equal(chunk "three", tcp:take(#chunk "three"))
    tcp:send "0\r\n\r\n"
    assert.equal("0\r\n\r\n", tcp:take(5))
  end)

  it("that breaks off is an error for the hook that reads it", function()
    local tcp = server:tcp()
    tcp:send("POST " .. path "leave" .. " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    server:expect_log "reading"
    tcp:close()
    server:expect_log "hook=onRequest [^\n]*err=\"the client left"
  end)
end)

describe("a body the hook is slow to read", function()
  it("is no fault of the client", function()
    local server = party.serve(APP, { "--body-timeout", "100ms" })
    local answer = server:request("POST", path "late", { body = ("x"):rep(2000000) })
    assert.equal(200, answer.status)
    assert.equal("2000000", answer.body)
    server:stop()
  end)
end)

describe("Expect", function()
  local server, tcp
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)
  before_each(function() tcp = server:tcp() end)

  local function head(expect, more)
    return http.format("POST", path "text", { headers = { "Expect: " .. expect, more } })
  end

  it("100-continue is answered before the body comes", function()
    tcp:send(head("100-continue", "Content-Length: 5"))
    assert.equal(100, http.read(tcp).status)
    tcp:send "hello"
    assert.equal("hello", http.read(tcp).body)
  end)

  it("100-Continue is answered for chunks too, in any case of letters", function()
    tcp:send(head("100-Continue", CHUNKED[1]))
    assert.equal(100, http.read(tcp).status)
    tcp:send(chunk "hello" .. "0\r\n\r\n")
    assert.equal("hello", http.read(tcp).body)
  end)

  it("100-continue is ignored without a body and from HTTP/1.0", function()
    tcp:send(head "100-continue")
    assert.equal(200, http.read(tcp).status)
    tcp:send(http.format("POST", path "text", { version = "1.0", body = "old",
      headers = { "Expect: 100-continue" } }))
    local answer = http.read(tcp)
    assert.equal(200, answer.status)
    assert.equal("old", answer.body)
  end)

  it("of anything else is answered with 417", function()
    tcp:send(head("the-unexpected", "Content-Length: 5"))
    assert.equal(417, http.read(tcp).status)
    assert.is_true(tcp:is_ended())
  end)

  it("100-continue for a body that is too large is answered with 413 at once", function()
    tcp:send(head("100-continue", "Content-Length: 99999999999"))
    assert.equal(413, http.read(tcp).status)
  end)
end)
