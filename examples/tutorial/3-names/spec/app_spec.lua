-- spec/app_spec.lua
local party = require "partylua.testing"

describe("a room", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lobby"
  end)
  after_each(function() app:stop() end)

  it("says who has said something", function()
    local ann, bob = room:connect { query = "name=Ann" }, room:connect()
    ann:sendJson { text = "hello" }
    assert.received(bob, { from = "Ann", text = "hello" })
    bob:sendJson { text = "hi" }
    ann:receive()
    assert.received(ann, { from = "Somebody", text = "hi" })
  end)

  it("tells hosts who comes and goes, and nobody else", function()
    local host = room:connect { query = "name=Hal&role=host" }
    assert.received(host, { from = "room", text = "Hal came" })
    local guest = room:connect { query = "name=Gus" }
    assert.received(host, { from = "room", text = "Gus came" })
    room:connect({ query = "name=Ann" }):close()
    host:receive()
    assert.received(host, { from = "room", text = "Ann left" })
    assert.quiet(guest)
  end)
end)
