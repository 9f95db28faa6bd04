// player -- plays a scenario against a server and says what its clients heard.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { shown } from "./transcript.mjs";

const SECONDS = Number(process.env.SPEC_SECONDS ?? 10);
/** While recording: as long as nothing is heard for this time, a step is over. */
const QUIET_MS = 120;

/** Headers that programs set; others are the business of the server. */
const SHOWN = /^(content-type|location|set-cookie|cache-control|retry-after|www-authenticate|x-.*|access-control-.*)$/;

class Client {
  constructor(name, url, headers, onHeard) {
    this.name = name;
    this.socket = new WebSocket(url, { headers });
    this.socket.binaryType = "nodebuffer";
    this.over = new Promise((done) => {
      this.socket.on("open", () => this.onOpen?.());
      this.socket.on("message", (data, isBinary) =>
        onHeard(shown.message(name, isBinary ? data : data.toString())));
      this.socket.on("close", (code, reason) => {
        if (!this.isRefused) onHeard(shown.closed(name, code, reason.toString()));
        done();
      });
      this.socket.on("unexpected-response", async (_request, response) => {
        this.isRefused = true;
        let text = "";
        for await (const chunk of response) text += chunk;
        onHeard(shown.refused(name, response.statusCode, text));
        this.onOpen?.();
        done();
      });
      this.socket.on("error", () => {});
    });
    this.opened = new Promise((done) => void (this.onOpen = done));
  }
}

export class Player {
  clients = new Map();
  room = "room";
  heardAt = 0;

  /**
   * @param {string} base    "http://127.0.0.1:1999"
   * @param {string} party
   * @param {boolean} isRecording    whether steps end when it is quiet, or when what is
   *                                 expected has been heard
   */
  constructor(base, party, isRecording) {
    Object.assign(this, { base, party, isRecording });
  }

  at(path) {
    const [party, room] = this.room.includes("/") ? this.room.split("/") : [this.party, this.room];
    return `${this.base}/parties/${party}/${room}${path === "/" ? "" : path.replace(/^\/\?/, "?")}`;
  }

  /** Plays the steps; resolves to what was heard in each, client by client. */
  async play(steps) {
    const results = [];
    this.order = [];
    try {
      for (const step of steps) results.push(await this.step(step));
      await this.leave(results);
    } finally {
      for (const client of this.clients.values()) client.socket.terminate();
    }
    return results;
  }

  async step(step) {
    this.heard = new Map(this.order.map((name) => [name, []]));
    const lines = (await this[step.kind]?.(step)) ?? [];
    if (step.kind && step.kind !== "in") await this.settle(step, lines.length);
    return [...lines, ...[...this.heard.values()].flat()];
  }

  hear(name, line) {
    this.heardAt = Date.now();
    this.heard.get(name).push(line);
  }

  count() {
    return [...this.heard.values()].flat().length;
  }

  /** Waits until the step's consequences are there. */
  async settle(step, answered) {
    const deadline = Date.now() + SECONDS * 1000;
    const isDone = this.isRecording
      ? () => Date.now() - this.heardAt > QUIET_MS
      : () => this.count() + answered >= step.heard.length;
    this.heardAt = Date.now();
    while (!isDone() && Date.now() < deadline) await sleep(5);
  }

  /** What has come by the time the server answers once more belongs to the last step. */
  async leave(results) {
    const before = new Map([...this.heard].map(([name, lines]) => [name, lines.length]));
    const open = [...this.clients.values()].filter(({ socket }) => socket.readyState === 1);
    await Promise.all(open.map(({ socket }) => {
      socket.ping();
      return Promise.race([once(socket, "pong"), once(socket, "close")]);
    }));
    for (const [name, lines] of this.heard) results.at(-1).push(...lines.slice(before.get(name)));
  }

  in({ room }) {
    this.room = room;
  }

  async connect({ name, path, headers }) {
    if (!this.heard.has(name)) {
      this.order.push(name);
      this.heard.set(name, []);
    }
    const url = new URL(this.at(path).replace(/^http/, "ws"));
    url.searchParams.set("_pk", name);
    const client = new Client(name, url, headers, (line) => this.hear(name, line));
    this.clients.set(name, client);
    await client.opened;
  }

  send({ name, data }) {
    this.clients.get(name).socket.send(data);
  }

  async close({ name, code, reason }) {
    this.clients.get(name).socket.close(code, reason || undefined);
    await this.clients.get(name).over;
  }

  async fetch({ method, path, headers, body }) {
    const response = await fetch(this.at(path), { method, headers, body, redirect: "manual" });
    const kept = [...response.headers].filter(([name]) => SHOWN.test(name));
    return shown.answer(response.status, kept, await response.text());
  }

  async until({ name, count }) {
    const deadline = Date.now() + SECONDS * 1000;
    while (this.heard.get(name).length < count) {
      if (Date.now() > deadline) break;
      await sleep(5);
    }
  }
}
