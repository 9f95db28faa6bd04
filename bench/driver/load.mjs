// Runs the load generator (and wrk) against a server; every run gives one object of figures.

import { run } from "./process.mjs";

const program = "build/bench/load";

/** The figures of one run; { failed } says why there are none. */
async function runLoad(args, core) {
  const { status, output, errors } = await run([program, ...args], { core });
  try {
    const figures = JSON.parse(output);
    if (status === 0 || figures.failed !== undefined) return figures;
  } catch {
    // what it printed on standard error says more
  }
  return { failed: errors.trim().split("\n").at(-1) || `ended with ${status}` };
}

export const load = (server, args, core) =>
  runLoad([...args, "--port", String(server.port), "--pid", String(server.pid)], core);

export const firstAnswer = (command, port, cores) => {
  const pin = cores === null ? [] : ["--core", String(cores[0])];
  return runLoad(["first", "--port", String(port), ...pin, "--", ...command], cores?.[1]);
};

const toMicroseconds = { us: 1, ms: 1e3, s: 1e6 };

function readQuantile(output, name) {
  const [, number, unit] = new RegExp(`^\\s*${name}%\\s+([\\d.]+)(us|ms|s)$`, "m").exec(output) ?? [];
  return Number(number) * toMicroseconds[unit];
}

/** GETs by wrk, with the server's CPU time taken around them. */
export async function loadWithWrk(server, { connections, seconds, core }) {
  const args = ["-t1", `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`, "--latency"];
  const url = `http://127.0.0.1:${server.port}/parties/main/wrk`;
  const before = await load(server, ["usage"]);
  const { status, output, errors } = await run(["wrk", ...args, url], { core });
  const after = await load(server, ["usage"]);

  const [, count, time] = /(\d+) requests in ([\d.]+)s/.exec(output) ?? [];
  const complaint = /(Socket errors|Non-2xx).*/.exec(output);
  const failed = before.failed ?? after.failed ?? complaint?.[0];
  if (failed !== undefined) return { scenario: "wrk", failed };
  if (status !== 0 || !(count > 0)) return { scenario: "wrk", failed: errors.trim() || "no requests" };
  return {
    scenario: "wrk",
    connections,
    unit: "request",
    units: Number(count),
    seconds: Number(time),
    per_second: count / time,
    cpu_us: (after.cpu_us - before.cpu_us) / count,
    p50_us: readQuantile(output, 50),
    p99_us: readQuantile(output, 99),
    rss_bytes: after.rss_bytes,
  };
}
