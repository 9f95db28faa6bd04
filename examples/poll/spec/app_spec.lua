local party = require "partylua.testing"

local json = party.json

describe("poll", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lunch"
  end)
  after_each(function() app:stop() end)

  local function post(path, value)
    return room:fetch(path, { method = "POST", body = json.encode(value) })
  end

  local function create()
    return post("", { question = "Where?", options = { "inside", "outside" } })
  end

  it("is there when it was made, once", function()
    assert.equal(404, room:fetch().status)
    assert.equal(201, create().status)
    assert.equal(409, create().status)
    assert.equal("Where?", room:fetch():json().question)
  end)

  it("tells each vote to all who watch", function()
    create()
    local ann = room:connect()
    ann:receive()
    assert.equal(200, post("/votes", { option = "outside", voter = "voter-bob" }).status)
    local poll = ann:receiveJson().poll
    assert.same(room:fetch():json(), poll)
    ann:sendJson { option = "inside", voter = "voter-ann" }
    assert.not_same(poll, ann:receiveJson().poll)
  end)

  it("closes after an hour, which nobody has to wait for", function()
    create()
    app:advance(3599)
    assert.equal(200, post("/votes", { option = "inside", voter = "voter-ann" }).status)
    app:advance(1)
    assert.is_false(post("/votes", { option = "inside", voter = "voter-bob" }).ok)
  end)
end)
