-- spec/app_spec.lua
local party = require "partylua.testing"

local BAD = {
  "hello", "", "[]", "7", "null", "{}",
  '{ "text": 7 }', '{ "text": "" }', '{ "text": null }', '{ "text": ["a"] }',
  party.json.encode { text = ("x"):rep(501) },
}

describe("a room", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lobby"
  end)
  after_each(function() app:stop() end)

  for _, message in ipairs(BAD) do
    it("refuses the message " .. message:sub(1, 20), function()
      local ann, bob = room:connect(), room:connect()
      ann:send(message)
      assert.received(ann, { from = "room", text = "say 1 to 500 bytes of text" })
      assert.quiet(bob)
      assert.is_nil(room:storage "messages")
    end)
  end

  it("refuses names that are empty or too long", function()
    assert.equal("rejected", room:connect({ query = "name=" }).state)
    assert.equal("rejected", room:connect({ query = "name=" .. ("x"):rep(41) }).state)
    assert.equal("open", room:connect({ query = "name=" .. ("x"):rep(40) }).state)
  end)

  it("remembers what it has told, even over a crash", function()
    local ann, bob = room:connect { query = "name=Ann" }, room:connect()
    ann:sendJson { text = "hello" }
    assert.received(bob, { from = "Ann", text = "hello" })
    app:crash()
    assert.received(room:connect(), { from = "Ann", text = "hello" })
  end)

  it("tells nobody what it could not store", function()
    local ann, bob = room:connect(), room:connect()
    app:failCommits()
    ann:sendJson { text = "hello" }
    assert.quiet(bob)
    assert.closed(ann, 1011)
  end)

  it("tells hosts when somebody's network is gone", function()
    local host = room:connect { query = "name=Hal&role=host" }
    local ann = room:connect { query = "name=Ann" }
    ann:drop()
    host:receive()
    host:receive()
    assert.received(host, { from = "room", text = "Ann left" })
  end)
end)
