local party = require "partylua.testing"

describe("the list", function()
  local app, room
  before_each(function()
    app = party.app "server.ts"
    room = app:room "home"
  end)
  after_each(function() app:stop() end)

  it("is the same for everybody, and keeps what is added", function()
    local ana, bob = room:connect {}, room:connect {}
    assert.received(ana, { type = "list", items = {} })
    assert.received(bob, { type = "list", items = {} })
    ana:sendJson { type = "add", text = " milk " }
    local list = { type = "list", items = { { id = 1, text = "milk", isDone = false } } }
    assert.received(ana, list)
    assert.received(bob, list)
    app:restart()
    assert.received(room:connect {}, list)
  end)

  it("can be ticked off and shortened", function()
    local ana = room:connect {}
    ana:receive()
    ana:sendJson { type = "add", text = "milk" }
    ana:receive()
    ana:sendJson { type = "toggle", id = 1 }
    assert.received(ana, { type = "list", items = { { id = 1, text = "milk", isDone = true } } })
    ana:sendJson { type = "remove", id = 1 }
    assert.received(ana, { type = "list", items = {} })
  end)

  it("refuses what cannot be done, and tells nobody else", function()
    local ana, bob = room:connect {}, room:connect {}
    ana:receive()
    bob:receive()
    local toggle, add = '{"type":"toggle","id":7}', '{"type":"add","text":""}'
    for _, data in ipairs { "x", "null", "{}", add, toggle } do
      ana:send(data)
      assert.equal("error", ana:receiveJson().type)
    end
    assert.quiet(bob)
  end)

  it("answers over HTTP", function()
    assert.same({ type = "list", items = {} }, party.json.decode(room:fetch("/").body))
    assert.equal(405, room:fetch("/", { method = "DELETE" }).status)
  end)
end)
