local party = require "spec.support.party"

--- A room that counts its own lives in storage, and says what it finds when asked.
local APP = [[
local party = require "partylua"
local Room = { options = { hibernate = true } }

function Room:constructor() self.messages = 0 end

function Room:onStart()
  local lives = (self.room.storage:get "lives" or 0) + 1
  self.room.storage:put("lives", lives)
  local ids = {}
  for conn in self.room:getConnections() do ids[#ids + 1] = conn.id end
  self.seen = table.concat(ids, " ")
end

function Room:getConnectionTags(conn, ctx)
  local tag = ctx.request.query.tag
  return tag and { tag } or {}
end

function Room:onConnect(conn, ctx)
  conn:setState { name = ctx.request.query.name, list = party.json.array {} }
  conn:addEventListener("message", function() self.heard = true end)
end

local commands = {}

function commands.look(self, conn)
  local tagged = {}
  for each in self.room:getConnections "vip" do tagged[#tagged + 1] = each.id end
  return {
    lives = self.room.storage:get "lives", messages = self.messages, seen = self.seen,
    state = conn.state, id = conn.id, uri = conn.uri, tags = conn.tags, tagged = tagged,
    room = self.room.id, host = self.room.context.parties.main:get("x").base, heard = self.heard,
  }
end

function commands.after() party.after(0.3, function() end) end

function commands.every(self)
  self.timer = party.every(60, function() end)
end

function commands.cancel(self) self.timer:cancel() end

function commands.wait() party.sleep(0.3) end

function commands.count(_, conn)
  conn:setState(function(state)
    return { name = state.name, count = (state.count or 0) + 1 }
  end)
  return conn.state
end

function Room:onMessage(message, conn)
  self.messages = self.messages + 1
  local answer = commands[message](self, conn)
  conn:send(party.json.encode(answer or { done = true }))
end

function Room:onClose(conn, code)
  self.room:broadcast(("%s left with %d, known as %s"):format(conn.id, code, conn.state.name))
end

function Room:onRequest()
  return party.Response("lives " .. self.room.storage:get "lives")
end

return Room
]]

describe("a room that hibernates", function()
  local server, rooms, path = nil, 0, nil
  setup(function()
    server = party.serve(APP, { "--hibernate-idle", "50ms", "--log-level", "debug" })
  end)
  teardown(function() server:stop() end)
  before_each(function()
    rooms = rooms + 1
    path = "/parties/main/room-" .. rooms
  end)

  local function enter(id, more)
    return server:connect(("%s?_pk=%s&name=%s%s"):format(path, id, id:upper(), more or ""))
  end

  local function ask(socket, command)
    socket:send(command)
    return socket:receive_json()
  end

  local function count(what)
    return select(2, server:log():gsub("room: " .. what .. " [^\n]*id=room%-" .. rooms .. "\n", ""))
  end

  local function await_sleep(times)
    party.eventually("the room hibernates", function() return count "hibernate" >= (times or 1) end)
  end

  it("is dropped when it is idle, while its connections stay, and starts again", function()
    local ann = enter "ann"
    assert.equal(1, ask(ann, "look").lives)
    await_sleep()
    local seen = ask(ann, "look")
    assert.equal(2, seen.lives)
    assert.equal(1, seen.messages)
    assert.equal("ann", seen.seen) -- in onStart already
    assert.equal(0, count "unload")
  end)

  it("finds state, tags, id and address of its connections again", function()
    local ann, bob = enter("ann", "&tag=vip"), enter "bob"
    await_sleep()
    local seen = ask(bob, "look")
    assert.same({ name = "BOB", list = {} }, seen.state)
    assert.same({ "ann" }, seen.tagged)
    assert.equal("bob", seen.id)
    assert.same({ "bob" }, seen.tags)
    assert.matches("^http://test/parties/main/room%-%d+%?_pk=bob&name=BOB$", seen.uri)
    assert.equal("http://test/parties/main/x", seen.host)
    assert.same({ "ann", "vip" }, ask(ann, "look").tags)
  end)

  it("keeps what setState makes of the state over several sleeps", function()
    local ann = enter "ann"
    for i = 1, 3 do
      assert.same({ name = "ANN", count = i }, ask(ann, "count"))
      await_sleep(i)
    end
  end)

  it("wakes for a close, a request and another connection", function()
    local ann, bob = enter "ann", enter "bob"
    await_sleep()
    ann:close(4001, "bye")
    assert.equal("ann left with 4001, known as ANN", bob:receive())
    await_sleep(2)
    assert.equal("lives 3", server:get(path).body)
    await_sleep(3)
    local cid = enter "cid"
    assert.equal("bob", ask(cid, "look").seen) -- who was there before the room woke
  end)

  it("has no listeners any more", function()
    local ann = enter "ann"
    ask(ann, "look")
    assert.is_true(ask(ann, "look").heard)
    await_sleep()
    ask(ann, "look")
    assert.is_nil(ask(ann, "look").heard)
  end)

  it("stays awake while timers are pending or a hook waits", function()
    local ann = enter "ann"
    ask(ann, "after")
    assert.equal(1, ask(ann, "look").lives)
    ask(ann, "wait") -- 0.3 s, in which it would have slept
    assert.equal(0, count "hibernate")
    ask(ann, "every")
    ask(ann, "wait")
    assert.equal(1, ask(ann, "look").lives)
    assert.equal(0, count "hibernate")
    ask(ann, "cancel")
    await_sleep()
  end)

  it("leaves memory like any other once everybody has left", function()
    local other = party.serve(APP,
      { "--hibernate-idle", "0s", "--room-idle", "0s", "--log-level", "debug" })
    local ann = other:connect "/parties/main/alone?_pk=ann&name=ANN"
    other:expect_log "(room: hibernate)"
    ann:close(1000)
    other:expect_log "(room: unload)"
    other:stop()
  end)
end)

describe("ten thousand connections that hibernate", function()
  it("leave the Lua heap as small as that of an empty server", function()
    local server = party.serve([[
      local party = require "partylua"
      local Room = { options = { hibernate = true } }
      function Room:onConnect(conn) conn:setState { name = "somebody" } end
      function Room:onMessage(_, conn) conn:send(conn.state.name) end
      function Room:onFetch()
        party.sleep(0.02) -- asked in haste, the server would have no quiet moment to tidy up
        collectgarbage()
        collectgarbage()
        return party.Response(tostring(collectgarbage "count" * 1024))
      end
      return Room
    ]], { "--hibernate-idle", "200ms" })
    local function heap() return tonumber(server:get("/heap").body) end
    local sockets = {}
    local function connect_up_to(count)
      for i = #sockets + 1, count do
        sockets[i] = server:connect(("/parties/main/%d?_pk=%d"):format(i % 5000, i))
      end
    end
    -- What LuaJIT has compiled stays in its heap: an empty server that has worked.
    connect_up_to(500)
    local before, same = heap(), 0
    party.eventually("the heap is at rest", function()
      local now = heap()
      same = now < before and 0 or same + 1
      before = math.min(now, before)
      return same == 20
    end)
    connect_up_to(10000)
    party.eventually("the heap is small again", function() return heap() < before * 1.1 end)
    sockets[77]:send "?"
    assert.equal("somebody", sockets[77]:receive())
    server:stop()
  end)
end)
