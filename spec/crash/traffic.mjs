// traffic -- clients that write to rooms and remember everything they are told.

import { Agent, request } from "node:http";
import WebSocket from "ws";
import { makeOperation, writes } from "./operations.mjs";

const IN_FLIGHT = 8;

export const rooms = ["a1", "a2", "slow1", "h1", "h2"];
const socketRooms = rooms.slice(0, 3);

/** What is known of each room: operations by token, and told: sequence number to token. */
export function createLedgers() {
  return new Map(rooms.map((room) => [room, { operations: new Map(), told: new Map() }]));
}

// Whoever only reads is told of the newest entry, whatever it is.
function note(ledger, { t, seq }) {
  const operation = ledger.operations.get(t);
  const isEntry = operation === undefined || writes(operation);
  if (isEntry) ledger.told.set(seq, t);
  else if (seq > 0 && !ledger.told.has(seq)) ledger.told.set(seq, "");
}

// Tokens count what writes, so that a hole in what a connection has done shows.
function createSource(name, random, ledger) {
  let count = 0;
  let others = 0;
  return () => {
    const operation = makeOperation(random, "");
    operation.t = writes(operation) ? `${name}.${++count}` : `${name}.r${++others}`;
    ledger.operations.set(operation.t, operation);
    return operation;
  };
}

/** A client with several messages under way; ends with its connection. */
function runSocket(port, name, room, random, ledger) {
  const next = createSource(name, random, ledger);
  const own = new Set();
  return new Promise((done) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/parties/main/${room}`);
    const send = () => {
      const operation = next();
      own.add(operation.t);
      socket.send(JSON.stringify(operation));
    };
    socket.on("open", () => {
      for (let i = 0; i < IN_FLIGHT; i++) send();
    });
    socket.on("message", (data) => {
      const answer = JSON.parse(data);
      note(ledger, answer);
      if (!own.delete(answer.t)) return;
      if (random.chance(0.02)) socket.close();
      else if (socket.readyState === WebSocket.OPEN) send();
    });
    socket.on("error", () => {});
    socket.on("close", done);
  });
}

/** The answer's body, or undefined when there was none or it was a failure. */
function post(agent, port, path, body) {
  return new Promise((done) => {
    const sent = request({ agent, port, path, method: "POST", host: "127.0.0.1" }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece) => (text += piece));
      answer.on("end", () => done(answer.statusCode === 200 && answer.complete ? text : undefined));
      answer.on("error", () => done(undefined));
    });
    sent.on("error", () => done(undefined));
    sent.end(body);
  });
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A client that posts one operation after the other, with pauses in which rooms may leave. */
async function runPosts(port, name, random, ledgers, isOver) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let visit = 0; !isOver(); visit++) {
    const room = random.of(rooms);
    const ledger = ledgers.get(room);
    const operation = createSource(`${name}v${visit}`, random, ledger)();
    const answer = await post(agent, port, `/parties/main/${room}`, JSON.stringify(operation));
    if (answer !== undefined) note(ledger, JSON.parse(answer));
    await pause(random.chance(0.3) ? random.below(20) : 0);
  }
  agent.destroy();
}

async function runSockets(port, name, random, ledgers, isOver) {
  for (let visit = 0; !isOver(); visit++) {
    const room = random.of(socketRooms);
    await runSocket(port, `${name}v${visit}`, room, random, ledgers.get(room));
    await pause(1);
  }
}

/** Starts clients; `finish` waits until each has lost its server and read what it was sent. */
export function startTraffic(port, round, random, ledgers) {
  let isOver = false;
  const clients = [];
  for (let i = 0; i < 4; i++) {
    clients.push(runSockets(port, `${round}s${i}`, random.fork(), ledgers, () => isOver));
  }
  for (let i = 0; i < 3; i++) {
    clients.push(runPosts(port, `${round}p${i}`, random.fork(), ledgers, () => isOver));
  }
  return {
    finish() {
      isOver = true;
      return Promise.all(clients);
    },
  };
}

/** All that a room holds. */
export async function readRoom(port, room) {
  const answer = await fetch(`http://127.0.0.1:${port}/parties/main/${room}`);
  if (answer.status !== 200) throw new Error(`${room} answers ${answer.status}: ${await answer.text()}`);
  return new Map(await answer.json());
}
