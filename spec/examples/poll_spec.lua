local json = require "partylua.json"
local party = require "spec.support.party"

local DRINKS = { question = "Tea or coffee?", options = { "Tea", "Coffee" } }

describe("examples/poll", function()
  local server, rooms = nil, 0
  setup(function() server = party.serve "examples/poll/app.lua" end)
  teardown(function() server:stop() end)

  local poll -- its address, a new one for each test
  before_each(function()
    rooms = rooms + 1
    poll = "/parties/main/poll-" .. rooms
  end)

  --- POSTs a value as JSON, or a text as it is; gives status and decoded answer.
  local function post(path, value)
    local body = type(value) == "string" and value or json.encode(value)
    local answer = server:request("POST", path, { body = body })
    return answer.status, json.decode(answer.body)
  end

  local function vote(voter, option)
    return post(poll .. "/votes", { option = option or "Tea", voter = voter })
  end

  local function votes()
    local counts = {}
    for _, option in ipairs(json.decode(server:get(poll).body).options) do
      counts[option.text] = option.votes
    end
    return counts
  end

  describe("over HTTP", function()
    it("makes a poll, takes votes and shows the result", function()
      local status, made = post(poll, DRINKS)
      assert.equal(201, status)
      assert.same({
        question = "Tea or coffee?", isClosed = false,
        options = { { text = "Tea", votes = 0 }, { text = "Coffee", votes = 0 } },
      }, made)
      assert.equal(200, (vote "voter-one"))
      assert.equal(200, (vote("voter-two", "Coffee")))
      local _, result = vote("voter-three", "Coffee")
      assert.equal(2, result.options[2].votes)
      assert.same({ Tea = 1, Coffee = 2 }, votes())
    end)

    it("counts a voter once, whichever way and option", function()
      post(poll, DRINKS)
      assert.equal(200, (vote "voter-one"))
      local status, answer = vote("voter-one", "Coffee")
      assert.equal(409, status)
      assert.equal("you have voted already", answer.error)
      local socket = server:connect(poll)
      socket:send_json { option = "Coffee", voter = "voter-one" }
      assert.equal("you have voted already", socket:receive_type "error".message)
      assert.same({ Tea = 1, Coffee = 0 }, votes())
    end)

    it("takes the short form of a room's address too", function()
      local short = poll:gsub("/parties/main/", "/party/")
      assert.equal(201, (post(short, DRINKS)))
      assert.equal(200, (post(short .. "/votes", { option = "Tea", voter = "voter-one" })))
      assert.same({ Tea = 1, Coffee = 0 }, votes())
    end)

    it("knows no poll that nobody has made", function()
      assert.equal(404, server:get(poll).status)
      assert.equal(404, (vote "voter-one"))
    end)

    it("makes no poll twice", function()
      post(poll, DRINKS)
      vote "voter-one"
      assert.equal(409, (post(poll, DRINKS)))
      assert.same({ Tea = 1, Coffee = 0 }, votes())
    end)

    it("has nothing else", function()
      assert.equal(404, (post(poll .. "/vote", {})))
      assert.equal(404, server:get(poll .. "/votes").status)
      assert.equal(404, server:request("DELETE", poll).status)
    end)
  end)

  describe("makes no poll of", function()
    local function refuses(what, body, why)
      it(what, function()
        local status, answer = post(poll, body)
        assert.equal(400, status)
        assert.match(why, answer.error)
        assert.equal(404, server:get(poll).status)
      end)
    end

    local function options(list) return { question = "?!", options = list } end

    refuses("what is no JSON", "question=tea", "must be JSON")
    refuses("nothing at all", "", "must be JSON")
    refuses("a JSON text", '"tea"', "a question and options")
    refuses("a poll without options", { question = "?!" }, "a question and options")
    refuses("a poll with more fields", { question = "?!", options = { "a", "b" }, votes = 9 },
      "nothing else")
    refuses("a question that is no text", { question = 1, options = { "a", "b" } }, "question")
    refuses("a question of blanks", { question = " ", options = { "a", "b" } }, "question")
    refuses("a question that is too long", { question = ("?"):rep(301), options = { "a", "b" } },
      "up to 300 bytes")
    refuses("one option", options { "a" }, "from 2 to 10")
    refuses("eleven options", options { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, "from 2 to 10")
    refuses("options by name", options { a = "b", c = "d" }, "from 2 to 10")
    refuses("options that are no list", options "ab", "from 2 to 10")
    refuses("options that are no text", options { 1, 2 }, "an option must")
    refuses("an option that is too long", options { "a", ("b"):rep(101) }, "up to 100 bytes")
    refuses("an option twice", options { "a", "b", "a" }, "once")

    it("what is too large, before it is read", function()
      local answer = server:request("POST", poll, { body = (" "):rep(16 * 1024 + 1) })
      assert.equal(413, answer.status)
    end)
  end)

  describe("takes no vote", function()
    local function refuses(what, sent, why)
      it(what, function()
        post(poll, DRINKS)
        local status, answer = post(poll .. "/votes", sent)
        assert.equal(400, status)
        assert.match(why, answer.error)
        assert.same({ Tea = 0, Coffee = 0 }, votes())
      end)
    end

    refuses("that is no JSON", "Tea", "must be JSON")
    refuses("that is null", "null", "an option and a voter")
    refuses("without a voter", { option = "Tea" }, "an option and a voter")
    refuses("with more fields", { option = "Tea", voter = "voter-one", weight = 3 }, "nothing else")
    refuses("for an unknown option", { option = "Milk", voter = "voter-one" }, "no such option")
    refuses("for an option of another kind", { option = { "Tea" }, voter = "voter-one" },
      "no such option")
    refuses("of a voter with a short name", { option = "Tea", voter = "me" }, "8 to 64")
    refuses("of a voter with a long name", { option = "Tea", voter = ("v"):rep(65) }, "8 to 64")
    refuses("of a voter with other characters", { option = "Tea", voter = "voter <b>" }, "8 to 64")
  end)

  describe("over a WebSocket", function()
    it("shows the poll, and each result to everybody", function()
      post(poll, DRINKS)
      local ann, bob = server:connect(poll), server:connect(poll)
      assert.equal(0, ann:receive_type "poll".poll.options[1].votes)
      bob:receive_type "poll"
      ann:send_json { option = "Tea", voter = "voter-ann" }
      assert.equal(1, ann:receive_type "poll".poll.options[1].votes)
      assert.equal(1, bob:receive_type "poll".poll.options[1].votes)
      vote "voter-bob"
      assert.equal(2, ann:receive_type "poll".poll.options[1].votes)
    end)

    it("shows null until the poll is made, and the poll then", function()
      local ann = server:connect(poll)
      assert.equal(json.null, ann:receive_type "poll".poll)
      ann:send_json { option = "Tea", voter = "voter-ann" }
      assert.equal("there is no such poll", ann:receive_type "error".message)
      post(poll, DRINKS)
      assert.equal("Tea or coffee?", ann:receive_type "poll".poll.question)
    end)

    it("tells whoever sent it, and nobody else, what is wrong with a vote", function()
      post(poll, DRINKS)
      local ann, bob = server:connect(poll), server:connect(poll)
      ann:send "Tea"
      assert.equal("a vote must be JSON", ann:receive_type "error".message)
      ann:send "[]"
      assert.match("an option and a voter", ann:receive_type "error".message)
      ann:send_binary '{"option":"Tea","voter":"voter-ann"}'
      assert.equal("a vote must be JSON", ann:receive_type "error".message)
      ann:send_json { option = "Tea", voter = "voter-ann" }
      assert.equal(0, json.decode(bob:receive()).poll.options[1].votes)
      assert.equal(1, json.decode(bob:receive()).poll.options[1].votes)
    end)

    it("takes no messages that are too large", function()
      local ann = server:connect(poll)
      ann:send((" "):rep(4097))
      assert.equal(1009, (ann:wait_closed()))
    end)
  end)

  it("closes after its time, though the server has started anew, and stays stored", function()
    local data = party.make_folder() .. "/data"
    local function serve()
      return party.serve("examples/poll/app.lua",
        { "--var", "POLL_SECONDS=1", "--room-idle", "10ms", "--data", data })
    end
    local brief = serve()
    assert.equal(201, brief:request("POST", poll, { body = json.encode(DRINKS) }).status)
    local body = json.encode { option = "Tea", voter = "voter-one" }
    assert.equal(200, brief:request("POST", poll .. "/votes", { body = body }).status)
    brief:stop()
    brief = serve()
    assert.equal(409, brief:request("POST", poll .. "/votes", { body = body }).status)
    local ann = brief:connect(poll)
    local shown
    repeat shown = ann:receive_type "poll".poll until shown.isClosed
    assert.same({ text = "Tea", votes = 1 }, shown.options[1])
    ann:send_json { option = "Tea", voter = "voter-ann" }
    assert.equal("the poll is closed", ann:receive_type "error".message)
    brief:stop()
    brief = serve()
    assert.is_true(json.decode(brief:get(poll).body).isClosed)
    brief:stop()
  end)

  it("serves its page, and not its program", function()
    assert.match("<title>Poll</title>", server:get("/").body)
    assert.equal(404, server:get("/ballot.lua").status)
  end)

  it("has no errors of its own in all this", function()
    assert.is_nil(server:log():match "error[^\n]*")
  end)
end)
