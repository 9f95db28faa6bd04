local party = require "spec.support.party"

--- `main` rooms hand on what `source` rooms say, which is without an end.
local APP = [[
local party = require "partylua"
local Main, Source = {}, {}

function Source:onRequest()
  return party.Response(function(write)
    while write(("x"):rep(10000)) do end
    party.log.info "nobody reads any more"
  end)
end

function Main:onRequest()
  return self.room.context.parties.source:get("s"):fetch()
end

return party.app { main = Main, parties = { source = Source } }
]]

describe("a room's answer that another room hands on", function()
  local server
  before_each(function() server = party.serve(APP) end)
  after_each(function() server:stop() end)

  it("ends when the client has left", function()
    local tcp = server:tcp()
    tcp:send "GET /parties/main/m HTTP/1.1\r\nHost: a\r\n\r\n"
    assert(tcp:take(1000000))
    tcp:close()
    server:expect_log "(nobody reads any more)"
    assert.not_match("broke off", server:log())
  end)
end)
