local Inference = require "spec.support.inference"
local json = require "partylua.json"
local party = require "spec.support.party"

local inference
setup(function() inference = Inference.start() end)
teardown(function() inference:stop() end)

--- Serves a program with the models of the provider.
local function serve(source, more, files)
  local path, folder = party.write_file("server.ts", source)
  for name, text in pairs(files or {}) do party.write_file(name, text, folder) end
  local settings = { ai = inference:config "openai" }
  for name, value in pairs(more or {}) do settings[name] = value end
  party.write_file("partykit.json", json.encode(settings), folder)
  return party.serve(path, { "--var", "SPEC_KEY=spec-key", "--config",
    folder .. "/partykit.json" }, folder)
end

describe("a room in TypeScript asks models", function()
  local server
  setup(function()
    server = serve [[
      import type * as Party from "partykit/server";
      import { Ai } from "partykit-ai";

      export default class Assistant implements Party.Server {
        ai = new Ai(this.room.context.ai);
        constructor(readonly room: Party.Room) {}

        static async onFetch(req: Party.Request, lobby: Party.FetchLobby) {
          const { response } = await new Ai(lobby.ai).run("echo", { prompt: "lobby" });
          return new Response(response);
        }

        async onRequest(req: Party.Request) {
          const path = new URL(req.url).pathname.split("/").pop();
          const messages = [{ role: "user", content: "one two three", name: undefined }];
          if (path === "text") {
            return Response.json(await this.ai.run("echo", { messages }));
          }
          if (path === "pass") {
            const stream = await this.ai.run("echo", { messages, stream: true });
            return new Response(stream, { headers: { "content-type": "text/event-stream" } });
          }
          if (path === "read") {
            const { ai } = this.room.context;
            const stream: ReadableStream = await ai.run("echo", { messages, stream: true });
            let text = "";
            for await (const chunk of stream) text += new TextDecoder().decode(chunk);
            return new Response(text.split("\n\n").filter(Boolean).length + " events");
          }
          if (path === "models") {
            return Response.json((await this.ai.models()).map((m: any) => m.id).length > 0);
          }
          try {
            if (path === "abort") {
              await this.ai.run("hold-ts", { messages }, { signal: AbortSignal.timeout(20) });
            }
            await this.ai.run("status-503", { messages });
            return new Response("not reached");
          } catch (e: any) {
            return Response.json({ name: e.name, status: e.status, isError: e instanceof Error });
          }
        }
      }
    ]]
  end)
  teardown(function() server:stop() end)

  local function ask(path) return server:get("/parties/main/a/" .. path).body end

  it("and gets the answer as a promise", function()
    assert.equal("user: one two three", json.decode(ask "text").response)
    assert.matches("lobby$", server:get("/").body)
  end)

  it("and gets a stream of what is said meanwhile, to read or to pass on", function()
    local events = ask "pass"
    assert.matches('data: {"response":"', events, 1, true)
    assert.matches("data: [DONE]\n\n", events, 1, true)
    local _, count = events:gsub("\n\n", "")
    assert.equal(count .. " events", ask "read")
  end)

  it("and hears of failures as Errors, and gives up by a signal", function()
    local failed = json.decode(ask "fail")
    assert.is_true(failed.isError)
    assert.equal("InferenceUpstreamError", failed.name)
    assert.same({ name = "TimeoutError", isError = true }, json.decode(ask "abort"))
  end)

  it("and lists them", function() assert.equal("true", ask "models") end)
end)

describe("a room in TypeScript reads static files", function()
  it("as Responses, or null", function()
    local server = serve([[
      import type * as Party from "partykit/server";
      export default class implements Party.Server {
        constructor(readonly room: Party.Room) {}
        async onRequest(req: Party.Request) {
          const { assets } = this.room.context;
          const page = await assets.fetch("/page.html");
          const refused = await assets.fetch("page.html").catch((e: Error) => e.message);
          return Response.json([
            page?.status, page?.headers.get("content-type"), await page?.text(),
            await assets.fetch("/nothing"), refused,
          ]);
        }
      }
    ]], { serve = "public" }, { ["public/page.html"] = "<h1>Hello</h1>" })
    finally(function() server:stop() end)
    local answer = json.decode(server:get("/parties/main/a").body)
    assert.same({ 200, "<h1>Hello</h1>", json.null, "Path must start with /" },
      { answer[1], answer[3], answer[4], answer[5] })
    assert.matches("^text/html", answer[2])
  end)
end)

