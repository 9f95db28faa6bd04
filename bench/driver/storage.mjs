// The bench of storage: partylua beside SQLite and beside a bare log, and the bounds it sets
// itself. See ../README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeCommit, describeMachine, findCores } from "./machine.mjs";
import { median } from "./scenarios.mjs";
import { scenarios } from "./storage_scenarios.mjs";

const help = `usage: bench/storage [option...]

Measures partylua's storage (build/release/partylua) and prints what is to be reached.

  --rounds N   rounds (5)
  --only LIST  scenarios whose name contains one of these words
  --quick      one round of short windows and few rooms, to see that all of it runs
  --json FILE  write every single figure to FILE
`;

const fullSize = { seconds: 1, turns: 7, gets: 2e6, rooms: 1e6, starts: 5, alarmSeconds: 30 };
const quickSize = { seconds: 1, turns: 1, gets: 1e5, rooms: 10000, starts: 1, alarmSeconds: 2 };

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      only: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      json: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  return values;
}

const show = (number) => (Math.abs(number) >= 100 ? number.toFixed(0) : number.toPrecision(3));

function showRange(numbers) {
  if (numbers.length === 0) return "failed";
  const middle = show(median(numbers));
  if (numbers.length === 1) return middle;
  return `${middle} (${show(Math.min(...numbers))}..${show(Math.max(...numbers))})`;
}

// A bound is [name, unit, "<=" or ">=", number]; without a sign the figure is only told.
function judge([, , sign, bound], numbers) {
  if (sign === undefined) return ["", ""];
  if (numbers.length === 0) return [`${sign} ${bound}`, "FAILED"];
  const middle = median(numbers);
  const isReached = sign === "<=" ? middle <= bound : middle >= bound;
  return [`${sign} ${bound}`, isReached ? "reached" : "NOT REACHED"];
}

function printTable(bounds, results) {
  const rows = [["figure", "unit", "median (range)", "to reach", ""]];
  for (const bound of bounds) {
    const [name, unit] = bound;
    const numbers = results.map((figures) => figures[name]).filter(Number.isFinite);
    if (results.some((figures) => name in figures)) {
      rows.push([name, unit, showRange(numbers), ...judge(bound, numbers)]);
    }
  }
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows) console.log(row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}

async function main() {
  const options = readOptions();
  const words = options.only.split(",").filter((word) => word !== "");
  const chosen = scenarios.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) throw new Error(`no scenario is called ${options.only}`);
  mkdirSync("build/bench", { recursive: true });
  const bench = {
    cores: findCores(),
    size: options.quick ? quickSize : fullSize,
    program: process.env.PARTYLUA ?? "build/release/partylua",
  };
  const rounds = options.quick ? 1 : Number(options.rounds);
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { name, measure, isOnce } of chosen) {
      if (isOnce && round > 1) continue; // it repeats within itself what can differ
      console.error(`round ${round}/${rounds}  ${name}`);
      results.push(await measure(bench, round));
    }
  }
  const { commit, isDirty } = describeCommit();
  console.log(`partylua bench of storage, commit ${commit}${isDirty ? ", tree is dirty" : ""}, ${rounds} rounds`);
  console.log(describeMachine());
  if (options.quick) console.log("--quick: too short for figures worth quoting");
  console.log();
  printTable(chosen.flatMap(({ bounds }) => bounds), results);
  if (options.json !== "") writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`);
}

main().catch((error) => {
  console.error(`bench: ${error.message}`);
  process.exit(1);
});
