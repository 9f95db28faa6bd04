local Tcp = require "spec.support.tcp"
local http = require "spec.support.http"
local party = require "spec.support.party"

describe("examples/echo", function()
  local server
  setup(function() server = party.serve "examples/echo/app.lua" end)
  teardown(function() server:stop() end)

  it("sends text back as text, to its sender alone", function()
    local ann = server:connect "/parties/main/here"
    local bob = server:connect "/parties/main/here"
    ann:send "grüße"
    local message, is_binary = ann:receive()
    assert.equal("grüße", message)
    assert.is_false(is_binary)
    bob:send "mine"
    assert.equal("mine", bob:receive()) -- and so nothing of ann's before it
  end)

  it("sends bytes back as bytes", function()
    local socket = server:connect "/party/here"
    socket:send_binary "\0\255\200"
    local message, is_binary = socket:receive()
    assert.equal("\0\255\200", message)
    assert.is_true(is_binary)
  end)

  it("keeps many messages in order, and sends empty ones too", function()
    local socket = server:connect "/parties/main/here"
    for i = 1, 100 do socket:send(i == 50 and "" or tostring(i)) end
    for i = 1, 100 do assert.equal(i == 50 and "" or tostring(i), (socket:receive())) end
  end)

  it("refuses what is no UTF-8 in a text message", function()
    local socket = server:connect "/parties/main/here"
    socket:send "\195("
    assert.equal(1007, (socket:wait_closed()))
  end)

  it("gives a request's body back as bytes, whatever type it had", function()
    local answer = server:request("POST", "/parties/main/here", {
      body = "<script>", headers = { "Content-Type: text/html" },
    })
    assert.equal(200, answer.status)
    assert.equal("<script>", answer.body)
    assert.equal("application/octet-stream", answer.headers["content-type"])
  end)

  it("sends a body back while it is still coming", function()
    local tcp = Tcp.connect(server.port)
    tcp:send(http.format("POST", "/parties/main/here", {
      headers = { "Transfer-Encoding: chunked" },
    }))
    tcp:send "5\r\nfirst\r\n"
    assert.truthy(tcp:take_until("first"))
    tcp:send "6\r\nsecond\r\n0\r\n\r\n"
    assert.truthy(tcp:take_until("second"))
    tcp:close()
  end)

  it("answers a request without a body", function()
    local answer = server:request("POST", "/parties/main/here")
    assert.equal(200, answer.status)
    assert.equal("", answer.body)
    assert.match("POST something", server:get("/parties/main/here").body)
  end)

  it("has nothing outside its rooms", function()
    assert.equal(404, server:get("/").status)
    assert.equal(404, server:get("/parties/other/here").status)
  end)
end)
