// ws, the WebSocket client that most Node programs use.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { once } from "node:events";
import WebSocket from "ws";
import { serve, within } from "../support/server.mjs";

const MIB = 1024 * 1024;

describe("ws", { timeout: 60_000 }, () => {
  let server;
  let sockets = [];
  let rooms = 0;

  before(async () => {
    server = await serve("spec/node/app.lua", { args: ["--ping-interval", "200ms"] });
  });
  after(() => server.stop());
  afterEach(() => {
    for (const socket of sockets) socket.terminate();
    sockets = [];
  });

  const address = (room) => `ws://${server.host}/parties/main/${room}`;

  // A socket that has got the room's greeting; `next()` gives [data, isBinary] of a message.
  async function connect(protocols, options) {
    const room = `room-${++rooms}`;
    const socket = new WebSocket(address(room), protocols, options);
    sockets.push(socket);
    const arrived = [];
    const waiting = [];
    socket.on("message", (...message) => {
      if (waiting.length > 0) waiting.shift()(message);
      else arrived.push(message);
    });
    socket.next = () => within("a message", new Promise((done) => {
      if (arrived.length > 0) done(arrived.shift());
      else waiting.push(done);
    }));
    socket.room = room;
    socket.hello = JSON.parse((await socket.next())[0]);
    return socket;
  }

  const closeOf = (socket) => within("the close", once(socket, "close"))
    .then(([code, reason]) => [code, String(reason)]);

  async function closedOf({ room }) {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const closed = await (await fetch(`${server.url}/parties/main/${room}/closed`)).json();
      if (closed.length > 0) return closed[0];
      assert.ok(Date.now() < deadline, "the room has not heard of a close");
    }
  }

  test("gets text as text and bytes as bytes", async () => {
    const socket = await connect();
    assert.match(socket.hello.id, /^[0-9a-f-]{36}$/);
    socket.send("grüße");
    let [data, isBinary] = await socket.next();
    assert.deepEqual([String(data), isBinary], ["grüße", false]);
    socket.send(Buffer.from([0, 1, 254, 255]));
    [data, isBinary] = await socket.next();
    assert.deepEqual([[...data], isBinary], [[0, 1, 254, 255], true]);
    socket.send("");
    [data, isBinary] = await socket.next();
    assert.deepEqual([data.length, isBinary], [0, false]);
  });

  for (const size of [125, 126, 65535, 65536, MIB - 1, MIB]) {
    test(`gets ${size} bytes back`, async () => {
      const socket = await connect();
      const sent = Buffer.alloc(size, "0123456789abcdef!");
      socket.send(sent.toString());
      const text = await socket.next();
      assert.ok(text[1] === false && text[0].equals(sent));
      socket.send(sent);
      const bytes = await socket.next();
      assert.ok(bytes[1] === true && bytes[0].equals(sent));
    });
  }

  test("is closed with 1009 for more than a mebibyte", async () => {
    const socket = await connect();
    socket.send(Buffer.alloc(MIB + 1));
    assert.equal((await closeOf(socket))[0], 1009);
  });

  test("is closed with 1009 for fragments that make more than a mebibyte", async () => {
    const socket = await connect();
    for (let i = 0; i < 16; i++) socket.send(Buffer.alloc(MIB / 16), { fin: false });
    socket.send(Buffer.alloc(1), { fin: true });
    assert.equal((await closeOf(socket))[0], 1009);
  });

  test("may send a message in fragments, with a ping between them", async () => {
    const socket = await connect();
    const pong = once(socket, "pong");
    socket.send("frag", { fin: false });
    socket.ping("between");
    socket.send("mented", { fin: true });
    assert.equal(String((await within("the pong", pong))[0]), "between");
    assert.equal(String((await socket.next())[0]), "fragmented");
  });

  test("gets a thousand messages back in order", async () => {
    const socket = await connect();
    for (let i = 0; i < 1000; i++) socket.send(String(i));
    for (let i = 0; i < 1000; i++) assert.equal(String((await socket.next())[0]), String(i));
  });

  test("gets a pong with what its ping held", async () => {
    const socket = await connect();
    for (const data of ["", "x".repeat(125)]) {
      const pong = once(socket, "pong");
      socket.ping(data);
      assert.equal(String((await within("the pong", pong))[0]), data);
    }
  });

  test("is pinged while it is silent, and stays", async () => {
    const socket = await connect();
    for (let i = 0; i < 3; i++) await within("a ping", once(socket, "ping"));
    socket.send("still here");
    assert.equal(String((await socket.next())[0]), "still here");
  });

  test("is given up when it does not answer pings", async () => {
    const socket = await connect(undefined, { autoPong: false });
    await within("the close", once(socket, "close"));
    assert.equal((await closedOf(socket)).code, 1006);
  });

  test("closes with its code and reason, which come back", async () => {
    const socket = await connect();
    socket.close(4321, "grüße");
    assert.equal((await closeOf(socket))[0], 4321);
    assert.deepEqual(await closedOf(socket),
      { id: socket.hello.id, code: 4321, reason: "grüße", wasClean: true });
  });

  test("may close without a code", async () => {
    const socket = await connect();
    socket.close();
    assert.equal((await closeOf(socket))[0], 1005);
    const { code, wasClean } = await closedOf(socket);
    assert.deepEqual([code, wasClean], [1005, true]);
  });

  test("is closed by the room with its code and reason", async () => {
    const socket = await connect();
    socket.send("close 4001 that is all, ü");
    assert.deepEqual(await closeOf(socket), [4001, "that is all, ü"]);
    assert.deepEqual(await closedOf(socket),
      { id: socket.hello.id, code: 4001, reason: "that is all, ü", wasClean: true });
  });

  test("may vanish, and the room hears of it", async () => {
    const socket = await connect();
    socket.terminate();
    const { code, wasClean } = await closedOf(socket);
    assert.deepEqual([code, wasClean], [1006, false]);
  });

  test("is given the first of the sub-protocols it offers, or none", async () => {
    assert.equal((await connect(["chat.v2", "chat.v1"])).protocol, "chat.v2");
    assert.equal((await connect()).protocol, "");
  });

  test("gets no extension that it offers", async () => {
    const socket = await connect(undefined, { perMessageDeflate: true });
    assert.equal(socket.extensions, "");
    socket.send("plain");
    assert.equal(String((await socket.next())[0]), "plain");
  });

  test("is refused where there is no room", async () => {
    const refusal = async (path) => {
      const socket = new WebSocket(`ws://${server.host}${path}`);
      socket.on("error", () => {});
      const [, answer] = await within("the refusal", once(socket, "unexpected-response"));
      answer.resume();
      return answer.statusCode;
    };
    assert.equal(await refusal("/parties/nosuch/room"), 404);
    assert.equal(await refusal("/parties/main/"), 404);
    assert.equal(await refusal("/"), 404);
  });
});
