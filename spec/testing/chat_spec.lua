local party = require "partylua.testing"

describe("chat room", function()
  local app
  before_each(function() app = party.app "chat.lua" end)
  after_each(function() app:stop() end)

  it("relays a message to everyone but its sender", function()
    local room = app:room "lobby"
    local ana, bob = room:connect { id = "ana" }, room:connect { id = "bob" }
    assert.received(ana, { type = "history", n = 0 })
    assert.received(bob, { type = "history", n = 0 })
    bob:send "hello"
    assert.received(ana, { type = "chat", from = "bob", text = "hello" })
    assert.quiet(bob)
  end)

  it("remembers the log over hibernation", function()
    local room = app:room "lobby"
    room:connect({ id = "ana" }):send "one"
    room:hibernate()
    assert.received(room:connect { id = "bob" }, { type = "history", n = 1 })
    assert.equal("1", room:fetch("/").body)
  end)

  it("sends moderators a digest after a minute", function()
    local room = app:room "lobby"
    local mod, user = room:connect { query = "role=mod" }, room:connect {}
    mod:receive()
    user:receive()
    user:send "psst"
    mod:receive()
    app:advance(59)
    assert.quiet(mod)
    app:advance(1)
    assert.received(mod, { type = "digest", n = 1 })
    assert.quiet(user)
  end)

  it("turns strangers away", function()
    local c = app:room("lobby"):connect { headers = { token = "bad" } }
    assert.equal(401, c.rejected.status)
  end)

  it("reports a failing hook", function()
    local c = app:room("lobby"):connect {}
    c:send "boom"
    assert.matches("chat.lua:%d+: boom", app:takeErrors()[1])
  end)

  it("explains a misspelt or dotted hook", function()
    assert.error_matches(function() party.app { on_connect = function(self) end } end, "did you mean 'onConnect'")
    assert.error_matches(function() party.app { onConnect = function(conn) end } end, "must be declared with ':'")
  end)
end)
