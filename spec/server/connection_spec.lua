local json = require "partylua.json"
local party = require "spec.support.party"

local APP = [[
local party = require "partylua"
local App, commands = {}, {}

local function reply(conn, value) conn:send(party.json.encode(value)) end

--- The result of a call as JSON: what it gives, or its error without the place.
local function attempt(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return { ok = result == nil or result } end
  return { error = (tostring(result):gsub("^[^\n]-%.lua:%d+: ", "")) }
end

local function ids(room, tag)
  local list = party.json.array {}
  for conn in room:getConnections(tag) do list[#list + 1] = conn.id end
  return list
end

function commands.close_then_send(_, conn, other)
  other:close(4000, "enough")
  local first = attempt(other.send, other, "late")
  other:close(4001, "again")
  reply(conn, { first = first, state = other.readyState })
end

function commands.send_gone(_, conn, _, room)
  reply(conn, attempt(room.left.send, room.left, "into the void"))
end

function commands.codes(_, conn)
  local list = {}
  for i, code in ipairs { 999, 1004, 1005, 1006, 1015, 5000, 0, -1, 1000.5 } do
    list[i] = attempt(conn.close, conn, code)
  end
  list[#list + 1] = attempt(conn.close, conn, nil, "a reason")
  list[#list + 1] = attempt(conn.close, conn, "words")
  reply(conn, list)
end

function commands.bad_messages(_, conn)
  reply(conn, { attempt(conn.send, conn, "\255"), attempt(conn.send, conn, 5),
    attempt(conn.send, conn, {}), attempt(conn.send, conn) })
end

--- Sends what came, and then tries bytes that are no text and as many.
function commands.mirror(_, conn, _, _, _, raw)
  conn:send(raw)
  collectgarbage()
  reply(conn, attempt(conn.send, conn, ("\255"):rep(#raw)))
end

function commands.close_with(_, conn, _, _, message) conn:close(message.code, message.reason) end

function commands.tell(room, _, _, _, message) room:broadcast(message.text, message.without) end
function commands.tell_binary(room) room:broadcast(party.binary "\0\255") end
function commands.tell_wrong(room, conn)
  reply(conn, { attempt(room.broadcast, room, "x", "ann"), attempt(room.broadcast, room, "\255"),
    attempt(room.broadcast, room, "x", { 5 }) })
end
function commands.tell_and_close(room, _, other)
  other:close(4000, "enough")
  room:broadcast "to the rest"
end

function commands.ids(room, conn, _, _, message)
  local found = message.id and room:getConnection(message.id)
  reply(conn, { ids = ids(room, message.tag), found = found and found.id, tags = conn.tags })
end

function commands.close_in_loop(room)
  for conn in room:getConnections() do conn:close(4002, "all of you") end
end

function commands.state(_, conn, _, _, message)
  local before = conn.state
  local result = attempt(conn.setState, conn, message.value)
  reply(conn, { before = before, result = result, after = conn.state })
end

function commands.state_function(_, conn)
  conn:setState(function(old) return { count = (old and old.count or 0) + 1 } end)
  reply(conn, conn.state)
end

function commands.state_copy(_, conn)
  local mine = { list = { 1 } }
  conn:setState(mine)
  mine.list[1] = 2
  reply(conn, { kept = conn.state.list[1] })
end

function commands.state_wrong(_, conn)
  local loop = {}
  loop.loop = loop
  local thread = coroutine.create(print)
  reply(conn, { attempt(conn.setState, conn, { f = print }), attempt(conn.setState, conn, loop),
    attempt(conn.setState, conn, thread), attempt(conn.setState, conn, conn) })
end

function App:getConnectionTags(conn, ctx)
  local tags = {}
  for tag in (ctx.request.query.tags or ""):gmatch "[^,]+" do tags[#tags + 1] = tag end
  for i = 1, tonumber(ctx.request.query.many or 0) do tags[i] = "tag" .. i end
  if ctx.request.query.long then tags[1] = ("t"):rep(tonumber(ctx.request.query.long)) end
  if ctx.request.query.wrong then return "words" end
  return tags
end

function App:onConnect(conn, ctx)
  conn:send("welcome " .. conn.id)
end

function App:onMessage(message, conn)
  local raw = message
  message = party.json.decode(raw)
  local other = message.other and self.room:getConnection(message.other)
  commands[message.type](self.room, conn, other, self, message, raw)
end

function App:onClose(conn, code, reason, wasClean)
  self.left = conn
  party.log.info("left", { id = conn.id, code = code, clean = wasClean, uri = conn.uri })
end

return App
]]

describe("a connection", function()
  local server, room, count
  setup(function() server, count = party.serve(APP, { "--state-bytes", "100" }), 0 end)
  teardown(function() server:stop() end)
  before_each(function()
    count = count + 1
    room = "/party/room" .. count
  end)

  local function connect(id, query)
    local socket = server:connect(("%s?_pk=%s%s"):format(room, id, query or ""))
    local first = socket:receive()
    if first then assert.equal("welcome " .. id, first) end
    return socket
  end

  local function ask(socket, question)
    socket:send_json(question)
    return json.decode(socket:receive())
  end

  describe("id", function()
    it("is the first _pk of the URL, decoded", function()
      assert.equal("welcome a b", server:connect(room .. "?x=1&_pk=a%20b&_pk=c"):receive())
    end)

    it("is a UUID of its own without", function()
      local seen = {}
      for _, query in ipairs { "", "?_pk=", "" } do
        local id = server:connect(room .. query):receive():match "^welcome (.*)$"
        assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", id)
        assert.equal(36, #id)
        assert.is_nil(seen[id])
        seen[id] = true
      end
    end)

    it("that comes again takes the place of the older connection", function()
      local old, watcher = connect "ann", connect "bob"
      local new = connect "ann"
      assert.same({ 4000, "replaced by a newer connection with this id" },
        { old:wait_closed() })
      server:expect_log("left [^\n]*clean=false code=4000 id=ann [^\n]*" .. room:match "room%d+")
      assert.same({ "bob", "ann" }, ask(watcher, { type = "ids" }).ids)
      old:close(4000) -- the end of the old one is no end of the new
      assert.is_true(old.tcp:is_ended())
      assert.same({ "bob", "ann" }, ask(watcher, { type = "ids" }).ids)
      assert.equal("ann", ask(new, { type = "ids", id = "ann" }).found)
    end)
  end)

  describe("send", function()
    it("after our own close is an error, and closing again does nothing", function()
      local ann, bob = connect "ann", connect "bob"
      local answer = ask(ann, { type = "close_then_send", other = "bob" })
      assert.same({ first = { error = "Can't call WebSocket send() after close()." }, state = 2 },
        answer)
      assert.same({ 4000, "enough" }, { bob:wait_closed() })
    end)

    it("to one that has gone does nothing", function()
      local ann, bob = connect "ann", connect "bob"
      bob:close(1000)
      bob:wait_closed()
      server:expect_log("left [^\n]*id=bob [^\n]*" .. room:match "room%d+")
      assert.same({ ok = true }, ask(ann, { type = "send_gone" }))
    end)

    it("of anything but text in UTF-8 and bytes is an error", function()
      for _, result in ipairs(ask(connect "ann", { type = "bad_messages" })) do
        assert.is_string(result.error)
      end
    end)

    it("of what has just come does not let other bytes pass", function()
      for _, length in ipairs { 1, 127, 128, 129, 5000, 100000 } do
        local ann = connect "ann"
        local text = json.encode { type = "mirror", text = ("é"):rep(length) }
        ann:send(text)
        assert.equal(text, ann:receive())
        assert.is_string(json.decode(ann:receive()).error)
        ann:close(1000)
        ann:wait_closed()
      end
    end)
  end)

  describe("close", function()
    it("takes only the codes that may be sent", function()
      local results = ask(connect "ann", { type = "codes" })
      assert.equal(11, #results)
      for _, result in ipairs(results) do assert.is_string(result.error) end
      assert.equal("Invalid WebSocket close code: 1006.", results[4].error)
    end)

    it("cuts a long reason between characters", function()
      local ann = connect "ann"
      ann:send_json { type = "close_with", code = 4000, reason = ("\195\164"):rep(100) }
      assert.same({ 4000, ("\195\164"):rep(61) }, { ann:wait_closed() })
    end)

    it("may be called for all in a loop", function()
      local sockets = { connect "ann", connect "bob", connect "cid" }
      sockets[1]:send_json { type = "close_in_loop" }
      for _, socket in ipairs(sockets) do assert.equal(4002, (socket:wait_closed())) end
    end)
  end)

  describe("broadcast", function()
    it("reaches all but those it leaves out", function()
      local ann, bob, cid = connect "ann", connect "bob", connect "cid"
      ann:send_json { type = "tell", text = "to two", without = { "bob", "nobody" } }
      ann:send_json { type = "tell", text = "to all" }
      assert.equal("to two", ann:receive())
      assert.equal("to all", ann:receive())
      assert.equal("to all", bob:receive())
      assert.equal("to two", cid:receive())
      assert.equal("to all", cid:receive())
    end)

    it("may be bytes", function()
      local ann, bob = connect "ann", connect "bob"
      ann:send_json { type = "tell_binary" }
      assert.same({ "\0\255", true }, { bob:receive() })
    end)

    it("passes over one that is closing", function()
      local ann, bob, cid = connect "ann", connect "bob", connect "cid"
      ann:send_json { type = "tell_and_close", other = "bob" }
      assert.equal("to the rest", ann:receive())
      assert.equal("to the rest", cid:receive())
      assert.is_nil(bob:receive())
      assert.equal(4000, bob.closed.code)
    end)

    it("is large, and the same for many", function()
      local sockets = {}
      for i = 1, 20 do sockets[i] = connect("c" .. i) end -- more than a list is walked for
      local text = ("0123456789"):rep(20000)
      sockets[1]:send_json { type = "tell", text = text, without = { "c7" } }
      sockets[1]:send_json { type = "tell", text = "after" }
      for i, socket in ipairs(sockets) do
        if i ~= 7 then assert.is_true(socket:receive() == text) end
        assert.equal("after", socket:receive())
      end
    end)

    it("of something else, or without something else than ids, is an error", function()
      for _, result in ipairs(ask(connect "ann", { type = "tell_wrong" })) do
        assert.is_string(result.error)
      end
    end)
  end)

  describe("tags", function()
    it("find connections, and the id is one of them", function()
      local ann = connect("ann", "&tags=red,big")
      connect("bob", "&tags=red")
      connect("cid", "&tags=blue,ann")
      assert.same({ "ann", "bob" }, ask(ann, { type = "ids", tag = "red" }).ids)
      assert.same({ "ann", "cid" }, ask(ann, { type = "ids", tag = "ann" }).ids)
      assert.same({}, ask(ann, { type = "ids", tag = "green" }).ids)
      local answer = ask(ann, { type = "ids", id = "red" })
      assert.same({ { "ann", "bob", "cid" }, { "ann", "red", "big" } },
        { answer.ids, answer.tags })
      assert.is_nil(answer.found) -- getConnection knows ids only
    end)

    it("are merged where they repeat, and the own id is none of the nine", function()
      local ann = connect("ann", "&tags=a,a,ann,b,c,d,e,f,g,h,i")
      assert.equal(10, #ask(ann, { type = "ids" }).tags)
    end)

    for query, reason in pairs {
      ["&many=10"] = "A connection can only have 10 tags, including the default id tag.",
      ["&long=257"] = "A connection tag must not exceed 256 characters",
      ["&wrong=1"] = "getConnectionTags must return a list of strings, got string",
    } do
      it(("that break a rule (%s) close with 1011"):format(query), function()
        local ann = connect("ann", query)
        assert.same({ 1011, reason }, { ann:wait_closed() })
        assert.same({ "bob" }, ask(connect "bob", { type = "ids" }).ids)
      end)
    end

    it("may be nine of 256 characters", function()
      assert.equal(10, #ask(connect("ann", "&many=9&long=256"), { type = "ids" }).tags)
    end)
  end)

  describe("state", function()
    it("is nothing at first, and then what was set last", function()
      local ann = connect "ann"
      assert.same({ result = { ok = { x = 1 } }, after = { x = 1 } },
        ask(ann, { type = "state", value = { x = 1 } }))
      assert.same({ before = { x = 1 }, result = { ok = "text" }, after = "text" },
        ask(ann, { type = "state", value = "text" }))
      assert.same({ before = "text", result = { ok = true } }, ask(ann, { type = "state" }))
    end)

    it("may be made from the old one by a function", function()
      local ann = connect "ann"
      assert.same({ count = 1 }, ask(ann, { type = "state_function" }))
      assert.same({ count = 2 }, ask(ann, { type = "state_function" }))
    end)

    it("is a copy", function()
      assert.equal(1, ask(connect "ann", { type = "state_copy" }).kept)
    end)

    it("of values that cannot be kept is an error", function()
      local results = ask(connect "ann", { type = "state_wrong" })
      assert.equal(4, #results)
      for _, result in ipairs(results) do assert.is_string(result.error) end
    end)

    it("has a limit, which keeps the old one", function()
      local ann = connect "ann"
      local fits = ("x"):rep(90)
      assert.equal(fits, ask(ann, { type = "state", value = fits }).after)
      local answer = ask(ann, { type = "state", value = ("x"):rep(200) })
      assert.matches("^A connection's state cannot be larger than 100 bytes; it was 20%d bytes.$",
        answer.result.error)
      assert.equal(fits, answer.after)
    end)
  end)
end)
