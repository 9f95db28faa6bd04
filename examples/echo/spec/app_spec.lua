local party = require "partylua.testing"

describe("echo", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "any-room"
  end)
  after_each(function() app:stop() end)

  it("sends text back as text and bytes as bytes, to nobody else", function()
    local ana, bob = room:connect(), room:connect()
    ana:send "hello"
    ana:sendBinary "\0\255"
    assert.received(ana, "hello")
    assert.received(ana, party.binary "\0\255")
    assert.quiet(bob)
  end)

  it("answers a request with its body, as plain bytes", function()
    local answer = room:fetch("/", { method = "POST", body = "<p>" })
    assert.equal("<p>", answer.body)
    assert.equal("application/octet-stream", answer.headers:get "content-type")
  end)
end)
