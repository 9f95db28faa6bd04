-- spec/lobby_spec.lua
local party = require "partylua.testing"

describe("the lobby", function()
  local app, lobby
  before_each(function()
    app = party.app "app.lua"
    lobby = app:room("main", "lobby") -- the room "main" of the party "lobby"
  end)
  after_each(function() app:stop() end)

  it("shows how many people are in each room", function()
    local watcher = lobby:connect()
    assert.received(watcher, { rooms = {} })
    local ann = app:room("kitchen"):connect()
    assert.received(watcher, { rooms = { { room = "kitchen", people = 1 } } })
    ann:close()
    assert.received(watcher, { rooms = {} })
  end)

  it("hears of all rooms again after ten seconds, when it was out of memory", function()
    app:room("kitchen"):connect()
    lobby:hibernate()
    local watcher = lobby:connect()
    assert.received(watcher, { rooms = {} })
    app:advance(10)
    assert.received(watcher, { rooms = { { room = "kitchen", people = 1 } } })
  end)

  it("believes nobody but rooms", function()
    local answer = lobby:fetch("/", { method = "POST", body = '{ "room": "x", "people": 9 }' })
    assert.equal(403, answer.status)
  end)

  it("has no rooms with strange names", function()
    assert.equal(404, app:room("a%20room"):connect().rejected.status)
  end)
end)
