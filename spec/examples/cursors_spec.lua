local json = require "partylua.json"
local party = require "spec.support.party"

describe("examples/cursors", function()
  local server, rooms = nil, 0
  setup(function() server = party.serve "examples/cursors/app.lua" end)
  teardown(function() server:stop() end)

  local room -- a new one for each test
  before_each(function()
    rooms = rooms + 1
    room = "/parties/main/page-" .. rooms
  end)

  local function enter()
    local socket = server:connect(room)
    socket.welcome = socket:receive_type "welcome"
    return socket
  end

  --- Waits until the socket has heard a position of a pointer; gives it.
  local function hear_pointer(socket, id)
    while true do
      for _, pointer in ipairs(socket:receive_type "moves".pointers) do
        if pointer.id == id then return pointer end
      end
    end
  end

  it("shows a pointer to the others", function()
    local ann, bob = enter(), enter()
    ann:send_json { x = 0.25, y = 1 }
    assert.same({ id = ann.welcome.you, x = 0.25, y = 1 }, hear_pointer(bob, ann.welcome.you))
  end)

  it("shows who comes later where the pointers are", function()
    local ann = enter()
    enter() -- has not moved, so there is nothing to show of it
    ann:send_json { x = 0.5, y = 0 }
    hear_pointer(ann, ann.welcome.you)
    assert.same({ { id = ann.welcome.you, x = 0.5, y = 0 } }, enter().welcome.pointers)
  end)

  it("gives an empty room's pointers as an array", function()
    assert.match('"pointers":%[%]', (server:connect(room):receive()))
  end)

  it("tells many moves of one moment in few messages, the last position winning", function()
    local ann, bob = enter(), enter()
    for i = 1, 1000 do ann:send_json { x = i / 1000, y = 0 } end
    local messages = 1
    while hear_pointer(bob, ann.welcome.you).x < 1 do messages = messages + 1 end
    assert.is_true(messages < 100, messages .. " messages")
  end)

  it("tells that a pointer has left the page", function()
    local ann, bob = enter(), enter()
    ann:send_json { x = 0.5, y = 0.5 }
    hear_pointer(bob, ann.welcome.you)
    ann:send "{}"
    assert.same({ id = ann.welcome.you }, hear_pointer(bob, ann.welcome.you))
    assert.same({}, enter().welcome.pointers)
  end)

  it("tells that somebody has gone", function()
    local ann, bob = enter(), enter()
    ann:send_json { x = 0.5, y = 0.5 }
    ann:close(1000)
    assert.equal(ann.welcome.you, bob:receive_type "left".id)
    bob:send_json { x = 0, y = 0 }
    local pointers = bob:receive_type "moves".pointers
    assert.equal(1, #pointers) -- no late move of who has gone
    assert.equal(bob.welcome.you, pointers[1].id)
  end)

  it("takes a client that comes back with its id as a new pointer", function()
    local ann = enter()
    room = room .. "?_pk=same"
    local before = enter()
    before:send_json { x = 0.5, y = 0.5 }
    hear_pointer(ann, before.welcome.you)
    local after = enter()
    assert.same({}, after.welcome.pointers)
    assert.equal(before.welcome.you, ann:receive_type "left".id)
    after:send_json { x = 1, y = 0.5 }
    assert.equal(1, hear_pointer(ann, after.welcome.you).x)
  end)

  describe("refuses", function()
    local function refuses(what, message)
      it(what, function()
        local ann, bob = enter(), enter()
        ann:send(message)
        assert.match("must be { x, y }", ann:receive_type "error".message)
        ann:send_json { x = 1, y = 1 }
        local heard = json.decode(bob:receive())
        assert.equal("moves", heard.type) -- the first thing that bob hears of
        assert.same({ { id = ann.welcome.you, x = 1, y = 1 } }, heard.pointers)
      end)
    end

    refuses("what is no JSON", "here")
    refuses("what is no object", "7")
    refuses("an array", "[0.5,0.5]")
    refuses("half a position", '{"x":0.5}')
    refuses("a position outside the page", '{"x":0.5,"y":1.01}')
    refuses("a negative one", '{"x":-0.1,"y":0}')
    refuses("an infinite one", '{"x":1e999,"y":0}')
    refuses("a position in words", '{"x":"0.5","y":"0.5"}')
    refuses("null", '{"x":null,"y":null}')
    refuses("an unknown field", '{"x":0.5,"y":0.5,"z":0.5}')

    it("bytes", function()
      local ann = enter()
      ann:send_binary '{"x":0.5,"y":0.5}'
      assert.match("must be { x, y }", ann:receive_type "error".message)
    end)
  end)

  it("serves its page", function()
    assert.match("<title>Cursors</title>", server:get("/").body)
    assert.match("javascript", server:get("/cursors.js").headers["content-type"])
    assert.equal(404, server:get("/app.lua").status)
  end)

  it("has no errors of its own in all this", function()
    assert.is_nil(server:log():match "error[^\n]*")
  end)
end)