describe("a room in TypeScript searches vectors", function()
  it("by promises, with numbers of every kind", function()
    local server = serve([[
      import type * as Party from "partykit/server";
      export default class implements Party.Server {
        constructor(readonly room: Party.Room) {}
        static async onFetch(_: Party.Request, lobby: Party.FetchLobby) {
          return Response.json((await lobby.vectorize.notes.describe()).vectorsCount);
        }
        async onRequest() {
          const { notes } = this.room.context.vectorize;
          const added = await notes.upsert([
            { id: "a", values: [1, 0, 0], metadata: { text: "first", tags: ["x"] } },
            { id: "b", values: new Float32Array([0, 1, 0]), namespace: undefined },
            { id: "c", values: new Float64Array([0, 0.5, 1]) },
          ]);
          const found = await notes.query([0.9, 0.1, 0], { topK: 2, returnMetadata: true });
          const byId = await notes.getByIds(["c", "nobody"]);
          const wrong = await notes.query([1], {}).catch((e: Error) => e instanceof Error);
          return Response.json({
            count: added.count, ids: found.matches.map((m) => m.id), wrong,
            metadata: found.matches[0].metadata, values: [...byId[0].values], n: byId.length,
          });
        }
      }
    ]], { vectorize = { notes = { index_name = "notes", dimensions = 3, metric = "euclidean" } } })
    finally(function() server:stop() end)
    assert.same({ count = 3, ids = { "a", "b" }, wrong = true, n = 1, values = { 0, 0.5, 1 },
      metadata = { text = "first", tags = { "x" } } },
      json.decode(server:get("/parties/main/a").body))
    assert.equal("3", server:get("/").body)
  end)
end)

describe("what PartyKit's platform has and a program asks for", function()
  local server
  setup(function()
    server = serve([[
      import type * as Party from "partykit/server";

      const messageOf = (read: () => unknown) => {
        try { return String(read()); } catch (error) { return (error as Error).message; }
      };

      export default class implements Party.Server {
        constructor(readonly room: Party.Room) {}

        static onFetch(req: Party.Request, lobby: Party.FetchLobby) {
          lobby.analytics.writeDataPoint({ blobs: ["a"] });
          return Response.json([
            messageOf(() => lobby.bindings.r2.files), Object.keys(lobby.bindings.r2),
          ]);
        }

        onRequest() {
          const { bindings } = this.room.context;
          this.room.analytics.writeDataPoint({ blobs: ["a"] });
          return Response.json([
            messageOf(() => bindings.r2.files), messageOf(() => bindings.kv.notes),
            messageOf(() => bindings.kv.files), Object.keys(bindings),
          ]);
        }
      }
    ]], { bindings = { r2 = { files = "bucket" }, kv = { notes = "id" } } })
  end)
  teardown(function() server:stop() end)

  local BUCKET = "context.bindings.r2.files is declared in the configuration, but there is no R2 "
    .. "bucket here: keep values in room.storage, or reach a store elsewhere by fetch"

  it("says of what is declared that it is not here, and nothing of the rest", function()
    assert.same({ BUCKET,
      (BUCKET:gsub("r2.files", "kv.notes"):gsub("R2 bucket", "KV namespace")), "undefined",
      { "r2", "kv" } }, json.decode(server:get("/party/a").body))
  end)

  it("is the same for lobbies", function()
    assert.same({ BUCKET, { "files" } }, json.decode(server:get("/x").body))
  end)

  it("does not count, and says so once", function()
    server:get "/party/b"
    server:expect_log "(writeDataPoint does nothing here)"
    local _, count = server:log():gsub("writeDataPoint", "")
    assert.equal(1, count)
  end)
end)

describe("a hook of the class that a program has on the room's object", function()
  it("is never called, and the log says so", function()
    local server = serve [[
      import type * as Party from "partykit/server";
      export default class {
        constructor(readonly room: Party.Room) {}
        onBeforeRequest(request: Party.Request) { return new Response("never", { status: 403 }); }
        onRequest() { return new Response("asked"); }
      }
    ]]
    finally(function() server:stop() end)
    assert.equal("asked", server:get("/party/a").body)
    server:expect_log "warn app: party main: onBeforeRequest on the room's object is never called"
  end)
end)
