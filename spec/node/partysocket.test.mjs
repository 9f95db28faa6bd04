// partysocket, the client of PartyKit, as it comes from npm.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { once } from "node:events";
import PartySocket from "partysocket";
import WebSocket from "ws";
import { serve, within } from "../support/server.mjs";

const APP = "spec/node/app.lua";

describe("partysocket", { timeout: 60_000 }, () => {
  let server;
  let sockets = [];
  let rooms = 0;

  before(async () => {
    server = await serve(APP);
  });
  after(() => server.stop());
  afterEach(() => {
    for (const socket of sockets) socket.close();
    sockets = [];
  });

  // A socket with `next()`, the next thing that it was sent, and `opened()`.
  function connect(options = {}) {
    const socket = new PartySocket({
      host: server.host, room: `room-${++rooms}`, WebSocket, minReconnectionDelay: 50, ...options
    });
    socket.binaryType = "arraybuffer";
    const arrived = [];
    const waiting = [];
    socket.addEventListener("message", ({ data }) => {
      if (waiting.length > 0) waiting.shift()(data);
      else arrived.push(data);
    });
    socket.next = () => within("a message", new Promise((done) => {
      if (arrived.length > 0) done(arrived.shift());
      else waiting.push(done);
    }));
    socket.greeting = async () => JSON.parse(await socket.next());
    sockets.push(socket);
    return socket;
  }

  async function closedOf(room, count) {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const answer = await fetch(`${server.url}/parties/main/${room}/closed`);
      const closed = await answer.json();
      if (closed.length >= count) return closed;
      assert.ok(Date.now() < deadline, `${closed.length} of ${count} closed`);
    }
  }

  test("enters a room under its own id", async () => {
    const socket = connect({ room: "garden", id: "ann-1" });
    const { id, room, path } = await socket.greeting();
    assert.deepEqual([id, room, path], ["ann-1", "garden", "/parties/main/garden"]);
    assert.equal(socket.id, "ann-1");
    assert.equal(socket.readyState, WebSocket.OPEN);
  });

  test("makes an id, and the room has the same", async () => {
    const socket = connect();
    assert.equal((await socket.greeting()).id, socket.id);
    assert.match(socket.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  test("brings a path and a query", async () => {
    const socket = connect({
      room: "garden", path: "deep/er", query: { token: "a b&c=ü", nothing: null, empty: "" }
    });
    const { path, query } = await socket.greeting();
    assert.equal(path, "/parties/main/garden/deep/er");
    assert.deepEqual(query, { _pk: socket.id, token: "a b&c=ü", empty: "" });
  });

  test("asks for the query anew at each attempt", async () => {
    let attempts = 0;
    const socket = connect({ query: async () => ({ attempt: String(++attempts) }) });
    assert.equal((await socket.greeting()).query.attempt, "1");
    socket.reconnect();
    assert.equal((await socket.greeting()).query.attempt, "2");
  });

  test("reaches a room by basePath, and one whose name was encoded", async () => {
    const short = connect({ room: undefined, basePath: "party/hall" });
    assert.equal((await short.greeting()).room, "hall");
    const encoded = connect({ room: encodeURIComponent("a b/c") });
    assert.equal((await encoded.greeting()).room, "a%20b%2Fc");
  });

  test("sends and receives text and bytes", async () => {
    const socket = connect();
    await socket.greeting();
    socket.send("grüße");
    assert.equal(await socket.next(), "grüße");
    socket.send(new Uint8Array([0, 255, 128]));
    const bytes = await socket.next();
    assert.ok(bytes instanceof ArrayBuffer);
    assert.deepEqual([...new Uint8Array(bytes)], [0, 255, 128]);
    socket.send("");
    assert.equal(await socket.next(), "");
  });

  test("sends what was said before it was open, in order", async () => {
    const socket = connect();
    for (let i = 0; i < 20; i++) assert.equal(socket.send(`early ${i}`), false);
    await socket.greeting();
    for (let i = 0; i < 20; i++) assert.equal(await socket.next(), `early ${i}`);
  });

  test("comes back with the same id after the room closed it", async () => {
    const socket = connect();
    const first = await socket.greeting();
    const closed = once(socket, "close");
    socket.send("close 4001 come back");
    const [{ code, reason }] = await within("the close", closed);
    assert.deepEqual([code, reason], [4001, "come back"]);
    assert.equal((await socket.greeting()).id, first.id);
    socket.send("again");
    assert.equal(await socket.next(), "again");
  });

  test("takes its own place when the old connection is still there", async () => {
    const room = "duel";
    const old = new WebSocket(`ws://${server.host}/parties/main/${room}?_pk=ann`);
    await once(old, "message");
    const ended = once(old, "close");
    const socket = connect({ room, id: "ann" });
    assert.equal((await socket.greeting()).id, "ann");
    await within("the end of the old one", ended);
    socket.send("still here");
    assert.equal(await socket.next(), "still here");
    assert.equal((await closedOf(room, 1)).length, 1);
  });

  test("moves to another room", async () => {
    const socket = connect({ room: "before" });
    await socket.greeting();
    socket.updateProperties({ room: "behind" });
    socket.reconnect();
    assert.equal((await socket.greeting()).room, "behind");
  });

  test("closes once and for all", async () => {
    const room = "closing";
    const socket = connect({ room });
    await socket.greeting();
    socket.close(1000, "enough");
    const [closed] = await closedOf(room, 1);
    assert.deepEqual(closed, { id: socket.id, code: 1000, reason: "enough", wasClean: true });
  });

  test("comes back after the server was away", async () => {
    const other = await serve(APP);
    const socket = connect({ host: other.host });
    const { id } = await socket.greeting();
    const closed = once(socket, "close");
    await other.stop();
    assert.equal((await within("the close", closed))[0].code, 1012);
    socket.send("kept meanwhile");
    const again = await serve(APP, { port: other.port });
    try {
      assert.equal((await socket.greeting()).id, id);
      assert.equal(await socket.next(), "kept meanwhile");
    } finally {
      socket.close();
      await again.stop();
    }
  });

  test("fetches from a room", async () => {
    const answer = await PartySocket.fetch(
      { host: server.host, room: "garden", path: "some/where", query: { a: "1 2" } },
      { method: "POST", body: JSON.stringify({ hello: "you" }),
        headers: { "content-type": "application/json" } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-room"), "garden");
    const seen = await answer.json();
    assert.equal(seen.method, "POST");
    assert.equal(seen.path, "/parties/main/garden/some/where");
    assert.deepEqual(seen.query, { a: "1 2" });
    assert.equal(seen.type, "application/json");
    assert.equal(seen.body, '{"hello":"you"}');
  });

  test("fetches without path and query, and from an unknown party", async () => {
    const answer = await PartySocket.fetch({ host: server.host, room: "garden" });
    assert.deepEqual((await answer.json()).query, {});
    const lost = await PartySocket.fetch({ host: server.host, party: "nosuch", room: "garden" });
    assert.equal(lost.status, 404);
    assert.equal(await lost.text(), "Party nosuch not found");
  });
});
