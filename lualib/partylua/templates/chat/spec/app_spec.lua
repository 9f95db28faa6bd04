local party = require "partylua.testing"

describe("the chat", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lobby"
  end)
  after_each(function() app:stop() end)

  it("tells everybody in the room what is said, and by whom", function()
    local ana = room:connect { query = { name = "Ana" } }
    local bob = room:connect {}
    ana:receive()
    bob:receive()
    ana:sendJson { text = "hello" }
    local said = { type = "message", name = "Ana", text = "hello", at = app:now() }
    assert.received(ana, said)
    assert.received(bob, said)
  end)

  it("shows the last messages to who comes later, also after a restart", function()
    local ana = room:connect {}
    for i = 1, 51 do ana:sendJson { text = ("number %d"):format(i) } end
    app:restart()
    local history = room:connect({}):receiveJson()
    assert.equal("history", history.type)
    assert.equal(50, #history.messages)
    assert.equal("number 51", history.messages[50].text)
  end)

  it("remembers over hibernation who is connected", function()
    local ana = room:connect { query = { name = "Ana" } }
    ana:receive()
    room:hibernate()
    ana:sendJson { text = "still here" }
    assert.equal("Ana", ana:receiveJson().name)
  end)

  it("calls who has no name, or one that is too long, a guest", function()
    for _, name in ipairs { "", "%20", ("x"):rep(61) } do
      local client = room:connect { query = "name=" .. name }
      client:sendJson { text = "hello" }
      client:receive()
      assert.equal("Guest", client:receiveJson().name)
      client:close()
    end
  end)

  it("refuses what is no message, and tells nobody", function()
    local ana, bob = room:connect {}, room:connect {}
    ana:receive()
    bob:receive()
    for _, data in ipairs { "not JSON", "[]", '{"text":" "}', '{"text":1}' } do
      ana:send(data)
      assert.equal("error", ana:receiveJson().type)
    end
    ana:sendJson { text = ("x"):rep(1001) }
    assert.equal("error", ana:receiveJson().type)
    assert.quiet(bob)
  end)

  it("answers over HTTP", function()
    room:connect({}):sendJson { text = "hello" }
    local answer = room:fetch "/"
    assert.equal(200, answer.status)
    assert.equal("hello", party.json.decode(answer.body).messages[1].text)
    assert.equal(405, room:fetch("/", { method = "DELETE" }).status)
  end)
end)
