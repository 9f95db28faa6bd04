local party = require "partylua.testing"

describe("cursors", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "page"
  end)
  after_each(function() app:stop() end)

  local function enter()
    local client = room:connect()
    client:receive()
    return client
  end

  it("gathers the moves of a tick in one message", function()
    local ann, bob = enter(), enter()
    ann:sendJson { x = 0.1, y = 0.1 }
    ann:sendJson { x = 0.2, y = 0.3 }
    assert.quiet(bob)
    app:advance(1 / 30)
    assert.received(bob, { type = "moves", pointers = { { id = 1, x = 0.2, y = 0.3 } } })
    assert.quiet(bob)
  end)

  it("shows who comes later where the others are", function()
    local ann = enter()
    ann:sendJson { x = 1, y = 0 }
    local pointers = { { id = 1, x = 1, y = 0 } }
    assert.received(room:connect(), { type = "welcome", you = 2, pointers = pointers })
  end)

  it("tells nothing of a move by somebody who has left since", function()
    local ann, bob = enter(), enter()
    ann:sendJson { x = 0, y = 0 }
    ann:close()
    assert.received(bob, { type = "left", id = 1 })
    app:advance(1)
    assert.received(bob, { type = "moves", pointers = {} })
  end)

  it("refuses what is no position", function()
    local ann = enter()
    for _, message in ipairs { "no JSON", '{"x":2,"y":0}', '{"x":0}', '{"z":0}' } do
      ann:send(message)
      assert.equal("error", ann:receiveJson().type)
    end
  end)
end)
