-- spec/app_spec.lua
local party = require "partylua.testing"

describe("a room", function()
  local app
  before_each(function() app = party.app "app.lua" end)
  after_each(function() app:stop() end)

  it("brings what is said to everybody", function()
    local room = app:room "lobby"
    local ann, bob = room:connect(), room:connect()
    ann:sendJson { text = "hello" }
    assert.received(ann, { from = "Somebody", text = "hello" })
    assert.received(bob, { from = "Somebody", text = "hello" })
  end)

  it("keeps rooms apart", function()
    local ann, bob = app:room("kitchen"):connect(), app:room("garden"):connect()
    ann:sendJson { text = "hello" }
    assert.quiet(bob)
  end)

  it("has a page", function()
    assert.matches("<title>Tutorial</title>", app:fetch("/").body)
  end)
end)
