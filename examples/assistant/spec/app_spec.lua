local party = require "partylua.testing"

describe("assistant", function()
  local app, room, asked
  --- Says one word a second.
  local function model(name, inputs)
    asked = { name = name, messages = inputs.messages }
    local words = { "I", " see", "." }
    return function()
      party.sleep(1)
      return table.remove(words, 1)
    end
  end

  before_each(function()
    asked = nil
    app = party.app("app.lua", { ai = model })
    room = app:room "talk"
  end)
  after_each(function() app:stop() end)

  local function enter(name)
    local client = room:connect()
    client:sendJson { type = "join", name = name }
    while client:receive() do end
    return client
  end

  local function types_of(client)
    local types = {}
    while client.inbox[1] do types[#types + 1] = client:receiveJson().type end
    return table.concat(types, " ")
  end

  it("answers who writes @assistant, word by word", function()
    local ann = enter "Ann"
    ann:sendJson { type = "say", text = "@assistant what do you see?" }
    assert.equal("message answer", types_of(ann))
    app:advance(2)
    assert.equal("I", ann:receiveJson().text)
    assert.equal(" see", ann:receiveJson().text)
    app:advance(2)
    assert.equal("piece end", types_of(ann))
    assert.equal("I see.", room:fetch():json().messages[2].text)
    assert.equal("assistant", asked.name)
    assert.equal("Ann: @assistant what do you see?", asked.messages[2].content)
  end)

  it("gives one answer at a time, and keeps what there is of one that is stopped", function()
    local ann = enter "Ann"
    ann:sendJson { type = "say", text = "@assistant hello" }
    ann:sendJson { type = "say", text = "@assistant hello?" }
    assert.equal("message answer message error", types_of(ann))
    app:advance(1)
    ann:sendJson { type = "stop" }
    app:advance(1)
    assert.equal("piece end", types_of(ann))
    assert.equal("I", room:fetch():json().messages[3].text)
  end)

  it("asks nobody without being named", function()
    enter("Ann"):sendJson { type = "say", text = "hello" }
    assert.is_nil(asked)
  end)
end)
