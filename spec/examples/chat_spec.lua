local json = require "partylua.json"
local party = require "spec.support.party"

describe("examples/chat", function()
  local server, rooms = nil, 0
  setup(function() server = party.serve "examples/chat/app.lua" end)
  teardown(function() server:stop() end)

  local room -- a new one for each test
  before_each(function()
    rooms = rooms + 1
    room = "/parties/main/room-" .. rooms
  end)

  --- Somebody in the room, with a name if one is given.
  local function enter(name)
    local socket = server:connect(room)
    socket.welcome = socket:receive_type "welcome"
    if name then
      socket:send_json { type = "join", name = name }
      socket.joined = socket:receive_type "joined"
    end
    return socket
  end

  --- What the room answers a message that it refuses.
  local function refusal(socket, message)
    socket:send(type(message) == "table" and json.encode(message) or message)
    return socket:receive_type "error".message
  end

  it("brings a message to everybody in the room, with its sender's name", function()
    local ann, bob = enter "Ann", enter "Bob"
    ann:send_json { type = "say", text = "hello" }
    local heard = bob:receive_type "message"
    assert.equal("hello", heard.text)
    assert.equal("Ann", heard.name)
    assert.equal(ann.welcome.you, heard.from)
    assert.is_true(heard.at > 1.7e12)
    assert.same(heard, ann:receive_type "message")
  end)

  it("keeps rooms apart", function()
    local ann = enter "Ann"
    local elsewhere = server:connect(room .. "-other")
    ann:send_json { type = "say", text = "here only" }
    ann:receive_type "message"
    elsewhere:send "?"
    assert.equal("welcome", json.decode(elsewhere:receive()).type)
    assert.equal("error", json.decode(elsewhere:receive()).type) -- and nothing of ann's
  end)

  it("shows who comes later the last fifty messages, oldest first", function()
    local ann = enter "Ann"
    for i = 1, 53 do ann:send_json { type = "say", text = "number " .. i } end
    for _ = 1, 53 do ann:receive_type "message" end
    local seen = enter().welcome.messages
    assert.equal(50, #seen)
    assert.equal("number 4", seen[1].text)
    assert.equal("number 53", seen[50].text)
  end)

  it("gives a new room's history as an empty array", function()
    local socket = server:connect(room)
    local welcome = socket:receive()
    assert.match('"messages":%[%]', welcome)
    assert.match('"people":%[%]', welcome)
  end)

  it("tells who comes, who takes another name, and who goes", function()
    local ann = enter "Ann"
    local bob = enter "Bob"
    assert.same({ { id = ann.welcome.you, name = "Ann" } }, bob.welcome.people)
    assert.equal("Bob", ann:receive_type "joined".name)
    bob:send_json { type = "join", name = "Robert" }
    assert.same({ type = "joined", id = bob.welcome.you, name = "Robert" },
      ann:receive_type "joined")
    bob:close(1000)
    assert.equal(bob.welcome.you, ann:receive_type "left".id)
  end)

  it("notices somebody whose network is gone", function()
    local ann, bob = enter "Ann", enter "Bob"
    bob:drop()
    assert.equal(bob.welcome.you, ann:receive_type "left".id)
  end)

  it("says who is typing to the others, not to who types", function()
    local ann, bob = enter "Ann", enter "Bob"
    bob:send_json { type = "typing" }
    assert.equal(bob.welcome.you, ann:receive_type "typing".id)
    assert.match("no such type", refusal(bob, { type = "nonsense" }))
    bob:send_json { type = "say", text = "done" }
    local after = json.decode(bob:receive())
    assert.equal("message", after.type)
  end)

  it("takes a name without the blanks around it, counted in characters", function()
    assert.equal("Ann", enter "  Ann ".joined.name)
    local longest = ("é"):rep(24)
    assert.equal(longest, enter(longest).joined.name)
  end)

  describe("refuses", function()
    local function refuses(what, message, why)
      it(what, function() assert.match(why, refusal(enter "Ann", message)) end)
    end

    refuses("what is no JSON", "hello", "must be a JSON object")
    refuses("cut JSON", '{"type":"say","text":"a', "must be a JSON object")
    refuses("JSON that is no object", '"say"', "must be a JSON object")
    refuses("an array", "[1,2]", "no such type")
    refuses("null", "null", "must be a JSON object")
    refuses("a message without a type", { text = "a" }, "no such type")
    refuses("an unknown type", { type = "onStart" }, "no such type")
    refuses("a type that is no text", '{"type":{"a":1}}', "no such type")
    refuses("an unknown field", { type = "say", text = "a", colour = "red" }, "unknown field")
    refuses("a missing field", { type = "say" }, "text must be a text")
    refuses("a field of another kind", { type = "say", text = 7 }, "text must be a text")
    refuses("an empty text", { type = "say", text = "   " }, "text must not be empty")
    refuses("a text that is too long", { type = "say", text = ("x"):rep(1001) },
      "not have more than 1000")
    refuses("a megabyte of blanks", { type = "say", text = (" "):rep(1000000) },
      "not have more than 1000")
    refuses("control characters", '{"type":"say","text":"a\\u0000b"}', "control characters")
    refuses("an empty name", { type = "join", name = "" }, "name must not be empty")
    refuses("a name that is too long", { type = "join", name = ("é"):rep(25) },
      "not have more than 24")

    it("a binary message", function()
      local ann = enter "Ann"
      ann:send_binary(json.encode { type = "say", text = "a" })
      assert.match("must be a JSON object", ann:receive_type "error".message)
    end)

    it("a message from somebody without a name", function()
      assert.match("join first", refusal(enter(), { type = "say", text = "a" }))
    end)

    it("without telling anybody else, and without ending the connection", function()
      local ann, bob = enter "Ann", enter "Bob"
      refusal(ann, "nonsense")
      ann:send_json { type = "say", text = "still here" }
      assert.equal("still here", json.decode(bob:receive()).text) -- and no error before it
    end)
  end)

  it("shows itself over HTTP, for reading only", function()
    local ann = enter "Ann"
    ann:send_json { type = "say", text = "hello" }
    ann:receive_type "message"
    local answer = server:get(room)
    assert.equal(200, answer.status)
    local shown = json.decode(answer.body)
    assert.equal("Ann", shown.people[1].name)
    assert.equal("hello", shown.messages[1].text)
    local refused = server:request("POST", room, { body = "{}" })
    assert.equal(405, refused.status)
    assert.equal("GET", refused.headers.allow)
  end)

  it("serves its page, and nothing beside it", function()
    local page = server:get "/"
    assert.equal(200, page.status)
    assert.match("text/html", page.headers["content-type"])
    assert.match("<title>Chat</title>", page.body)
    assert.match("javascript", server:get("/chat.js").headers["content-type"])
    assert.equal(404, server:get("/app.lua").status)
    assert.equal(404, server:get("/../app.lua").status)
    assert.equal(404, server:get("/%2e%2e/app.lua").status)
  end)

  it("has no errors of its own in all this", function()
    assert.is_nil(server:log():match "error[^\n]*")
  end)
end)
