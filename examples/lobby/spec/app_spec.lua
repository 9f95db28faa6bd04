local party = require "partylua.testing"

describe("lobby", function()
  local app, lobby
  before_each(function()
    app = party.app "app.lua" -- whose partylua.json names the party "lobby"
    lobby = app:room("main", "lobby")
  end)
  after_each(function() app:stop() end)

  it("lists rooms as people come and go", function()
    local watcher = lobby:connect()
    assert.received(watcher, { type = "rooms", rooms = {} })
    local ann = app:room("red"):connect()
    assert.received(watcher, { type = "rooms", rooms = { { room = "red", people = 1 } } })
    ann:drop()
    assert.received(watcher, { type = "rooms", rooms = {} })
  end)

  it("begins with an empty list after a crash, and hears of rooms again", function()
    app:room("red"):connect()
    app:crash()
    assert.received(lobby:connect(), { type = "rooms", rooms = {} })
    app:room("red"):connect()
    assert.same({ { room = "red", people = 1 } }, lobby:fetch():json().rooms)
  end)

  it("takes reports from rooms alone", function()
    assert.equal(403, lobby:fetch("/rooms", { method = "POST", body = "{}" }).status)
  end)

  it("turns away who names a room that it would not list", function()
    assert.equal(404, app:room("a room"):connect().rejected.status)
  end)

  it("serves its page", function()
    assert.matches("<title>", app:fetch("/").body)
  end)
end)
