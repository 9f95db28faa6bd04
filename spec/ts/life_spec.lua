local json = require "partylua.json"
local party = require "spec.support.party"

local SERVER = [[
import type * as Party from "partykit/server";

type State = { name: string; visits: number };
let lives = 0;

export default class Room implements Party.Server {
  readonly options: Party.ServerOptions = { hibernate: true };
  messages = 0;
  found: string[] = [];

  constructor(readonly room: Party.Room) {
    lives++;
  }

  async onStart() {
    for (const conn of this.room.getConnections<State>()) {
      this.found.push(`${conn.id}:${conn.state?.name}`);
    }
    const { storage } = this.room;
    await storage.put("started", ((await storage.get<number>("started")) ?? 0) + 1);
  }

  getConnectionTags(_: Party.Connection, { request }: Party.ConnectionContext) {
    const tag = new URL(request.url).searchParams.get("tag");
    return tag ? [tag] : [];
  }

  onConnect(conn: Party.Connection<State>, ctx: Party.ConnectionContext) {
    conn.setState({ name: new URL(ctx.request.url).searchParams.get("name")!, visits: 0 });
  }

  async onMessage(message: string, sender: Party.Connection<State>) {
    this.messages++;
    const state = sender.setState((before) => ({ ...before!, visits: before!.visits + 1 }));
    if (message === "later") await this.room.storage.setAlarm(Date.now() + 2500);
    sender.send(JSON.stringify({
      lives, messages: this.messages, found: this.found, state,
      vips: [...this.room.getConnections("vip")].map((c) => c.id), uri: new URL(sender.uri).search,
    }));
  }

  async onAlarm() {
    const { storage } = this.room;
    const started = await storage.get<number>("started");
    const next = await storage.getAlarm();
    this.room.broadcast(JSON.stringify({ alarm: true, lives, started, next }));
  }

  onClose(conn: Party.Connection<State>) {
    this.room.broadcast(`${conn.state!.name} left`);
  }

  static async onCron(cron: Party.Cron, lobby: Party.CronLobby, ctx: Party.ExecutionContext) {
    const work = lobby.parties.main.get("book").fetch("/run", {
      method: "POST", body: `${cron.name} ${cron.cron} ${lobby.env.GREETING}`,
    });
    ctx.waitUntil(work);
  }

  async onRequest(req: Party.Request) {
    if (req.method === "POST") await this.room.storage.put("cron", await req.text());
    return Response.json({ cron: await this.room.storage.get("cron"), lives });
  }
}
]]

local CONFIG = [[{ "main": "server.ts", "vars": { "GREETING": "hello" },
  "crons": { "hourly": "0 * * * *" } }]]

describe("a room in TypeScript", function()
  local server
  before_each(function()
    local path, folder = party.write_file("server.ts", SERVER)
    party.write_file("partykit.json", CONFIG, folder)
    server = party.serve(path, { "--hibernate-idle", "700ms", "--log-level", "debug",
      "--dev-endpoints", "--config", folder .. "/partykit.json" }, folder)
  end)
  after_each(function() server:stop() end)

  local function ask(socket, message)
    socket:send(message)
    return json.decode((socket:receive()))
  end

  --- Waits until the room has gone while its connections stayed.
  local function hibernate()
    party.eventually("the room hibernates", function()
      return server:log():find("room: hibernate", 1, true)
    end)
  end

  it("hibernates: its object goes, connections stay with id, state, tags and uri", function()
    local ann = server:connect "/parties/main/a?_pk=ann&name=Ann&tag=vip"
    local bob = server:connect "/parties/main/a?_pk=bob&name=Bob"
    local first = ask(ann, "x")
    assert.same({ lives = 1, messages = 1, found = json.array {}, vips = { "ann" },
      state = { name = "Ann", visits = 1 }, uri = "?_pk=ann&name=Ann&tag=vip" }, first)
    hibernate()
    local again = ask(ann, "x")
    assert.same({ lives = 2, messages = 1, found = { "ann:Ann", "bob:Bob" }, vips = { "ann" },
      state = { name = "Ann", visits = 2 }, uri = "?_pk=ann&name=Ann&tag=vip" }, again)
    bob:close()
    assert.equal("Bob left", (ann:receive()))
  end)

  it("is woken by its alarm while it hibernates", function()
    local ann = server:connect "/parties/main/a?_pk=ann&name=Ann"
    ask(ann, "later")
    hibernate()
    local told = json.decode((ann:receive()))
    assert.is_true(told.alarm)
    assert.same({ 2, 2, json.null }, { told.lives, told.started, told.next })
  end)

  it("has crons, with a lobby and waitUntil", function()
    local answer = server:get "/__scheduled__?cron=hourly"
    assert.equal(200, answer.status, answer.body)
    party.eventually("the cron has run", function()
      return json.decode(server:get("/parties/main/book").body).cron == "hourly 0 * * * * hello"
    end)
  end)
end)
