-- spec/app_spec.lua
local party = require "partylua.testing"

describe("a room", function()
  local app
  before_each(function() app = party.app "app.lua" end)
  after_each(function() app:stop() end)

  it("greets, and repeats what it hears", function()
    local ann = app:room("kitchen"):connect()
    assert.received(ann, "Welcome to kitchen")
    ann:send "hello"
    assert.received(ann, "You said: hello")
  end)

  it("answers requests", function()
    assert.equal("This is kitchen\n", app:room("kitchen"):fetch("/").body)
  end)
end)
