// host -- offers the Party API around TypeScript modules in Node, to record what they do.
//
// A server of HTTP and WebSockets for the parties of a project folder. It does what the room
// modules of spec/ts/rooms need and no more: no limits, no durability, no hibernation.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import { register } from "node:module";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { WebSocket, WebSocketServer } from "ws";
import { Room } from "./room.mjs";

// Node 20 has none of its own.
globalThis.WebSocket ??= WebSocket;

register("./loader.mjs", import.meta.url);

async function loadParties(folder) {
  const { main, parties = {} } = JSON.parse(readFileSync(join(folder, "partykit.json"), "utf8"));
  const programs = {};
  for (const [name, file] of Object.entries(main ? { main, ...parties } : parties)) {
    programs[name] = (await import(pathToFileURL(join(folder, file)))).default;
  }
  return programs;
}

function requestOf(incoming, origin) {
  const hasBody = !["GET", "HEAD"].includes(incoming.method);
  const request = new Request(new URL(incoming.url, origin), {
    method: incoming.method,
    headers: incoming.headers,
    body: hasBody ? Readable.toWeb(incoming) : undefined,
    duplex: "half",
  });
  return Object.assign(request, { cf: {} });
}

async function answer(response, outgoing) {
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.writeHead(response.status, response.statusText || undefined);
  if (!response.body) return void outgoing.end();
  for await (const chunk of response.body) {
    outgoing.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  }
  outgoing.end();
}

class Host {
  rooms = new Map();
  sockets = new WebSocketServer({ noServer: true });
  server = http.createServer((incoming, outgoing) => this.onRequest(incoming, outgoing));

  constructor(programs, env) {
    this.programs = programs;
    this.env = env;
    this.server.on("upgrade", (...given) => this.onUpgrade(...given));
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  get parties() {
    const entries = Object.keys(this.programs).map((party) => [party, {
      get: (id) => this.stub(party, id),
    }]);
    return Object.fromEntries(entries);
  }

  stub(party, id) {
    const at = (path = "") => `${this.url}/parties/${party}/${id}${path}`;
    const split = (path, init) => (typeof path === "string" ? [at(path), init] : [at(), path]);
    const open = (url) => {
      const socket = new WebSocket(url.replace("http", "ws"));
      socket.binaryType = "arraybuffer";
      return socket;
    };
    return {
      fetch: (path, init) => this.room(party, id).request(new Request(...split(path, init))),
      connect: () => open(at()),
      async socket(path, init) {
        const socket = open(split(path, init)[0]);
        await new Promise((done, fail) => socket.once("open", done).once("error", fail));
        return socket;
      },
    };
  }

  room(party, id) {
    const key = `${party}/${id}`;
    if (!this.rooms.has(key)) {
      const { env, parties } = this;
      this.rooms.set(key, new Room(this.programs[party], party, id, { env, parties }));
    }
    return this.rooms.get(key);
  }

  /** The arguments of static hooks behind the first, and the room a path means. */
  target(path) {
    const [, party, id] = /^\/parties\/([^/?]+)\/([^/?]+)/.exec(path) ?? [];
    if (!party || !this.programs[party]) return undefined;
    const lobby = { id, env: this.env, parties: this.parties };
    return { program: this.programs[party], party, id, given: [lobby, { waitUntil() {} }] };
  }

  async onRequest(incoming, outgoing) {
    const target = this.target(incoming.url);
    let request = requestOf(incoming, this.url);
    let response;
    if (!target) {
      response = new Response("Not found", { status: 404 });
    } else {
      const before = await target.program.onBeforeRequest?.(request, ...target.given);
      if (before instanceof Response) response = before;
      else if (before) request = before;
      response ??= await this.room(target.party, target.id).request(request);
    }
    await answer(response, outgoing);
  }

  async onUpgrade(incoming, socket, head) {
    const { program, party, id, given } = this.target(incoming.url);
    const request = requestOf(incoming, this.url);
    const before = await program.onBeforeConnect?.(request, ...given);
    if (before instanceof Response) {
      const text = await before.text();
      socket.end(`HTTP/1.1 ${before.status} Refused\r\nconnection: close\r\n`
        + `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
      return;
    }
    this.sockets.handleUpgrade(incoming, socket, head, (opened) => {
      const connection = new URL(request.url).searchParams.get("_pk") ?? randomUUID();
      this.room(party, id).connect(opened, connection, request.url, before ?? request);
    });
  }

  async stop() {
    for (const client of this.sockets.clients) client.terminate();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

/** Serves the project in `folder` on a free port of 127.0.0.1: { url, stop() }. */
export async function serve(folder, env = {}) {
  const host = new Host(await loadParties(folder), env);
  await new Promise((done) => host.server.listen(0, "127.0.0.1", done));
  return host;
}
