--- What party.app gives, in memory and over sockets alike.

local party = require "partylua.testing"

--- Everything here is said twice: of clients in memory, and of clients behind sockets.
local function for_each_transport(define)
  for _, is_real in ipairs { false, true } do
    describe(is_real and "over sockets" or "in memory", function()
      local app
      local function open(class, options)
        options = options or {}
        options.real = is_real
        app = party.app(class, options)
        return app
      end
      after_each(function()
        if app then app:stop() end
        app = nil
      end)
      define(open, is_real)
    end)
  end
end

for_each_transport(function(open)
  describe("a client", function()
    it("has the id it asked for, or one of its own", function()
      local app = open { onConnect = function(self, conn) conn:send(self.room.id .. conn.id) end }
      local room = app:room "lobby"
      local ana, anybody = room:connect { id = "ana" }, room:connect()
      assert.received(ana, "lobbyana")
      assert.received(anybody, "lobby" .. anybody.id)
      assert.equal(36, #anybody.id)
    end)

    it("brings query, headers and sub-protocol along", function()
      local app = open {
        onConnect = function(self, conn, ctx)
          local request = ctx.request
          conn:send(request.query.role .. request.headers:get "x-token" .. request.path)
        end,
      }
      local ana = app:room("a b"):connect {
        query = { role = "mod" }, headers = { ["X-Token"] = "t" }, protocol = { "chat", "old" },
        path = "/deep",
      }
      assert.received(ana, "modt/parties/main/a%20b/deep")
      assert.equal("chat", ana.protocol)
    end)

    it("sends text, bytes and JSON, and receives them", function()
      local app = open {
        onMessage = function(self, message, conn, isBinary)
          conn:send(isBinary and party.binary(message) or message)
        end,
      }
      local ana = app:room("r"):connect()
      ana:send "text"
      ana:sendBinary "\0\255"
      ana:sendJson { n = 1 }
      assert.equal("text", ana:receive())
      assert.equal("\0\255", ana:receive().bytes)
      assert.same({ n = 1 }, ana:receiveJson())
      assert.is_nil(ana:receive())
    end)

    it("closes with code and reason, and hears the room close it", function()
      local heard = {}
      local app = open {
        onMessage = function(self, _, conn) conn:close(4001, "enough") end,
        onClose = function(self, _, code, reason, wasClean)
          heard[#heard + 1] = { code, reason, wasClean }
        end,
      }
      local room = app:room "r"
      local ana, bob, eve = room:connect(), room:connect(), room:connect()
      ana:close(3000, "bye")
      bob:send "anything"
      eve:drop()
      assert.same({ code = 3000, reason = "bye", wasClean = true }, ana.closed)
      assert.closed(bob, 4001)
      assert.same({ code = 1006, reason = "", wasClean = false }, eve.closed)
      assert.same({ 3000, "bye", true }, heard[1])
      assert.same({ 4001, "enough", true }, heard[2])
      assert.same({ 1006, false }, { heard[3][1], heard[3][3] })
      assert.error_matches(function() bob:send "late" end, "cannot send: it was closed with 4001")
    end)

    it("learns why it was turned away", function()
      local app = open {
        onBeforeConnect = function(self, request)
          if request.query.token then return end
          return party.Response.json({ why = "no token" }, { status = 401 })
        end,
      }
      local stranger = app:room("r"):connect()
      assert.equal(401, stranger.rejected.status)
      assert.same({ why = "no token" }, stranger.rejected:json())
      assert.equal("rejected", stranger.state)
      assert.error_matches(function() stranger:send "x" end, "the server has answered 401")
      assert.is_nil(app:room("r"):connect({ query = "token=1" }).rejected)
    end)

    it("reaches onSocket by a URL of no party", function()
      local app = open {
        onSocket = function(self, socket)
          socket:addEventListener("message", function(event) socket:send(event.data .. "!") end)
        end,
      }
      local ana = app:connect "/some/where"
      ana:send "hello"
      assert.received(ana, "hello!")
    end)

    it("is closed when onConnect raises", function()
      local app = open { onConnect = function(self) error({ message = "full", code = 4100 }) end }
      local ana = app:room("r"):connect()
      assert.same({ code = 4100, reason = "full", wasClean = true }, ana.closed)
      assert.equal("full", app:takeErrors()[1].message)
    end)

    it("is connecting while a hook waits", function()
      local app = open { onConnect = function(self) party.sleep(5) end }
      local ana = app:room("r"):connect()
      assert.equal("connecting", ana.state)
      assert.error_matches(function() ana:send "x" end, "it is connecting")
      app:advance(5)
      assert.equal("open", ana.state)
    end)

    it("ends the older one of its id", function()
      local app = open { onConnect = function(self) end }
      local room = app:room "r"
      local old = room:connect { id = "ana" }
      local new = room:connect { id = "ana" }
      assert.closed(old, 4000)
      assert.equal("open", new.state)
      assert.equal(1, #room:connections())
    end)

    it("breaks the protocol with what is no UTF-8, or too long", function()
      local errors = {}
      local app = open({
        onError = function(self, _, err) errors[#errors + 1] = tostring(err) end,
      }, { limits = { message_bytes = 1024 } })
      local room = app:room "r"
      local ana, bob = room:connect(), room:connect()
      ana:send "\255"
      bob:send(("x"):rep(2000))
      assert.closed(ana, 1007)
      assert.closed(bob, 1009)
      assert.same({ "text is not UTF-8", "message is too long" }, errors)
    end)
  end)

  describe("a request", function()
    it("reaches the room with method, headers and body", function()
      local app = open {
        onRequest = function(self, request)
          return party.Response(request.method .. request.path .. request:text()
            .. request.headers:get "content-type", { status = 201, headers = { ["x-a"] = "b" } })
        end,
      }
      local answer = app:room("r"):fetch("/deep?x=1", { method = "POST", body = "hello" })
      assert.equal("POST/parties/main/r/deephellotext/plain;charset=UTF-8", answer.body)
      assert.equal(201, answer.status)
      assert.equal("b", answer.headers:get "x-a")
      assert.is_true(answer.ok)
      assert.is_false(answer.pending)
    end)

    it("is pending while a hook waits", function()
      local app = open {
        onRequest = function(self)
          party.sleep(2)
          return party.Response "late"
        end,
      }
      local answer = app:room("r"):fetch()
      assert.is_true(answer.pending)
      assert.is_nil(answer.status)
      app:advance(2)
      assert.is_false(answer.pending)
      assert.equal("late", answer.body)
    end)

    it("shows what has come of a body in pieces, and that it broke off", function()
      local app = open {
        onRequest = function(self, request)
          return party.Response(function(write)
            write "first,"
            party.sleep(1)
            if request.query.fail then error "broken" end
            write "second"
          end)
        end,
      }
      local whole, broken = app:room("r"):fetch(), app:room("r"):fetch "?fail=1"
      assert.equal("first,", whole.body)
      app:advance(1)
      assert.equal("first,second", whole.body)
      assert.is_true(broken.broken)
      assert.is_false(whole.broken)
      assert.equal("broken", app:takeErrors()[1].message)
    end)

    it("goes to onFetch where no party is named", function()
      local app = open { onFetch = function(self, request) return party.Response(request.url) end }
      assert.equal("http://localhost/x?y=1", app:fetch("/x?y=1").body)
      assert.equal("http://example.test/z", app:fetch("http://example.test/z").body)
      assert.equal(404, app:fetch("/parties/none/r").status)
    end)

    it("is refused when it is too large", function()
      local app = open({ onRequest = function(self) return party.Response "ok" end },
        { limits = { body_bytes = 1024, url_bytes = 1024 } })
      local room = app:room "r"
      local large = room:fetch("/", { method = "PUT", body = ("x"):rep(1025) })
      assert.same({ 413, "The body is too large" }, { large.status, large.body })
      assert.equal(414, room:fetch("/" .. ("x"):rep(1024)).status)
      assert.equal(200, room:fetch("/", { method = "PUT", body = ("x"):rep(1024) }).status)
    end)

    it("has no body for HEAD", function()
      local app = open { onRequest = function(self) return party.Response "text" end }
      local answer = app:room("r"):fetch("/", { method = "HEAD" })
      assert.equal(200, answer.status)
      assert.equal("", answer.body)
    end)
  end)

  describe("time", function()
    it("stands still, and begins where it is told to", function()
      local app = open({
        onRequest = function(self) return party.Response(tostring(party.now())) end,
      }, { now = 1000000 })
      assert.equal("1000000", app:room("r"):fetch().body)
      app:advance(1.5)
      assert.equal("1001500", app:room("r"):fetch().body)
      assert.equal(1001500, app:now())
    end)

    it("lets timers, alarms and crons happen in order", function()
      local log = {}
      local function note(what)
        log[#log + 1] = ("%s %d"):format(what, (party.now() - 1767225600000) / 1000)
      end
      local app = open({
        onStart = function(self)
          self.room.storage:setAlarm(party.now() + 90000)
          party.every(40, function() note "timer" end)
        end,
        onConnect = function(self) end,
        onAlarm = function(self) note "alarm" end,
        onCron = function(self, cron) note(cron.name) end,
      }, { crons = { minutely = "* * * * *" } })
      app:room("r"):connect()
      app:advance(125)
      assert.same({
        "timer 40", "minutely 60", "timer 80", "alarm 90", "timer 120", "minutely 120",
      }, log)
    end)

    it("counts what a timer was given to the millisecond", function()
      local fired = {}
      local app = open {
        onStart = function(self)
          for _, seconds in ipairs { 1.1, 1 / 30, 0.0001 } do
            party.after(seconds, function()
              fired[#fired + 1] = party.now() - 1767225600000
            end)
          end
        end,
      }
      app:room("r"):connect()
      app:advance(1.1)
      assert.equal(1767225601100, app:now())
      assert.same({ 1, 34, 1100 }, fired)
    end)

    it("is what os.time and os.date say to rooms, and to nobody else", function()
      local inside
      local app = open({ onStart = function(self) inside = { os.time(), os.date "!%Y-%m-%d" } end },
        { now = 0 })
      app:advance(86400)
      app:room("r"):connect()
      assert.same({ 86400, "1970-01-02" }, inside)
      assert.is_true(os.time() > 1.7e9)
    end)

    it("may jump, which timers do not notice, and alarms do", function()
      local log = {}
      local app = open {
        onStart = function(self)
          self.room.storage:setAlarm(party.now() + 60000)
          party.after(10, function() log[#log + 1] = "timer" end)
        end,
        onAlarm = function(self) log[#log + 1] = "alarm" end,
      }
      local room = app:room "r"
      room:connect()
      app:jumpClock(-3600)
      app:advance(9)
      assert.same({}, log)
      app:advance(1)
      assert.same({ "timer" }, log)
      app:advance(3600)
      assert.same({ "timer" }, log)
      app:jumpClock(3600)
      app:advance(3600)
      assert.same({ "timer", "alarm" }, log)
      assert.equal(1767225600000 + 7210000, app:now())
    end)

    it("is needed by nobody who asks for a cron by name", function()
      local ran = {}
      local app = open({
        onCron = function(self, cron, lobby)
          ran[#ran + 1] = cron.name
          lobby.parties.main:get("r"):fetch()
        end,
        onRequest = function(self)
          ran[#ran + 1] = self.room.id
          return party.Response "ok"
        end,
      }, { crons = { digest = "0 8 * * *" } })
      app:cron "digest"
      assert.same({ "digest", "r" }, ran)
      assert.error_matches(function() app:cron "digets" end, "did you mean 'digest'")
    end)
  end)

  describe("a room", function()
    local Counter = { options = { hibernate = true } }
    function Counter:onStart() self.seen = 0 end
    function Counter:getConnectionTags(_, ctx) return { ctx.request.query.team } end
    function Counter:onMessage(message, conn)
      self.seen = self.seen + 1
      local count = (self.room.storage:get "count" or 0) + 1
      self.room.storage:put("count", count)
      self.room.storage:put("last", { text = message })
      self.room.storage:setAlarm(party.now() + 1000)
      conn:setState { count = count }
      conn:send(tostring(self.seen))
    end
    function Counter:onAlarm() end

    it("can be looked into", function()
      local app = open(Counter)
      local room = app:room "r"
      local ana = room:connect { id = "ana", query = "team=red" }
      room:connect { id = "bob", query = "team=blue" }
      ana:send "hello"
      assert.equal(1, room:storage "count")
      assert.same({ count = 1, last = { text = "hello" } }, room:storage())
      assert.equal(app:now() + 1000, room:alarm())
      assert.equal(1, room:instance().seen)
      assert.equal(2, #room:connections())
      local red = room:connections "red"
      assert.equal("ana", red[1].id)
      assert.same({ count = 1 }, red[1].state)
      app:advance(1)
      assert.is_nil(room:alarm())
    end)

    it("is nothing before anybody reaches it", function()
      local app = open(Counter)
      local room = app:room "r"
      assert.is_nil(room:instance())
      assert.is_nil(room:storage "count")
      assert.is_nil(room:alarm())
      assert.same({}, room:storage())
      assert.same({}, room:connections())
    end)

    it("forgets its object when it hibernates, and keeps connections, state and storage", function()
      local app = open(Counter)
      local room = app:room "r"
      local ana = room:connect { id = "ana" }
      ana:send "one"
      room:hibernate()
      assert.is_nil(room:instance())
      assert.same({ count = 1 }, room:connections()[1].state)
      ana:send "two"
      assert.received(ana, "1")
      assert.received(ana, "1")
      assert.equal(2, room:storage "count")
    end)

    it("says what keeps it from hibernating", function()
      local app = open { onConnect = function(self) end }
      local room = app:room "r"
      room:connect()
      assert.error_matches(function() room:hibernate() end, "cannot hibernate now")
    end)

    it("reaches rooms of other parties", function()
      local app = open({
        onRequest = function(self)
          return self.room.context.parties.counter:get("c"):fetch()
        end,
      }, {
        parties = {
          counter = { onRequest = function(self) return party.Response(self.room.name) end },
        },
      })
      assert.equal("counter", app:room("r"):fetch().body)
      assert.equal("counter", app:room("c", "counter"):fetch().body)
      assert.error_matches(function() app:room("c", "conter") end, "there is no party 'conter'")
    end)
  end)

  describe("a restart", function()
    local Note = {}
    function Note:onStart() self.opened = true end
    function Note:onMessage(text) self.room.storage:put("text", text) end
    function Note:onClose() self.room.storage:put("closed", true) end

    it("closes clients with 1012, lets hooks end, and keeps what was stored", function()
      local app = open(Note)
      local room = app:room "r"
      local ana = room:connect()
      ana:send "kept"
      app:restart()
      assert.closed(ana, 1012)
      assert.is_nil(room:instance())
      assert.same({ text = "kept", closed = true }, room:storage())
      assert.equal("open", room:connect().state)
    end)

    it("is no crash, of which nobody hears and after which only what is durable is left", function()
      local app = open(Note)
      local room = app:room "r"
      local ana = room:connect()
      ana:send "kept"
      app:slowCommits(math.huge)
      ana:send "lost"
      app:crash()
      assert.closed(ana, 1006)
      assert.same({ text = "kept" }, room:storage())
      assert.equal("open", room:connect().state)
    end)

    it("lets time go on where it stood", function()
      local app = open(Note)
      app:advance(10)
      local before = app:now()
      app:restart()
      app:crash()
      assert.equal(before, app:now())
    end)
  end)

  describe("commits", function()
    local Saver = {}
    function Saver:onMessage(text, conn)
      self.room.storage:put("text", text)
      conn:send("saved " .. text)
    end
    function Saver:onRequest(request)
      self.room.storage:put("text", request:text())
      return party.Response "saved"
    end

    it("can fail: nothing leaves, the room is reset, and the disk is as before", function()
      local app = open(Saver)
      local room = app:room "r"
      local ana = room:connect()
      ana:send "one"
      assert.received(ana, "saved one")
      app:failCommits()
      ana:send "two"
      assert.quiet(ana)
      assert.closed(ana, 1011)
      assert.equal("one", room:storage "text")
      app:failCommits(true)
      assert.equal(503, room:fetch("/", { method = "PUT", body = "three" }).status)
      assert.equal(503, room:fetch("/", { method = "PUT", body = "three" }).status)
      app:failCommits(false)
      assert.equal("saved", room:fetch("/", { method = "PUT", body = "four" }).body)
    end)

    it("can be reported as failed and be kept", function()
      local app = open(Saver)
      local room = app:room "r"
      app:failCommits(1, { kept = true })
      assert.equal(503, room:fetch("/", { method = "PUT", body = "kept" }).status)
      assert.equal("kept", room:storage "text")
    end)

    it("can take their time, and what follows from them waits", function()
      local app = open(Saver)
      local room = app:room "r"
      local ana = room:connect()
      app:slowCommits(3)
      ana:send "slow"
      assert.quiet(ana)
      assert.is_nil(room:storage "text")
      app:advance(2.9)
      assert.quiet(ana)
      app:advance(0.1)
      assert.received(ana, "saved slow")
      app:slowCommits(math.huge)
      ana:send "held"
      app:advance(3600)
      assert.quiet(ana)
      app:slowCommits(0)
      assert.received(ana, "saved held")
    end)
  end)

  describe("a hook that raises", function()
    it("is told with place, hook and room", function()
      local app = open { onMessage = function(self) error "boom" end }
      app:room("r"):connect():send "x"
      local errors = app:takeErrors()
      assert.equal(1, #errors)
      assert.matches("app_spec.lua:%d+: boom", errors[1])
      assert.same({ "boom", "onMessage", "main", "r" },
        { errors[1].message, errors[1].hook, errors[1].party, errors[1].room })
      assert.same({}, app:takeErrors())
    end)

    it("fails the spec at its end when nobody has looked", function()
      local app = open({ onStart = function(self) party.spawn(function() error "boom" end) end,
        onCron = function(self) error "late" end }, { crons = { c = "* * * * *" } })
      app:room("r"):connect()
      app:cron "c"
      local ok, why = pcall(app.stop, app)
      assert.is_false(ok)
      assert.matches("nobody looked", why)
      assert.matches("app_spec.lua:%d+: boom %(party.spawn of main/r%)", why)
      assert.matches("app_spec.lua:%d+: late %(onCron%)", why)
    end)

    it("is in the log, like what rooms write there", function()
      local app = open { onStart = function(self) party.log.info("started", { n = 1 }) end }
      app:room("r"):connect()
      assert.matches("info app: started party=main room=r n=1", app:log()[1])
    end)
  end)

  describe("party.fetch", function()
    it("is answered by the option fetch", function()
      local asked
      local app = open({
        onRequest = function(self)
          local response = party.fetch("http://api.test/users?id=1",
            { method = "POST", body = "b", headers = { ["x-key"] = "k" } })
          return party.Response(response:text() .. response.status)
        end,
      }, {
        fetch = function(request)
          party.sleep(3)
          asked = { request.method, request.url, request.headers:get "x-key", request:text() }
          return party.Response("fake", { status = 202 })
        end,
      })
      local answer = app:room("r"):fetch()
      assert.is_true(answer.pending)
      app:advance(3)
      assert.equal("fake202", answer.body)
      assert.same({ "POST", "http://api.test/users?id=1", "k", "b" }, asked)
    end)

    it("leaves when what was written before is durable", function()
      local asked = 0
      local app = open({
        onRequest = function(self)
          self.room.storage:put("a", 1)
          party.fetch "http://api.test/"
          return party.Response "done"
        end,
      }, { fetch = function() asked = asked + 1 return party.Response "" end })
      app:slowCommits(1)
      local answer = app:room("r"):fetch()
      assert.equal(0, asked)
      app:advance(1)
      assert.equal(1, asked)
      assert.equal("done", answer.body)
      app:failCommits()
      assert.is_true(app:room("r"):fetch().pending)
      app:advance(1)
      assert.equal(1, asked)
    end)
  end)

  describe("context", function()
    it("has what the options ai and vectorize answer", function()
      local app = open({
        onRequest = function(self)
          local context = self.room.context
          local vector = context.ai:run("embed", { text = "hello" })
          return party.Response(context.vectorize.notes:query(vector)[1])
        end,
      }, {
        ai = function(model, inputs) return { model, inputs.text } end,
        vectorize = { notes = { query = function(_, vector) return { table.concat(vector) } end } },
      })
      assert.equal("embedhello", app:room("r"):fetch().body)
    end)

    it("streams what the option ai gives piece by piece", function()
      local app = open({
        onMessage = function(self, text, conn)
          local stream = self.room.context.ai:run("talk", { prompt = text, stream = true })
          for piece in stream:texts() do conn:send(piece) end
          conn:send "end"
        end,
        onRequest = function(self)
          return party.Response(self.room.context.ai:run("talk", { prompt = "x", stream = true }))
        end,
      }, {
        ai = function(_, inputs)
          if inputs.prompt == "x" then return { "a", "b" } end
          local left = 2
          return function()
            party.sleep(1)
            left = left - 1
            return left >= 0 and inputs.prompt .. left or nil
          end
        end,
      })
      local ana = app:room("r"):connect()
      ana:send "p"
      assert.quiet(ana)
      app:advance(2)
      assert.received(ana, "p1")
      assert.received(ana, "p0")
      app:advance(1)
      assert.received(ana, "end")
      local answer = app:room("r"):fetch()
      assert.equal("text/event-stream", answer.headers:get "content-type")
      assert.equal('data: {"response":"a"}\n\ndata: {"response":"b"}\n\ndata: [DONE]\n\n',
        answer.body)
    end)
  end)

  describe("app:together", function()
    it("lets messages arrive at the same moment", function()
      local app = open {
        onMessage = function(self, text)
          self.room.storage:put(text, true)
          self.room:broadcast(text)
        end,
      }
      local room = app:room "r"
      local ana, bob = room:connect(), room:connect()
      app:failCommits()
      app:together(function()
        ana:send "a"
        bob:send "b"
      end)
      assert.closed(ana, 1011)
      assert.same({}, room:storage())
    end)
  end)
end)
