-- spec/app_spec.lua
local party = require "partylua.testing"

describe("a room", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lobby"
  end)
  after_each(function() app:stop() end)

  it("shows who comes later what was said", function()
    room:connect({ query = "name=Ann" }):sendJson { text = "hello" }
    assert.received(room:connect(), { from = "Ann", text = "hello" })
  end)

  it("remembers it over a restart", function()
    room:connect({ query = "name=Ann" }):sendJson { text = "hello" }
    app:restart()
    assert.received(room:connect(), { from = "Ann", text = "hello" })
  end)

  it("keeps the last twenty messages", function()
    local ann = room:connect()
    for number = 1, 21 do ann:sendJson { text = "number " .. number } end
    local kept = room:storage "messages"
    assert.equal(20, #kept)
    assert.equal("number 2", kept[1].text)
  end)
end)
