local json = require "partylua.json"
local party = require "spec.support.party"

local APP = "examples/search/app.lua"

describe("examples/search", function()
  local server, boards = nil, 0
  setup(function() server = party.serve(APP) end)
  teardown(function() server:stop() end)

  local board
  before_each(function()
    boards = boards + 1
    board = "/parties/main/board-" .. boards
  end)

  local function add(socket, text)
    socket:send_json { add = text }
    return socket:receive_type "added".note
  end

  local function texts_like(socket, text)
    socket:send_json { find = text }
    local texts = {}
    for i, note in ipairs(socket:receive_type "found".notes) do texts[i] = note.text end
    return texts
  end

  it("shows a note to everybody, and finds it by what is like it", function()
    local ann, bob = server:connect(board), server:connect(board)
    add(ann, "a recipe for onion soup")
    add(ann, "where to buy onions")
    add(ann, "the bicycle needs oil")
    assert.equal("a recipe for onion soup", bob:receive_type "added".note.text)
    assert.equal("a recipe for onion soup", texts_like(bob, "onion soup")[1])
    assert.same({ "the bicycle needs oil" }, texts_like(bob, "bycicle"))
    assert.same({}, texts_like(bob, "zzz"))
    assert.same({}, texts_like(bob, "?!"))
  end)

  it("keeps boards apart", function()
    local ann, eve = server:connect(board), server:connect(board .. "-other")
    local note = add(ann, "a secret garden")
    assert.same({}, texts_like(eve, "secret garden"))
    eve:send_json { remove = note.id }
    assert.equal("there is no such note", eve:receive_type "error".message)
    assert.same({ "a secret garden" }, texts_like(ann, "secret garden"))
  end)

  it("removes a note for everybody", function()
    local ann, bob = server:connect(board), server:connect(board)
    local note = add(ann, "to be forgotten")
    bob:send_json { remove = note.id }
    assert.equal(note.id, ann:receive_type "removed".id)
    assert.same({}, texts_like(ann, "forgotten"))
  end)

  it("answers over HTTP", function()
    add(server:connect(board), "tea at five")
    local answer = server:get(board .. "?q=tea")
    assert.equal("tea at five", json.decode(answer.body).notes[1].text)
    assert.equal('{"notes":[]}', server:get(board .. "?q=moon").body)
    assert.equal(400, server:get(board).status)
    assert.equal(400, server:request("POST", board .. "?q=tea", { body = "" }).status)
  end)

  it("refuses what is no request of it", function()
    local ann = server:connect(board)
    local function refused(message, why)
      ann:send(message)
      assert.equal(why, ann:receive_type "error".message)
    end
    refused("tea", "that is no JSON")
    refused("[]", "that is no request of this board")
    refused('{"add":""}', "that is no request of this board")
    refused('{"add":"?!"}', "a note needs a few letters")
    refused(json.encode { add = ("x"):rep(501) }, "that is no request of this board")
    refused('{"remove":"nothing"}', "there is no such note")
  end)

  it("has its notes after a restart", function()
    local data = party.make_folder() .. "/data"
    local first = party.serve(APP, { "--data", data })
    add(first:connect(board), "still here")
    first:stop()
    local second = party.serve(APP, { "--data", data })
    finally(function() second:stop() end)
    assert.equal("still here", texts_like(second:connect(board), "still")[1])
  end)
end)
