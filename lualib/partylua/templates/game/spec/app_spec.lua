local party = require "partylua.testing"

describe("the game", function()
  local app, room
  before_each(function()
    app = party.app("app.lua", { seed = 1 })
    room = app:room "arena"
  end)
  after_each(function() app:stop() end)

  --- Lets one tick pass; what the client was told last.
  local function tick(client)
    app:advance(0.1)
    local told = client:receiveJson()
    while #client.inbox > 0 do told = client:receiveJson() end
    return told
  end

  --- A player, and the state after the first tick.
  local function enter()
    local client = room:connect {}
    assert.equal("welcome", client:receiveJson().type)
    return client, tick(client)
  end

  --- The move that brings a player nearer to the coin.
  local function towards(player, coin)
    if player.x ~= coin.x then return player.x < coin.x and "right" or "left" end
    return player.y < coin.y and "down" or "up"
  end

  --- Runs to the coin; the state when it is caught.
  local function catch(client, state)
    local score = state.players[1].score
    while state.players[1].score == score do
      client:sendJson { move = towards(state.players[1], state.coin) }
      state = tick(client)
    end
    return state
  end

  it("moves a player one step a tick, however often it is asked", function()
    local client, before = enter()
    local move = before.players[1].x > 0 and "left" or "right"
    for _ = 1, 5 do client:sendJson { move = move } end
    local after = tick(client)
    assert.equal(1, math.abs(after.players[1].x - before.players[1].x))
    assert.equal(before.players[1].y, after.players[1].y)
  end)

  it("keeps players on the field", function()
    local client, state = enter()
    for _ = 1, 25 do
      client:sendJson { move = "left" }
      state = tick(client)
    end
    assert.equal(0, state.players[1].x)
  end)

  it("gives a point for the coin, and remembers the best score after a restart", function()
    local client, state = enter()
    state = catch(client, state)
    assert.equal(1, state.best)
    state = catch(client, state)
    assert.equal(2, state.players[1].score)
    app:restart()
    local _, later = enter()
    assert.equal(2, later.best)
    assert.equal(0, later.players[1].score)
  end)

  it("tells nothing while nothing happens", function()
    local client = enter()
    app:advance(10)
    assert.quiet(client)
  end)

  it("tells the others who has gone", function()
    local ana, bob = room:connect {}, room:connect {}
    ana:receive()
    bob:close()
    assert.equal(1, #tick(ana).players)
  end)

  it("refuses what is no move", function()
    local client = enter()
    for _, data in ipairs { "x", "{}", '{"move":"jump"}', '{"move":[1]}' } do
      client:send(data)
      assert.equal("error", client:receiveJson().type)
    end
  end)
end)
