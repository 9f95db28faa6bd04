-- spec/time_spec.lua
local party = require "partylua.testing"

local DAY_SECONDS = 24 * 60 * 60

describe("as time passes, a room", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lobby"
  end)
  after_each(function() app:stop() end)

  it("forgets after a day of silence", function()
    room:connect():sendJson { text = "hello" }
    app:advance(DAY_SECONDS - 1)
    assert.equal(1, #room:storage "messages")
    app:advance(1)
    assert.is_nil(room:storage "messages")
  end)

  it("counts the day from the last message, through a restart", function()
    room:connect():sendJson { text = "one" }
    app:advance(DAY_SECONDS / 2)
    room:connect():sendJson { text = "two" }
    app:restart()
    app:advance(DAY_SECONDS / 2)
    assert.equal(2, #room:storage "messages")
    app:advance(DAY_SECONDS / 2)
    assert.is_nil(room:storage "messages")
  end)

  it("calls for tea", function()
    local ann = room:connect()
    app:cron "time for tea"
    assert.received(ann, { from = "room", text = "time for tea" })
  end)

  it("lets nobody else call", function()
    assert.equal(403, room:fetch("/", { method = "POST", body = "now" }).status)
  end)
end)
