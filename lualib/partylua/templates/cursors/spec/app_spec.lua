local party = require "partylua.testing"

describe("the cursors", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "page"
  end)
  after_each(function() app:stop() end)

  it("tells who comes where the others are", function()
    local ana = room:connect {}
    assert.received(ana, { type = "welcome", you = 1, pointers = {} })
    ana:sendJson { x = 0.5, y = 0.25 }
    local bob = room:connect {}
    assert.received(bob,
      { type = "welcome", you = 2, pointers = { { id = 1, x = 0.5, y = 0.25 } } })
  end)

  it("tells the moves of one moment as one message, with the last place of each", function()
    local ana, bob = room:connect {}, room:connect {}
    ana:receive()
    bob:receive()
    for i = 1, 10 do ana:sendJson { x = i / 10, y = 0 } end
    assert.quiet(bob)
    app:advance(0.1)
    assert.received(bob, { type = "moves", pointers = { { id = 1, x = 1, y = 0 } } })
    assert.quiet(bob)
  end)

  it("tells who has left", function()
    local ana, bob = room:connect {}, room:connect {}
    ana:receive()
    bob:close()
    assert.received(ana, { type = "left", id = 2 })
  end)

  it("refuses what is no position", function()
    local ana = room:connect {}
    ana:receive()
    for _, data in ipairs { "x", "{}", '{"x":2,"y":0}', '{"x":"0","y":0}' } do
      ana:send(data)
      assert.equal("error", ana:receiveJson().type)
    end
  end)
end)
