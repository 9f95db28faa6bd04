local party = require "spec.support.party"

--- `main` rooms answer a message with what a room says, themselves by default; `/slow` waits.
local APP = [[
local party = require "partylua"
local Main = {}

function Main:onMessage(message, sender)
  local name, path = message:match "^(%S+) (%S+)$"
  local answer = self.room.context.parties.main:get(name):fetch(path)
  sender:send(answer.status .. " " .. answer:text())
end

function Main:onRequest(request)
  if request.url:find "/slow" then party.sleep(3600) end
  return party.Response "done"
end

return Main
]]

describe("rooms that call rooms with all the hooks they may run", function()
  local server
  before_each(function()
    server = party.serve(APP, { "--room-tasks", "2", "--drain-timeout", "0.1" })
  end)
  after_each(function() server:stop() end)

  it("get their answers from themselves", function()
    local ws = server:connect "/parties/main/a"
    for _ = 1, 20 do ws:send "a /quick" end
    for _ = 1, 20 do assert.equal("200 done", ws:receive()) end
  end)

  it("get their answers from each other", function()
    local a, b = server:connect "/parties/main/a", server:connect "/parties/main/b"
    for _ = 1, 20 do
      a:send "b /quick"
      b:send "a /quick"
    end
    for _ = 1, 20 do
      assert.equal("200 done", a:receive())
      assert.equal("200 done", b:receive())
    end
  end)

  it("are told that a room is too busy, rather than to wait for what may wait for them", function()
    local a, b = server:connect "/parties/main/a", server:connect "/parties/main/b"
    local c = server:connect "/parties/main/c"
    for _ = 1, 2 do a:send "d /slow" end
    for _ = 1, 2 do b:send "d /slow" end
    party.eventually("a refusal", function()
      c:send "d /quick"
      return c:receive() == "503 The room is too busy"
    end)
    assert.equal(200, server:get("/parties/main/e").status)
  end)
end)
