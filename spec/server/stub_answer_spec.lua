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

function Main:onRequest(request)
  local answer = self.room.context.parties.source:get("s"):fetch()
  if request.query.how == "body" then return party.Response(answer.body, { status = 201 }) end
  if request.query.how == "chunks" then return party.Response(answer:chunks()) end
  if request.query.how == "twice" then
    return party.Response(party.Response(answer.body).body)
  end
  return answer
end

return party.app { main = Main, parties = { source = Source } }
]]

describe("a room's answer that another room hands on", function()
  local server
  before_each(function() server = party.serve(APP) end)
  after_each(function() server:stop() end)

  local function leave_while_reading(how)
    local tcp = server:tcp()
    tcp:send("GET /parties/main/m?how=" .. how .. " HTTP/1.1\r\nHost: a\r\n\r\n")
    assert(tcp:take(1000000))
    tcp:close()
    server:expect_log "(nobody reads any more)"
    assert.not_match("broke off", server:log())
  end

  it("ends when the client has left", function() leave_while_reading "answer" end)

  it("ends as the body of a Response of its own", function() leave_while_reading "body" end)

  it("ends as chunks that are handed on", function() leave_while_reading "chunks" end)

  it("ends as the body of a body", function() leave_while_reading "twice" end)
end)

--- `target` rooms answer before they have read what `main` rooms send, which is without an end.
local SENDING = [[
local party = require "partylua"
local Main, Target, Source = {}, {}, {}

function Source:onRequest()
  return party.Response(function(write)
    while write(("x"):rep(10000)) do end
    party.log.info "the source has ended"
  end)
end

function Target:onRequest(request)
  local wanted, count = tonumber(request.query.wanted or 0), 0
  local chunks = request:chunks()
  while count < wanted do count = count + #assert(chunks(), "the body has ended") end
  return party.Response "enough"
end

function Main:onRequest(request)
  local parties, body = self.room.context.parties, nil
  if request.query.from == "source" then
    body = parties.source:get("s"):fetch().body
  else
    body = function(write)
      while write(("x"):rep(10000)) do end
      party.log.info "the producer has ended"
      while request.query.deaf do write "more" end
    end
  end
  return parties.target:get("t"):fetch("/" .. request.search, { method = "POST", body = body })
end

return party.app { main = Main, parties = { target = Target, source = Source } }
]]

describe("a body that a room sends to another", function()
  local server
  before_each(function() server = party.serve(SENDING) end)
  after_each(function() server:stop() end)

  for _, query in ipairs { "", "?wanted=500000" } do
    it("ends when the answer has: its producer hears of it " .. query, function()
      assert.equal("enough", server:get("/party/a" .. query).body)
      server:expect_log "(the producer has ended)"
    end)
  end

  it("ends when the answer has: a producer that goes on is ended", function()
    assert.equal("enough", server:get("/party/a?deaf=1").body)
    server:expect_log "(the producer has ended)"
    assert.equal("enough", server:get("/party/a").body)
  end)

  it("ends when the answer has: what it comes from is given up", function()
    assert.equal("enough", server:get("/party/a?from=source").body)
    server:expect_log "(the source has ended)"
  end)
end)
