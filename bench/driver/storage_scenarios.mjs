// What is measured of storage, and what partylua is to reach. Each scenario measures once a
// round and gives figures by name.

import { mkdirSync, rmSync } from "node:fs";
import { firstAnswer, load } from "./load.mjs";
import { findPort, run, startServer, stopServer } from "./process.mjs";
import { watchAlarms } from "./storage_alarms.mjs";
import { median } from "./scenarios.mjs";

const app = "bench/peers/store/app.lua";
const folderOf = (name) => `build/bench/data-${name}`;

function emptyFolder(name) {
  rmSync(folderOf(name), { recursive: true, force: true });
  mkdirSync(folderOf(name), { recursive: true });
  return folderOf(name);
}

const partylua = ({ program }, port, folder) =>
  [program, "serve", app, "--port", String(port), "--host", "127.0.0.1", "--log-level", "warn",
    "--log-format", "text", "--data", folder];

const peer = (name) => (bench, port, folder) => ["build/bench/store", name, String(port), folder];

const commands = { partylua, sqlite: peer("sqlite"), log: peer("log") };

/** A server on an empty folder, or on one that holds something. It is pinned only where the disk
 * has no part: each of these servers has two threads that hand work to each other. */
async function serve(bench, name, { folder = emptyFolder(name), core } = {}) {
  const port = await findPort();
  return startServer(commands[name](bench, port, folder), port, `build/bench/${name}.log`, core);
}

async function withServer(bench, work, options) {
  const server = await serve(bench, "partylua", options);
  try {
    return await work(server);
  } finally {
    await stopServer(server);
  }
}

async function measureLoad(bench, server, args, { share = 1, core } = {}) {
  const seconds = bench.size.seconds * share;
  const times = ["--warmup", String(Math.min(0.5, seconds) * share), "--seconds", String(seconds)];
  const figures = await load(server, ["echo", ...args, ...times], core);
  if (figures.failed !== undefined) throw new Error(`the load failed: ${figures.failed}`);
  return figures;
}

const writers = (connections) => ["--kind", "store", "--size", "100", "--connections", String(connections)];

/** One turn of all peers, in an order that changes from turn to turn. */
async function takeTurn(bench, servers, turn) {
  const rates = {};
  for (const count of [1, 64]) {
    const names = Object.keys(servers);
    if (turn % 2 === 1) names.reverse();
    for (const name of names) {
      const figures = await measureLoad(bench, servers[name], writers(count), { share: 0.5 });
      rates[`${name} ${count}`] = figures.per_second;
    }
  }
  return rates;
}

/** Every message is one put, answered when it is durable. How long a sync takes changes from
 * second to second where others use the disk, so the peers take short turns, and a ratio is taken
 * within a turn. */
async function measureWaiting(bench) {
  const servers = {};
  const turns = [];
  try {
    for (const name of Object.keys(commands)) servers[name] = await serve(bench, name);
    for (let turn = 0; turn < bench.size.turns; turn++) turns.push(await takeTurn(bench, servers, turn));
  } finally {
    for (const server of Object.values(servers)) await stopServer(server);
  }
  const middle = (pick) => median(turns.map(pick));
  const figures = {
    "1 waiting / log": middle((rates) => rates["partylua 1"] / rates["log 1"]),
    "64 waiting / 1 waiting": middle((rates) => rates["partylua 64"] / rates["partylua 1"]),
    "64 waiting / sqlite": middle((rates) => rates["partylua 64"] / rates["sqlite 64"]),
  };
  for (const name of Object.keys(turns[0])) figures[`${name} waiting`] = middle((rates) => rates[name]);
  return figures;
}

/** A room that only echoes, while 64 others write as fast as the disk lets them. */
async function measureQuiet(bench) {
  const echo = ["--connections", "8", "--size", "100"];
  return withServer(bench, async (server) => {
    const alone = await measureLoad(bench, server, echo);
    const seconds = String(bench.size.seconds * 2 + 1);
    const writing = load(server, ["echo", ...writers(64), "--warmup", "0", "--seconds", seconds]);
    const beside = await measureLoad(bench, server, echo);
    const { failed } = await writing;
    if (failed !== undefined) throw new Error(`the writers failed: ${failed}`);
    return {
      "echo p99 alone": alone.p99_us,
      "echo p99 beside writers": beside.p99_us,
      "echo p99 beside / alone": beside.p99_us / alone.p99_us,
    };
  });
}

