// Parties in TypeScript beside the same in Lua: what loading one takes, and what its handlers do.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeCommit } from "./machine.mjs";

const { values: options } = parseArgs({ options: { quick: { type: "boolean" } } });
const program = process.env.PARTYLUA ?? "build/release/partylua";
const STARTS = options.quick ? 3 : 15;
const HANDLER_SECONDS = options.quick ? 1 : 6;

/** What is to be reached. */
const GOALS = {
  "load ms": 15, "load MB": 6, "compute ratio": 1.6, "json ratio": 2, "awaits us": 3,
};

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** CPU time in milliseconds and resident megabytes of a server that has just begun to listen. */
async function start(app) {
  const folder = mkdtempSync(join(tmpdir(), "partylua-bench-"));
  const args = ["serve", app, "--port", "0", "--log-format", "text", "--data", join(folder, "data")];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  try {
    let log = "";
    for await (const text of child.stderr.setEncoding("utf8")) {
      log += text;
      if (log.includes("url=")) break;
    }
    if (!log.includes("url=")) throw new Error(`${app} was not served:\n${log}`);
    const read = (name) => readFileSync(`/proc/${child.pid}/${name}`, "utf8");
    return {
      ms: Number(read("schedstat").split(" ")[0]) / 1e6,
      mb: Number(/VmRSS:\s+(\d+)/.exec(read("status"))[1]) / 1024,
    };
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In turns, so that a busy machine disturbs both alike. */
async function measureLoad() {
  const ms = [];
  const mb = [];
  for (let i = 0; i < STARTS; i++) {
    const empty = await start("bench/typescript/empty.lua");
    const room = await start("bench/typescript/room.ts");
    ms.push(room.ms - empty.ms);
    mb.push(room.mb - empty.mb);
  }
  return { "load ms": median(ms), "load MB": median(mb) };
}

function measureHandlers() {
  const args = ["bench/typescript/measure.lua", String(HANDLER_SECONDS)];
  const lines = execFileSync(program, args, { encoding: "utf8" }).trim().split("\n");
  const found = Object.fromEntries(lines.map((line) => {
    const [name, ...figures] = line.split(" ");
    return [name, figures.map(Number)];
  }));
  return {
    "compute ratio": found.compute[0], "json ratio": found.json[0], "awaits us": found.awaits[0],
    "compute us": found.compute[1], "json us": found.json[1],
  };
}

const { commit, isDirty } = describeCommit();
console.log(`TypeScript, commit ${commit}${isDirty ? " with changes" : ""}`);
const figures = { ...(await measureLoad()), ...measureHandlers() };
for (const [name, value] of Object.entries(figures)) {
  const goal = GOALS[name];
  const verdict = goal === undefined ? "" : `at most ${goal}${value > goal ? "  MISSED" : ""}`;
  console.log(`${name.padEnd(16)} ${value.toFixed(2).padStart(8)}  ${verdict}`.trimEnd());
}
