--- What assert.received, assert.quiet and assert.closed accept, and what they say.

local party = require "partylua.testing"

describe("assert", function()
  local app, room, ana
  before_each(function()
    app = party.app {
      onMessage = function(self, message, conn, isBinary)
        conn:send(isBinary and party.binary(message) or message)
      end,
      onRequest = function(self)
        for conn in self.room:getConnections() do conn:close(4001, "enough") end
        return party.Response "closed"
      end,
    }
    room = app:room "r"
    ana = room:connect { id = "ana" }
  end)
  after_each(function() app:stop() end)

  --- What an assertion that fails has to say.
  local function failure_of(fn)
    local ok, why = pcall(fn)
    assert.is_false(ok)
    return (tostring(type(why) == "table" and why.message or why):gsub("^[^\n]-:%d+: ", ""))
  end

  describe(".received", function()
    it("compares text, bytes, and what JSON says", function()
      ana:send "text"
      ana:sendBinary "\0"
      ana:send '{"list":[],"null":null,"deep":{"n":1}}'
      assert.received(ana, "text")
      assert.received(ana, party.binary "\0")
      assert.received(ana, { list = {}, null = party.json.null, deep = { n = 1 } })
      assert.quiet(ana)
    end)

    it("takes the next message only", function()
      ana:send "one"
      ana:send "two"
      assert.has_error(function() assert.received(ana, "two") end)
      assert.received(ana, "two")
    end)

    it("shows both values, where they differ, and what came after", function()
      ana:sendJson { type = "chat", from = { name = "bob" }, list = { 1, 2 } }
      ana:sendJson { type = "left" }
      local text = failure_of(function()
        assert.received(ana, { type = "chat", from = { name = "eve" }, list = { 1, 2 } })
      end)
      assert.equal([[
ana has received something else.
Expected:
  { from = { name = "eve" }, list = { 1, 2 }, type = "chat" }
Received:
  { from = { name = "bob" }, list = { 1, 2 }, type = "chat" }
They differ at from.name: expected "eve", got "bob"
Then came:
  { type = "left" }]], (text:gsub("\n$", "")))
    end)

    it("says why nothing has come", function()
      assert.matches("ana has received nothing\nExpected:\n  \"x\"",
        failure_of(function() assert.received(ana, "x") end))
      room:fetch()
      assert.matches("ana has received nothing: it was closed with 4001 enough",
        failure_of(function() assert.received(ana, "x") end))
    end)

    it("can be negated, and takes nothing then", function()
      ana:send "x"
      assert.is_not.received(ana, "y")
      assert.matches("ana has received what it should not",
        failure_of(function() assert.is_not.received(ana, "x") end))
      assert.received(ana, "x")
    end)

    it("breaks long values over several lines", function()
      local long = { first = ("a"):rep(60), second = ("b"):rep(60) }
      ana:sendJson(long)
      assert.matches('Received:\n  {\n    first = "a+",\n    second = "b+",\n  }',
        failure_of(function() assert.received(ana, {}) end))
    end)
  end)

  describe(".quiet", function()
    it("shows what has come", function()
      assert.quiet(ana)
      ana:sendJson { n = 1 }
      ana:send "text"
      assert.matches('ana should have received nothing, and has received:\n  { n = 1 }\n  "text"',
        failure_of(function() assert.quiet(ana) end))
      assert.is_not.quiet(ana)
    end)
  end)

  describe(".closed", function()
    it("compares the code, if there is one", function()
      assert.matches("ana is not closed: it is open",
        failure_of(function() assert.closed(ana) end))
      assert.is_not.closed(ana)
      room:fetch()
      assert.closed(ana)
      assert.closed(ana, 4001)
      assert.matches("ana was closed with 4001 enough, not with 1000",
        failure_of(function() assert.closed(ana, 1000) end))
    end)
  end)

  it("wants a client", function()
    assert.matches("takes a client of room:connect, got a string",
      failure_of(function() assert.received("ana", "x") end))
  end)
end)