/** What a message costs in a room that has stored something, and in one that has not. */
async function measureGate(bench) {
  const [core, other] = bench.cores ?? [];
  const costs = { echo: 0, kept: 0 };
  await withServer(bench, async (server) => {
    for (const kind of ["echo", "kept", "kept", "echo"]) { // so that a drift favours neither
      const args = ["--connections", "100", "--in-flight", "16", "--kind", kind];
      costs[kind] += (await measureLoad(bench, server, args, { core: other })).cpu_us;
    }
  }, { core });
  return { "message with storage / without": costs.kept / costs.echo };
}

async function measureGet(bench) {
  return withServer(bench, async (server) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/parties/main/get/get?count=${bench.size.gets}`);
    return { "get of a small table": (await answer.json()).microseconds };
  });
}

async function runTool(command) {
  const { status, output, errors } = await run(command, { limitMs: 600000 });
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}: ${errors.trim()}`);
  return output.trim();
}

async function fill(bench, name, dueMs) {
  const folder = emptyFolder(name);
  const value = await runTool([bench.program, "bench/fill/value.lua"]);
  const due = dueMs === undefined ? [] : [String(dueMs)];
  await runTool(["build/bench/fill", folder, String(bench.size.rooms), value, ...due]);
  return folder;
}

/** Milliseconds from exec to an answer: the middle of some starts. */
async function timeStarts(bench, folder) {
  const all = [];
  for (let i = 0; i < bench.size.starts; i++) {
    const port = await findPort();
    const figures = await firstAnswer(partylua(bench, port, folder), port, null);
    if (figures.failed !== undefined) throw new Error(figures.failed);
    all.push(figures.ms);
  }
  return median(all);
}

async function timeVisits(bench, server) {
  const times = [];
  for (let i = 0; i < 500; i++) {
    const room = Math.floor(Math.random() * bench.size.rooms);
    const started = performance.now();
    const answer = await fetch(`http://127.0.0.1:${server.port}/parties/main/${room}`);
    const { value } = await answer.json();
    times.push(performance.now() - started);
    if (value !== "stored long ago") throw new Error(`room ${room} holds ${value}`);
  }
  return median(times.slice(50)); // fetch has to warm up
}

const mebibytes = (bytes) => bytes / 2 ** 20;

async function measureRooms(bench) {
  const folder = await fill(bench, "rooms");
  const start = await timeStarts(bench, folder);
  const figures = await withServer(bench, async (server) => {
    const { rss_bytes } = await load(server, ["usage"]);
    return { "stored rooms: resident": mebibytes(rss_bytes), "stored rooms: open one": await timeVisits(bench, server) };
  }, { folder });
  rmSync(folder, { recursive: true });
  return { "stored rooms: start": start, ...figures };
}

/** All alarms are due when the server starts. */
async function measureAlarms(bench) {
  const folder = await fill(bench, "alarms", 1000);
  const start = await timeStarts(bench, folder);
  const figures = await withServer(bench, (server) => watchAlarms(bench, server), { folder });
  rmSync(folder, { recursive: true });
  return {
    "stored alarms: start": start,
    "stored alarms: own memory at most": mebibytes(figures.ownBytes),
    "stored alarms: run": figures.perSecond,
  };
}

export const scenarios = [
  {
    name: "waiting",
    measure: measureWaiting,
    bounds: [
      ["log 1 waiting", "/s"], ["sqlite 1 waiting", "/s"], ["partylua 1 waiting", "/s"],
      ["log 64 waiting", "/s"], ["sqlite 64 waiting", "/s"], ["partylua 64 waiting", "/s"],
      ["1 waiting / log", "", ">=", 0.45],
      ["64 waiting / 1 waiting", "", ">=", 12],
      ["64 waiting / sqlite", "", ">=", 1],
    ],
  },
  {
    name: "quiet",
    measure: measureQuiet,
    bounds: [
      ["echo p99 alone", "us"], ["echo p99 beside writers", "us"],
      ["echo p99 beside / alone", "", "<=", 2],
    ],
  },
  { name: "gate", measure: measureGate, bounds: [["message with storage / without", "", "<=", 1.05]] },
  { name: "get", measure: measureGet, bounds: [["get of a small table", "us", "<=", 2]] },
  {
    name: "rooms",
    measure: measureRooms,
    isOnce: true,
    bounds: [
      ["stored rooms: start", "ms", "<=", 1000],
      ["stored rooms: resident", "MiB", "<=", 50],
      ["stored rooms: open one", "ms", "<=", 1],
    ],
  },
  {
    name: "alarms",
    measure: measureAlarms,
    isOnce: true,
    bounds: [
      ["stored alarms: start", "ms", "<=", 1000],
      ["stored alarms: own memory at most", "MiB", "<=", 50],
      ["stored alarms: run", "/s"],
    ],
  },
];
