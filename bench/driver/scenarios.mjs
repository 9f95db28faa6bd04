// What is measured, and what partylua is to reach.
//
// A scenario with `load` or `wrk` runs against a server of its own, which has `behind` behind it,
// unmeasured; one with `fresh` starts its servers itself. `reach` is a bound on the ratio to Bun,
// or with `absolute` on the figure itself.

import { firstAnswer, load, loadWithWrk } from "./load.mjs";
import { findPort } from "./process.mjs";

const echo = (...args) => ({ load: ["echo", "--connections", "100", ...args] });
const fanout = (...args) => ({ load: ["fanout", ...args] });
const connect = (...args) => ({ load: ["connect", "--connections", "50", ...args] });
const get = ["http", "--connections", "64"];

const starts = 5;

export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

async function idle({ withServer, size, core }, rooms) {
  const connections = String(size.idleConnections);
  const args = ["idle", "--connections", connections, "--rooms", String(rooms)];
  return withServer((server) => load(server, args, core));
}

async function measureIdle(bench) {
  const figures = await idle(bench, bench.size.idleConnections / 10);
  return { ...figures, value: figures.bytes_per_connection };
}

/** What a connection costs more when it has its room for itself. */
async function measureRoom(bench) {
  const apart = await idle(bench, bench.size.idleConnections);
  const together = await idle(bench, 1);
  const failed = apart.failed ?? together.failed;
  if (failed !== undefined) return { failed };
  return { apart, together, value: apart.bytes_per_connection - together.bytes_per_connection };
}

async function measureStart({ peer, cores }) {
  const all = [];
  for (let i = 0; i < starts; i++) {
    const port = await findPort();
    const figures = await firstAnswer(peer.command(port), port, cores);
    if (figures.failed !== undefined) return figures;
    all.push(figures.ms);
  }
  return { all, value: median(all) };
}

const wrk = (server, { size, core }) =>
  loadWithWrk(server, { connections: 64, seconds: size.seconds, core });

export const scenarios = [
  { name: "echo 20 B", ...echo(), reach: 1.15 },
  { name: "echo 20 B x16", ...echo("--in-flight", "16"), reach: 0.95 },
  { name: "echo 1 KiB x16", ...echo("--size", "1024", "--in-flight", "16"), reach: 0.9 },
  { name: "echo 64 KiB", ...echo("--size", "65536"), reach: 0.65 },
  { name: "echo 64 KiB binary", ...echo("--size", "65536", "--binary") },
  { name: "fanout 1x100", ...fanout("--members", "100"), reach: 1.1 },
  { name: "fanout 1x1000", ...fanout("--members", "1000"), reach: 1.1 },
  {
    name: "fanout 100x10 all send",
    ...fanout("--rooms", "100", "--members", "10", "--all-send"),
    reach: 0.95,
  },
  { name: "connect, one room", ...connect() },
  { name: "connect, new rooms", ...connect("--new-rooms"), reach: 0.95 },
  { name: "http GET", load: get },
  { name: "http GET by wrk", wrk, behind: get, reach: 0.85 },
  { name: "http GET, many rooms", load: get, behind: connect("--new-rooms").load },
  { name: "idle connection", fresh: measureIdle, unit: "B", reach: 1000, absolute: true },
  { name: "room of one", fresh: measureRoom, unit: "B", reach: 2048, absolute: true },
  { name: "first HTTP answer", fresh: measureStart, unit: "ms", reach: 20, absolute: true },
];
