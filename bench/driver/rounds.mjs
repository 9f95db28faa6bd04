// Runs the rounds: in each, every scenario starts every server anew, so that none pays for what
// another has left behind, and one after the other, so that a machine that grows slower or faster
// in a minute changes both sides of a ratio. Every second round takes the servers backwards.

import { load } from "./load.mjs";
import { findPort, startServer, stopServer } from "./process.mjs";

async function withServer(bench, peer, work) {
  const port = await findPort();
  const log = `build/bench/${peer.name}.log`;
  const server = await startServer(peer.command(port), port, log, bench.cores?.[0]);
  try {
    return await work(server);
  } finally {
    await stopServer(server);
  }
}

async function measure(scenario, server, context) {
  const { warmup, seconds } = context.size;
  const times = ["--warmup", String(warmup), "--seconds", String(seconds)];
  if (scenario.behind !== undefined) {
    const before = await load(server, [...scenario.behind, ...times], context.core);
    if (before.failed !== undefined) return before;
  }
  if (scenario.wrk !== undefined) return scenario.wrk(server, context);
  return load(server, [...scenario.load, ...times], context.core);
}

function run(bench, peer, scenario) {
  const core = bench.cores?.[1];
  const context = { peer, core, cores: bench.cores, size: bench.size };
  context.withServer = (work) => withServer(bench, peer, work);
  if (scenario.fresh !== undefined) return scenario.fresh(context);
  return context.withServer((server) => measure(scenario, server, context));
}

/** All figures, as a list of { round, peer, scenario, figures }. */
export async function runRounds(bench) {
  const results = [];
  for (let round = 1; round <= bench.rounds; round++) {
    const order = round % 2 === 1 ? bench.peers : [...bench.peers].reverse();
    for (const scenario of bench.scenarios) {
      for (const peer of order) {
        const figures = await run(bench, peer, scenario);
        results.push({ round, peer: peer.name, scenario: scenario.name, figures });
        const { failed } = figures;
        const outcome = failed === undefined ? "" : `: FAILED: ${failed}`;
        console.error(`round ${round}/${bench.rounds}  ${peer.name}  ${scenario.name}${outcome}`);
      }
    }
  }
  return results;
}
