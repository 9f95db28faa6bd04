// room -- one live room: the program's object and what it sees as Party.Room.
import { Connection } from "./connection.mjs";
import { Storage } from "./storage.mjs";

/** What a program's module gives, as hooks that are all called with the room's own arguments. */
function hooksOf(program, room) {
  if (typeof program === "function") return new program(room);
  const places = { onStart: 0, onConnect: 1, onMessage: 2, onClose: 1, onError: 2, onRequest: 1, onAlarm: 0 };
  const hooks = {};
  for (const [name, place] of Object.entries(places)) {
    if (!program[name]) continue;
    hooks[name] = (...given) => program[name](...given.toSpliced(place, 0, room));
  }
  return hooks;
}

export class Room {
  #connections = new Map();
  #blocked = [];

  constructor(program, party, id, { env, parties }) {
    this.name = party;
    this.id = id;
    this.env = env;
    this.context = { parties };
    this.parties = parties;
    this.storage = new Storage(() => this.#run("onAlarm"));
    this.#start(program);
  }

  #start(program) {
    this.hooks = hooksOf(program, this);
    this.started = Promise.all(this.#blocked).then(() => this.hooks.onStart?.());
  }

  get internalID() {
    return this.id;
  }

  get connections() {
    return this.#connections;
  }

  blockConcurrencyWhile(run) {
    const promise = run();
    this.#blocked.push(promise);
    return promise;
  }

  broadcast(message, without = []) {
    for (const each of this.#connections.values()) {
      if (!without.includes(each.id) && each.readyState === 1) each.send(message);
    }
  }

  getConnection(id) {
    return this.#connections.get(id);
  }

  *getConnections(tag) {
    for (const each of this.#connections.values()) {
      if (tag === undefined || each.tags.includes(tag)) yield each;
    }
  }

  async #run(name, ...given) {
    try {
      await this.hooks[name]?.(...given);
    } catch (error) {
      console.error(`${this.name}/${this.id}: ${name}:`, error);
    }
  }

  /** A client's socket whose handshake is done. */
  async connect(socket, id, uri, request) {
    // What comes before onConnect has ended waits.
    let ready;
    const connected = new Promise((done) => void (ready = done));
    const connection = new Connection(socket, id, uri);
    socket.on("message", async (data, isBinary) => {
      await connected;
      const bytes = new Uint8Array(data);
      await this.#run("onMessage", isBinary ? bytes.buffer : data.toString(), connection);
    });
    socket.on("close", async () => {
      await connected;
      this.#connections.delete(id);
      await this.#run("onClose", connection);
    });
    await this.started;
    const context = { request };
    connection.tags = (await this.hooks.getConnectionTags?.(connection, context)) ?? [];
    this.#connections.set(id, connection);
    await this.#run("onConnect", connection, context);
    ready();
  }

  async request(request) {
    await this.started;
    if (!this.hooks.onRequest) return new Response("Not Found", { status: 404 });
    try {
      return await this.hooks.onRequest(request);
    } catch (error) {
      console.error(`${this.name}/${this.id}: onRequest:`, error);
      return new Response("Internal Server Error", { status: 500 });
    }
  }
}
