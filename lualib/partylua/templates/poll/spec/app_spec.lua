local party = require "partylua.testing"

describe("the poll", function()
  local app, room
  before_each(function()
    app = party.app "app.lua"
    room = app:room "lunch"
  end)
  after_each(function() app:stop() end)

  --- A voter, who has seen the first result.
  local function enter(voter)
    local client = room:connect { query = { voter = voter } }
    client:receive()
    return client
  end

  --- The votes for each option, as everybody may ask for them.
  local function votes()
    return party.json.decode(room:fetch("/").body).votes
  end

  it("tells the new result to everybody who watches", function()
    local ana, bob = enter "ana00001", enter "bob00001"
    ana:sendJson { vote = 2 }
    assert.same({ 0, 1, 0 }, bob:receiveJson().votes)
    assert.same({ 0, 1, 0 }, ana:receiveJson().votes)
  end)

  it("counts one vote for each voter, who may change it", function()
    enter("ana00001"):sendJson { vote = 1 }
    enter("ana00001"):sendJson { vote = 3 }
    enter("bob00001"):sendJson { vote = 3 }
    assert.same({ 0, 0, 2 }, votes())
  end)

  it("keeps the votes over a restart and over hibernation", function()
    enter("ana00001"):sendJson { vote = 1 }
    app:restart()
    enter("bob00001"):sendJson { vote = 1 }
    room:hibernate()
    assert.same({ 2, 0, 0 }, votes())
  end)

  it("refuses what is no vote", function()
    local ana = enter "ana00001"
    for _, data in ipairs { "x", "{}", '{"vote":0}', '{"vote":1.5}', '{"vote":"1"}' } do
      ana:send(data)
      assert.equal("error", ana:receiveJson().type)
    end
    assert.same({ 0, 0, 0 }, votes())
  end)

  it("closes connections without a voter's name", function()
    assert.closed(room:connect {}, 4400)
    assert.closed(room:connect { query = { voter = "a b" } }, 4400)
  end)
end)
