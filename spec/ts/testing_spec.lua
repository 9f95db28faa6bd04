local party = require "partylua.testing"
local support = require "spec.support.party"

local SERVER = [[
import type * as Party from "partykit/server";

let visits = 0;

export default class Room implements Party.Server {
  options = { hibernate: true };
  constructor(readonly room: Party.Room) {}

  onConnect(conn: Party.Connection) {
    conn.send(`visit ${++visits} at ${Date.now() % 60000}`);
  }

  async onMessage(message: string, sender: Party.Connection) {
    if (message === "timer") {
      setTimeout(() => sender.send(`late at ${Date.now() % 60000}`), 5000);
    } else if (message === "alarm") {
      await this.room.storage.setAlarm(Date.now() + 60_000);
    } else if (message === "boom") {
      throw new RangeError("boom");
    } else {
      const log = (await this.room.storage.get<string[]>("log")) ?? [];
      await this.room.storage.put("log", [...log, message]);
      this.room.broadcast(JSON.stringify({ from: sender.id, message }), [sender.id]);
    }
  }

  onAlarm() {
    this.room.broadcast("alarm");
  }

  async onRequest() {
    return Response.json(await this.room.storage.get("log"));
  }
}
]]

describe("partylua.testing runs rooms in TypeScript", function()
  local path = support.write_file("server.ts", SERVER)
  local app
  before_each(function() app = party.app(path) end)
  after_each(function() app:stop() end)

  it("each app with a program of its own", function()
    for _ = 1, 2 do
      assert.matches("^visit 1 ", app:room("a"):connect({}):receive())
      app:stop()
      app = party.app(path)
    end
  end)

  it("with messages and storage", function()
    local room = app:room "a"
    local ann, bob = room:connect { id = "ann" }, room:connect { id = "bob" }
    ann:receive()
    bob:receive()
    bob:send "hello"
    assert.received(ann, { from = "bob", message = "hello" })
    assert.quiet(bob)
    assert.equal('["hello"]', room:fetch("/").body)
  end)

  it("on a clock that the spec moves, for timers, dates and alarms", function()
    local ann = app:room("a"):connect {}
    local began = tonumber(ann:receive():match "at (%d+)$")
    ann:send "timer"
    ann:send "alarm"
    app:advance(4.999)
    assert.quiet(ann)
    app:advance(0.001)
    assert.equal(("late at %d"):format((began + 5000) % 60000), ann:receive())
    app:advance(55)
    assert.equal("alarm", ann:receive())
  end)

  it("over hibernation", function()
    local room = app:room "a"
    local ann = room:connect { id = "ann" }
    ann:receive()
    ann:send "one"
    room:hibernate()
    ann:send "two"
    assert.equal('["one","two"]', room:fetch("/").body)
  end)

  it("and reports a hook that fails, with its place", function()
    app:room("a"):connect({}):send "boom"
    assert.matches("server.ts:19: boom", app:takeErrors()[1])
  end)
end)
