--- partylua.history and partylua.presence in rooms.

local json = require "partylua.json"
local party = require "spec.support.party"

describe("partylua.history", function()
  local server, rooms = nil, 0
  setup(function() server = party.serve("spec/server/apps/run.lua", { "--room-idle", "1ms" }) end)
  teardown(function() server:stop() end)
  before_each(function() rooms = rooms + 1 end)

  --- Runs code that sees `make(options)` in the room of the spec.
  local function ask(code)
    local prelude = "local function make(o) return require 'partylua.history'(room, o) end\n"
    local answer = server:request("POST", "/parties/main/history-" .. rooms,
      { body = prelude .. code })
    return json.decode(answer.body)
  end

  local function run(code)
    local answer = ask(code)
    assert.is_nil(answer.error)
    return answer.result
  end

  local function messages(items)
    local all = {}
    for i, item in ipairs(items) do all[i] = item.message end
    return all
  end

  it("keeps the last messages, oldest first, with number and time", function()
    local items = run [[
      local h = make { max = 3 }
      for i = 1, 5 do h:add { text = "m" .. i } end
      return h:list()
    ]]
    assert.same({ { text = "m3" }, { text = "m4" }, { text = "m5" } }, messages(items))
    assert.same({ 3, 5 }, { items[1].number, items[3].number })
    assert.is_true(items[1].at > 1.7e12 and items[1].at <= items[3].at)
  end)

  it("is empty as a list at first", function()
    local answer = server:request("POST", "/parties/main/history-" .. rooms,
      { body = 'return require "partylua.history"(room):list()' })
    assert.equal('{"result":[]}', answer.body)
  end)

  it("gives what is new since a number, and the last few", function()
    run "local h = make() for i = 1, 20 do h:add(i) end"
    assert.same({ 18, 19, 20 }, messages(run "return make():list { after = 17 }"))
    assert.same({ 19, 20 }, messages(run "return make():list { limit = 2 }"))
    assert.same({ 20 }, messages(run "return make():list { after = 17, limit = 1 }"))
    assert.same({}, run "return make():list { after = 20 }")
  end)

  it("outlasts the room's memory, and counts on", function()
    run 'self.mark = true make():add "before"'
    party.eventually("the room has left memory", function()
      return run "return self.mark" == json.null
    end)
    assert.equal(2, run 'return make():add "after"')
    assert.same({ "before", "after" }, messages(run "return make():list()"))
  end)

  it("keeps histories with names apart, and from what else is stored", function()
    run [[
      storage:put("history", "mine") storage:put("history::x", "mine")
      make():add "plain" make { name = "a" }:add "of a" make { name = "a-b" }:add "of a-b"
    ]]
    assert.same({ "plain" }, messages(run "return make():list()"))
    assert.same({ "of a" }, messages(run 'return make { name = "a" }:list()'))
    run 'make { name = "a" }:clear()'
    assert.same({}, run 'return make { name = "a" }:list()')
    assert.same({ "of a-b" }, messages(run 'return make { name = "a-b" }:list()'))
    assert.same({ "mine", "mine" },
      run 'return { storage:get "history", storage:get "history::x" }')
  end)

  it("forgets what is older than its time", function()
    run 'make { seconds = 100 }:add "old"'
    assert.same({ "old" }, messages(run "return make { seconds = 100 }:list()"))
    assert.same({}, run "party.sleep(0.01) return make { seconds = 0.005 }:list()")
    assert.same({}, run "return make():list()")
  end)

  it("keeps no more than it should after its bound was lowered", function()
    run "local h = make { max = 500 } for i = 1, 300 do h:add(i) end"
    assert.same({ 299, 300 }, messages(run "return make { max = 2 }:list()"))
    assert.equal(2, #run "return make { max = 500 }:list()")
  end)

  it("clears, and goes on counting", function()
    assert.same({ 0, 4 }, run [[
      local h = make()
      for i = 1, 3 do h:add(i) end
      h:clear()
      return { #h:list(), h:add "next" }
    ]])
  end)

  for code, message in pairs {
    ["make { max = 0 }"] = "max must be a number above 0",
    ["make { max = 1e9 }"] = "at most 100000", ['make { seconds = "1" }'] = "seconds must be",
    ['make { name = "1" }'] = "a name begins with a letter",
  } do
    it("refuses options that make no sense: " .. code, function()
      assert.matches(message, ask(code).error)
    end)
  end
end)

describe("partylua.presence", function()
  local APP = [[
    local json = require "partylua.json"
    local presence = require "partylua.presence"
    local App = { options = { hibernate = true } }
    function App:onStart() self.presence = presence(self.room) end
    function App:onConnect(conn, ctx)
      local query = ctx.request.query
      conn:setState { mine = "kept" }
      if query.name then self.presence:enter(conn, { name = query.name }, query.user) end
    end
    function App:onMessage(message, conn)
      local asked = json.decode(message)
      if asked.enter then return self.presence:enter(conn, asked.enter, asked.id) end
      if asked.leave then return self.presence:leave(conn) end
      if asked.state then return conn:send(json.encode(conn.state)) end
      self.presence:update(conn, asked)
    end
    function App:onClose(conn) self.presence:leave(conn) end
    function App:onRequest() return require("partylua").Response.json(self.presence:list()) end
    return App
  ]]
  local server, rooms = nil, 0
  setup(function()
    server = party.serve(APP, { "--hibernate-idle", "20ms", "--log-level", "debug" })
  end)
  teardown(function() server:stop() end)
  before_each(function() rooms = rooms + 1 end)

  local function connect(query, id)
    return server:connect(("/parties/main/presence-%d?%s%s"):format(rooms, query,
      id and "&_pk=" .. id or ""))
  end

  local function next_of(socket)
    local message = json.decode(socket:receive())
    assert.equal("presence", message.type)
    return message
  end

  local function list()
    return json.decode(server:get("/parties/main/presence-" .. rooms).body)
  end

  it("tells who comes who is here, and the others that they came, changed and left", function()
    local ann = connect "name=Ann"
    local welcome = next_of(ann)
    assert.same({ { id = welcome.you, data = { name = "Ann" } } }, welcome.people)
    local bob = connect "name=Bob"
    local you = next_of(bob)
    assert.same({ "Ann", "Bob" }, { you.people[1].data.name, you.people[2].data.name })
    assert.same({ id = you.you, data = { name = "Bob" } }, next_of(ann).entered)
    bob:send_json { name = "Robert", typing = true }
    assert.same({ id = you.you, data = { name = "Robert", typing = true } }, next_of(ann).changed)
    assert.equal("Robert", list()[2].data.name)
    bob:close(1000)
    assert.equal(you.you, next_of(ann).left)
    assert.equal(1, #list())
  end)

  it("does not show connections that have not entered", function()
    local ann, silent = connect "name=Ann", connect ""
    next_of(ann)
    silent:send_json { name = "nobody" }
    silent:send_json { enter = { name = "Now" } }
    assert.equal("Now", next_of(ann).entered.data.name)
    silent:send_json { leave = true }
    next_of(ann)
    assert.equal(1, #list())
    silent:close(1000)
    silent:wait_closed()
    ann:send_json { state = true }
    assert.equal("kept", json.decode(ann:receive()).mine) -- and so nothing of a second leaving
  end)

  it("takes several connections of one user for one person", function()
    local ann = connect "name=Ann"
    next_of(ann)
    local one = connect "name=Bob&user=u1"
    assert.equal("u1", next_of(ann).entered.id)
    local two = connect "name=Bobby&user=u1"
    assert.equal("Bobby", next_of(ann).changed.data.name)
    assert.same({ "Ann", "Bobby" }, { list()[1].data.name, list()[2].data.name })
    two:close(1000)
    assert.equal("Bob", next_of(ann).changed.data.name)
    one:close(1000)
    assert.equal("u1", next_of(ann).left)
  end)

  it("keeps a person whose connection was replaced by one with its id", function()
    local ann = connect "name=Ann"
    next_of(ann)
    local old = connect("name=Bob&user=u1", "same")
    next_of(ann)
    local new = connect("name=Bob2&user=u1", "same")
    old:wait_closed()
    local last -- whether he is said to have left and come again, or to have changed
    repeat last = next_of(ann) until not last.left
    assert.equal("Bob2", (last.entered or last.changed).data.name)
    assert.equal(2, #list())
    new:close(1000)
    assert.equal("u1", next_of(ann).left)
    assert.equal(1, #list())
  end)

  it("changes the person of a connection that enters again as somebody else", function()
    local ann, bob = connect "name=Ann", connect "name=Bob&user=u1"
    next_of(ann)
    next_of(ann)
    bob:send_json { enter = { name = "Carl" }, id = "u2" }
    assert.equal("u1", next_of(ann).left)
    assert.equal("u2", next_of(ann).entered.id)
    bob:send_json { enter = { name = "Carla" } }
    assert.equal("Carla", next_of(ann).changed.data.name)
  end)

  it("leaves the connection's other state alone, and survives hibernation", function()
    local ann = connect "name=Ann"
    local you = next_of(ann).you
    server:expect_log "(room: hibernate)"
    ann:send_json { state = true }
    assert.same({ mine = "kept", presence = { id = you, data = { name = "Ann" } } },
      json.decode(ann:receive()))
    assert.equal(you, list()[1].id)
  end)
end)
