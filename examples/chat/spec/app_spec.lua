local party = require "partylua.testing"

describe("chat", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lobby"
  end)
  after_each(function() app:stop() end)

  --- Somebody in the room, under a name; what was sent to all before is taken.
  local function enter(name)
    local client = room:connect()
    client:sendJson { type = "join", name = name }
    while client:receive() do end
    return client
  end

  it("brings what is said to everybody, with name, number and time", function()
    local ann = enter "Ann"
    local bob = enter "Bob"
    ann:receive() -- that Bob has joined
    app:advance(5)
    bob:sendJson { type = "say", text = "hello" }
    local heard = ann:receiveJson()
    assert.equal(app:now(), heard.at)
    assert.same({ "message", 2, "Bob", "hello" },
      { heard.type, heard.from, heard.name, heard.text })
    assert.received(bob, heard)
  end)

  it("tells of typing to the others alone", function()
    local ann = enter "Ann"
    local bob = enter "Bob"
    ann:receive()
    bob:sendJson { type = "typing" }
    assert.received(ann, { type = "typing", id = 2 })
    assert.quiet(bob)
  end)

  it("tells of who has left, however that came about", function()
    local ann, bob = enter "Ann", enter "Bob"
    ann:receive()
    bob:drop()
    assert.received(ann, { type = "left", id = 2 })
  end)

  it("shows who comes later the last fifty messages", function()
    local ann = enter "Ann"
    for i = 1, 53 do ann:sendJson { type = "say", text = "number " .. i } end
    local welcome = room:connect():receiveJson()
    assert.equal(50, #welcome.messages)
    assert.equal("number 4", welcome.messages[1].text)
    assert.same({ { id = 1, name = "Ann" } }, welcome.people)
  end)

  it("begins anew when the room has been empty for a while", function()
    local ann = enter "Ann"
    ann:sendJson { type = "say", text = "gone soon" }
    ann:close()
    assert.equal(1, #room:instance().history)
    app:advance(60)
    assert.is_nil(room:instance())
    assert.same({}, room:connect():receiveJson().messages)
  end)
end)
