// Runs the rounds: in each, every server is started anew. Every second round goes through the
// servers backwards, so that a machine that grows slower or faster favours none of them.

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

function measure(scenario, server, context) {
  if (scenario.wrk !== undefined) return scenario.wrk(server, context);
  const { warmup, seconds } = context.size;
  const times = ["--warmup", String(warmup), "--seconds", String(seconds)];
  return load(server, [...scenario.load, ...times], context.core);
}

/** The scenarios that share a server. After a failure the server may be in any state, so the
 * rest goes on with a new one. */
async function runShared(bench, peer, scenarios, context, note) {
  let left = scenarios;
  while (left.length > 0) {
    left = await withServer(bench, peer, async (server) => {
      for (const [i, scenario] of left.entries()) {
        const figures = await measure(scenario, server, context);
        note(scenario, figures);
        if (figures.failed !== undefined) return left.slice(i + 1);
      }
      return [];
    });
  }
}

async function runPeer(bench, peer, note) {
  const core = bench.cores?.[1];
  const context = { peer, core, cores: bench.cores, size: bench.size };
  context.withServer = (work) => withServer(bench, peer, work);
  const shared = bench.scenarios.filter((scenario) => scenario.fresh === undefined);
  await runShared(bench, peer, shared, context, note);
  for (const scenario of bench.scenarios) {
    if (scenario.fresh !== undefined) note(scenario, await scenario.fresh(context));
  }
}

/** All figures, as a list of { round, peer, scenario, figures }. */
export async function runRounds(bench) {
  const results = [];
  for (let round = 1; round <= bench.rounds; round++) {
    const order = round % 2 === 1 ? bench.peers : [...bench.peers].reverse();
    for (const peer of order) {
      await runPeer(bench, peer, (scenario, figures) => {
        results.push({ round, peer: peer.name, scenario: scenario.name, figures });
        const { failed } = figures;
        const outcome = failed === undefined ? "" : `: FAILED: ${failed}`;
        console.error(`round ${round}/${bench.rounds}  ${peer.name}  ${scenario.name}${outcome}`);
      });
    }
  }
  return results;
}
