--- How an app is opened: from a class, a file, a configuration; and what each app has of its own.

local file = require "pl.file"
local party = require "partylua.testing"
local path = require "pl.path"
local support = require "spec.support.party"

describe("party.app", function()
  local app
  after_each(function()
    if app then app:stop() end
    app = nil
  end)

  --- Opens an app of files, by their names; the first is the one that is opened.
  local function open(name, files, options)
    local folder
    for each, text in pairs(files) do
      local _, made = support.write_file(each, text, folder)
      folder = made
    end
    app = party.app(path.join(folder, name), options)
    return app, folder
  end

  it("takes a file, whose errors name it", function()
    open("app.lua", { ["app.lua"] = "return { onStart = function(self) error 'bad start' end }" })
    app:room("r"):connect()
    assert.matches("app.lua:1: bad start", app:takeErrors()[1])
    assert.error_matches(function() party.app "nowhere.lua" end, "no such file: nowhere.lua")
  end)

  it("finds a file beside the spec that names it", function()
    app = party.app "chat.lua"
    assert.equal("0", app:room("r"):fetch("/").body)
  end)

  it("takes several parties of one file", function()
    app = party.app(require("partylua").app {
      main = { onRequest = function(self) return party.Response "main" end },
      parties = { other = { onRequest = function(self) return party.Response "other" end } },
    })
    assert.equal("other", app:room("r", "other"):fetch().body)
  end)

  it("takes a file of TypeScript", function()
    open("server.ts", { ["server.ts"] = [[
      import type * as Party from "partykit/server";
      export default class Server implements Party.Server {
        constructor(readonly room: Party.Room) {}
        onConnect(conn: Party.Connection) { conn.send(`hello ${conn.id}`); }
        async onMessage(message: string, sender: Party.Connection) {
          await this.room.storage.put("last", message);
          this.room.broadcast(message, [sender.id]);
        }
      }]] })
    local room = app:room "r"
    local ana, bob = room:connect { id = "ana" }, room:connect { id = "bob" }
    assert.received(ana, "hello ana")
    bob:send "from bob"
    assert.received(ana, "from bob")
    assert.equal("from bob", room:storage "last")
    app:crash()
    assert.equal("from bob", room:storage "last")
  end)

  it("reads the configuration that names the file, but no .env", function()
    open("app.lua", {
      ["partylua.json"] = [[{
        "main": "app.lua", "parties": { "other": "other.lua" }, "serve": "public",
        "vars": { "A": "file", "B": "file" }, "crons": { "c": "* * * * *" },
      }]],
      ["app.lua"] = [[
        local party = require "partylua"
        return {
          onRequest = function(self) return party.Response(self.room.env.A .. self.room.env.B) end,
          onCron = function(self) self.ran = true end,
        }]],
      ["other.lua"] = "return { onRequest = function(self) "
        .. "return require 'partylua'.Response(tostring(self.room.env.SECRET)) end }",
      ["public/page.html"] = "<p>page</p>",
      [".env"] = "SECRET=x\nA=y",
    }, { env = { B = "spec" } })
    assert.equal("filespec", app:room("r"):fetch().body)
    assert.equal("nil", app:room("r", "other"):fetch().body)
    assert.equal("<p>page</p>", app:fetch("/page.html").body)
    app:cron "c"
  end)

  it("asks no model that the configuration names", function()
    open("app.lua", {
      ["partylua.json"] = [[{ "main": "app.lua", "ai": true }]],
      ["app.lua"] = "return { onConnect = function(self) "
        .. "self.room.context.ai:run('m', { prompt = 'p' }) end }",
    })
    app:room("r"):connect()
    assert.matches("give party.app { ai = function", app:takeErrors()[1].message)
  end)

  it("searches real indexes, which last as what rooms store", function()
    open("app.lua", {
      ["partylua.json"] = [[{ "main": "app.lua", "vectorize": {
        "docs": { "index_name": "docs", "dimensions": 2, "metric": "euclidean" } } }]],
      ["app.lua"] = [[
        local party = require "partylua"
        return {
          onMessage = function(self, id)
            self.room.storage:put("last", id)
            self.room.context.vectorize.docs:insert { { id = id, values = { #id, 0 } } }
          end,
          onRequest = function(self)
            local found = self.room.context.vectorize.docs:query { 0, 0 }
            local ids = {}
            for i, match in ipairs(found.matches) do ids[i] = match.id end
            return party.Response(table.concat(ids, " "))
          end,
        }]],
    })
    local ana = app:room("r"):connect()
    ana:send "bbb"
    ana:send "aa"
    assert.equal("aa bbb", app:room("r"):fetch().body)
    app:failCommits(1)
    app:room("r"):connect():send "c" -- and what follows a write that fails does not happen
    assert.equal("aa bbb", app:room("other"):fetch().body)
    app:failCommits(false)
    app:crash()
    assert.equal("aa bbb", app:room("r"):fetch().body)
  end)

  it("takes a configuration by its name", function()
    local _, folder = open("partylua.json", {
      ["partylua.json"] = [[{ "main": "main.lua", "limits": { "state-bytes": 100 } }]],
      ["main.lua"] = "return { onConnect = function(self, c) c:setState(('x'):rep(200)) end }",
    })
    assert.is_string(folder)
    app:room("r"):connect()
    assert.matches("cannot be larger than 100 bytes", app:takeErrors()[1].message)
  end)

  it("refuses what is no option, or no app", function()
    local class = { onConnect = function(self) end }
    assert.error_matches(function() party.app(class, { nwo = 1 }) end,
      "no option 'nwo'\n  hint: did you mean 'now'")
    assert.error_matches(function() party.app(class, { now = "today" }) end,
      "the option 'now' of party.app is a number, got a string")
    assert.error_matches(function() party.app(7) end, "takes a file or a class, got number")
    assert.error_matches(function() party.app(class, { limits = { rooms = 1 } }) end,
      "there is no limit 'rooms'")
    assert.error_matches(function() party.app(class, { crons = { c = "61 * * * *" } }) end, "61")
  end)

  it("blames the line of the spec", function()
    local ok, why = pcall(function() party.app { on_connect = function(self) end } end)
    assert.is_false(ok)
    assert.matches("^spec/testing/open_spec.lua:%d+: spec/testing/open_spec.lua:%d+:%d+: "
      .. "party main: 'on_connect' is not a hook", why)
  end)

  it("gives each app modules, storage and errors of its own", function()
    local files = {
      ["app.lua"] = [[
        local counter = require "counter_of_this_spec"
        return {
          onRequest = function(self)
            counter.n = counter.n + 1
            self.room.storage:put("n", (self.room.storage:get "n" or 0) + 1)
            return require "partylua".Response(counter.n .. "," .. self.room.storage:get "n")
          end,
        }]],
      ["counter_of_this_spec.lua"] = "return { n = 0 }",
    }
    for _ = 1, 2 do
      open("app.lua", files)
      assert.equal("1,1", app:room("r"):fetch().body)
      assert.equal("2,2", app:room("r"):fetch().body)
      app:restart()
      assert.equal("1,3", app:room("r"):fetch().body)
      app:crash()
      assert.equal("1,4", app:room("r"):fetch().body)
      app:stop()
      assert.is_nil(package.loaded.counter_of_this_spec)
    end
    app = nil
  end)

  it("leaves the app that runs alone when another cannot be loaded", function()
    local files = {
      ["app.lua"] = "return { onRequest = function(self) "
        .. "return require 'partylua'.Response(require 'late_of_this_spec') end }",
      ["late_of_this_spec.lua"] = "return 'late'",
      ["broken.lua"] = "return {",
    }
    local _, folder = open("app.lua", files)
    assert.error_matches(function() party.app(folder .. "/broken.lua") end, "syntax error")
    assert.equal("late", app:room("r"):fetch().body)
    open("app.lua", files) -- without stopping the first
    assert.is_nil(package.loaded.late_of_this_spec)
    assert.equal("late", app:room("r"):fetch().body)
  end)

  it("loads changed code at a restart", function()
    local _, folder = open("app.lua", { ["app.lua"] =
      "return { onRequest = function(self) return require 'partylua'.Response 'old' end }" })
    file.write(path.join(folder, "app.lua"),
      "return { onRequest = function(self) return require 'partylua'.Response 'new' end }")
    assert.equal("old", app:room("r"):fetch().body)
    app:restart()
    assert.equal("new", app:room("r"):fetch().body)
  end)

  it("ends the app before it, of which nothing goes on", function()
    local first = party.app { onConnect = function(self) party.every(1, function() end) end }
    local room = first:room "r"
    local ana = room:connect()
    app = party.app { onConnect = function(self) end }
    app:advance(10)
    assert.closed(ana, 1006)
    assert.error_matches(function() first:room "r" end, "the app was stopped")
    assert.error_matches(function() room:connect() end, "the app was stopped")
    first:stop()
  end)

  it("leaves rooms and connections that somebody keeps without effect", function()
    local kept
    app = party.app { onConnect = function(self, conn) kept = { self.room, conn } end }
    local ana = app:room("r"):connect { id = "ana" }
    app:crash()
    assert.same({ "main", "r", "ana" }, { kept[1].name, kept[1].id, kept[2].id })
    kept[2]:send "to nobody"
    kept[1]:broadcast "to nobody"
    assert.error_matches(function() kept[1].storage:get "a" end, "has left memory")
    assert.quiet(ana)
  end)

  it("says so when an app never comes to rest", function()
    app = party.app { onConnect = function(self)
      local function again() party.after(0, again) end
      again()
    end }
    assert.error_matches(function() app:room("r"):connect() end, "does not come to rest")
  end)

  it("cannot be driven by its own hooks, but looked into", function()
    local room, why, stored
    app = party.app({
      onRequest = function(self)
        self.room.storage:put("a", 1)
        return party.fetch "http://api.test/"
      end,
    }, {
      fetch = function()
        stored = room:storage "a"
        local _
        _, why = pcall(app.advance, app, 1)
        return party.Response "x"
      end,
    })
    room = app:room "r"
    assert.equal("x", room:fetch().body)
    assert.equal(1, stored)
    assert.matches("this is for a spec", why)
  end)

  it("says what to do about a fetch that nobody answers", function()
    app = party.app { onConnect = function(self) party.fetch "http://api.test/" end }
    app:room("r"):connect()
    assert.matches("give party.app { fetch = function", app:takeErrors()[1].message)
  end)

  it("opens no WebSockets to other servers", function()
    app = party.app { onConnect = function(self) party.WebSocket "ws://api.test/" end }
    app:room("r"):connect()
    assert.matches("party.WebSocket reaches nobody in a test", app:takeErrors()[1].message)
  end)

  it("has what require \"partylua\" gives", function()
    assert.equal(require("partylua").json, party.json)
  end)
end)

describe("the same seed", function()
  --- All that a small app has of chance and time, as one text.
  local function play(seed)
    local log = {}
    local app = party.app({
      onStart = function(self) self.timer = party.every(0.3, function()
        log[#log + 1] = ("%d %.17g"):format(party.now(), math.random())
      end) end,
      onConnect = function(self, conn)
        log[#log + 1] = conn.id .. party.uuid()
        self.room.storage:setAlarm(party.now() + math.random(5000))
      end,
      onAlarm = function(self) error "again" end,
    }, { seed = seed })
    local room = app:room "r"
    for _ = 1, 3 do
      log[#log + 1] = room:connect().id
      room:connect { id = false }
    end
    app:advance(30)
    log[#log + 1] = tostring(room:alarm())
    app:crash()
    room:connect()
    app:takeErrors()
    app:stop()
    return table.concat(log, "\n")
  end

  it("is the same run: ids, random numbers, timers and retries of alarms", function()
    local first = play(7)
    assert.is_true(#first > 1000)
    assert.equal(first, play(7))
    assert.not_equal(first, play(8))
  end)
end)
