// The bench: partylua beside other servers, round by round, as ratios. See ../README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { describeCommit, describeMachine, findCores, hasWrk, openFilesLimit } from "./machine.mjs";
import { readOptions } from "./options.mjs";
import { preparePeers } from "./peers.mjs";
import { runRounds } from "./rounds.mjs";
import { scenarios } from "./scenarios.mjs";
import { selfCheck } from "./self_check.mjs";
import { printHead, printTables } from "./table.mjs";

const spareFiles = 500; // what a server has open besides its connections
const fullSize = { warmup: 0.5, seconds: 1, idleConnections: 10000 };
// Long enough for something to come back on a machine that is busy with other tests.
const quickSize = { warmup: 0.2, seconds: 0.6, idleConnections: 1000 };

function chooseScenarios({ only }) {
  const chosen = scenarios.filter(
    ({ name }) => only.length === 0 || only.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) throw new Error(`no scenario is called ${only.join(" or ")}`);
  if (hasWrk()) return chosen;
  return chosen.filter((scenario) => scenario.wrk === undefined);
}

function chooseSize({ isQuick }) {
  const size = isQuick ? quickSize : fullSize;
  const most = Math.floor((openFilesLimit() - spareFiles) / 1000) * 1000;
  return { ...size, idleConnections: Math.max(1000, Math.min(size.idleConnections, most)) };
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  mkdirSync("build/bench", { recursive: true });
  if (options.isList) return scenarios.forEach(({ name }) => console.log(name));
  if (options.isSelfCheck) return selfCheck();

  const bench = {
    ...describeCommit(),
    machine: describeMachine(),
    cores: findCores(),
    rounds: options.rounds,
    isQuick: options.isQuick,
    size: chooseSize(options),
    scenarios: chooseScenarios(options),
    peers: await preparePeers(options.peers),
  };
  const results = await runRounds(bench);
  printHead(bench);
  printTables(bench, results);
  if (options.json !== "") writeFileSync(options.json, `${JSON.stringify({ ...bench, results }, null, 1)}\n`);
  const failures = results.filter(({ figures }) => figures.failed !== undefined);
  for (const { round, peer, scenario, figures } of failures)
    console.log(`\nFAILED: ${peer}, ${scenario}, round ${round}: ${figures.failed}`);
  if (failures.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
