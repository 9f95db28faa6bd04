#!/usr/bin/env node
// check -- serves this project with the built program, plays the kit's scenarios against it,
// and compares the outcome with expected-failures.txt.
//
// A scenario outside that list has to pass; one on it has to fail, so that the list can only
// shrink: whoever makes a listed scenario pass takes its line out. "N passed" counts only the
// scenarios that count in the kit and passed; "N failed" those whose outcome is not what the
// list says. Listed scenarios that fail are counted apart, as "not expected yet".
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { load } from "./kit/lib/suite.mjs";

const HELP = `usage: node spec/conformance/check.mjs [options]

  --program PATH    the program to test (default: $PARTYLUA, else build/debug/partylua)
  --typescript      serve the kit's own servers/*.ts instead of the Lua ones
  --only NAME       one scenario, or all whose name starts so (may be repeated)
  --jobs N          scenarios at the same time (default 4)
  --time-scale X    multiply every time limit by X, for a slow machine
  --verbose         show every line of the runner
`;

const START_MS = 15000;
const STOP_MS = 15000;
const LOG_LINES_SHOWN = 30;

const here = fileURLToPath(new URL(".", import.meta.url));
const list = join(here, "expected-failures.txt");
const page = join(here, "../../docs/partykit-differences.md");

function freePort() {
  return new Promise((done, fail) => {
    const probe = net.createServer().once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function answers(port) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => socket.destroy() && done(true));
    socket.once("error", () => done(false));
  });
}

// The program serving this folder, its data and its log in a temporary folder.
// Some scenarios are about moments of a tenth of a second, which a disk that others use as well can
// miss; what is on it has suites of its own.
const memory = "/dev/shm";

class Server {
  constructor(program, project) {
    this.program = program;
    this.project = project;
    this.dir = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "partylua-conformance-"));
    this.logPath = join(this.dir, "log");
  }

  async start() {
    const port = await freePort();
    const log = openSync(this.logPath, "w");
    const args = ["serve", "--dev-endpoints", "--host", "127.0.0.1", "--port", String(port)];
    this.child = spawn(this.program, [...args, "--data", join(this.dir, "data")], {
      cwd: this.project,
      stdio: ["ignore", log, log]
    });
    closeSync(log);
    this.ended = new Promise((done) => {
      this.child.once("error", (e) => done((this.end = e.message)));
      this.child.once("exit", (code, signal) => done((this.end = signal ?? `exit ${code}`)));
    });
    const deadline = Date.now() + START_MS;
    while (!(await answers(port))) {
      if (this.end) throw new Error(`the server did not start: ${this.end}`);
      if (Date.now() > deadline) throw new Error(`nothing listens after ${START_MS} ms`);
      await sleep(50);
    }
    return `http://127.0.0.1:${port}`;
  }

  // Gives what was wrong with the end of the server, if anything was.
  async stop() {
    if (this.end) return `the server ended during the run: ${this.end}`;
    this.child.kill("SIGTERM");
    const killer = new AbortController();
    const late = sleep(STOP_MS, "late", { signal: killer.signal }).catch(() => {});
    const how = await Promise.race([this.ended, late]);
    killer.abort();
    if (how === "exit 0") return undefined;
    this.child.kill("SIGKILL");
    await this.ended;
    return how === "late" ? `no end within ${STOP_MS} ms of SIGTERM` : `after SIGTERM: ${how}`;
  }

  logTail() {
    if (!this.child) return "(not started)";
    const lines = readFileSync(this.logPath, "utf8").trimEnd().split("\n");
    return lines.slice(-LOG_LINES_SHOWN).join("\n");
  }

  clean() {
    if (this.child && !this.end) this.child.kill("SIGKILL");
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// Runs the kit; gives each scenario's verdict and the lines that explain it.
async function play(base, options) {
  const args = [join(here, "kit/run.mjs"), "--base", base, "--jobs", options.jobs];
  args.push("--time-scale", options["time-scale"]);
  for (const name of options.only ?? []) args.push("--only", name);
  const runner = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of runner.stdout.setEncoding("utf8")) {
    text += chunk;
    if (options.verbose) process.stdout.write(chunk);
  }
  const results = new Map();
  let last;
  for (const line of text.split("\n")) {
    const [, verdict, name] = /^(pass|FAIL|same|differs|skip) +(\S+\/\S+)/.exec(line) ?? [];
    if (name) results.set(name, (last = { verdict, details: [] }));
    else if (line.startsWith("   ")) last?.details.push(line);
  }
  return results;
}

function readList() {
  const lines = readFileSync(list, "utf8").split("\n").map((line) => line.trim());
  return new Set(lines.filter((line) => line && !line.startsWith("#")));
}

// What the page of differences says of each scenario that does not count.
function readPage() {
  const rows = readFileSync(page, "utf8").matchAll(/^\| `([a-z-]+\/[a-z0-9-]+)` \| (\w+) \|/gm);
  return new Map([...rows].map(([, name, verdict]) => [name, verdict]));
}

// Scenarios that do not count fail nobody, but the page has to say of them what is so.
function judgePage(advisory, chosen, results, wrong) {
  const told = readPage();
  for (const { name } of advisory) if (!told.has(name)) wrong(`MISSING  ${name} in ${page}`);
  for (const name of told.keys())
    if (!advisory.some((s) => s.name === name)) wrong(`UNKNOWN  ${name} in ${page}`);
  for (const { name } of chosen) {
    const { verdict, details } = results.get(name) ?? {};
    if (verdict !== told.get(name))
      wrong(`PAGE     ${name} is "${told.get(name)}" in ${page}, and was "${verdict}"`, details);
  }
}

// Compares the verdicts with the list; says what is not as the list has it.
function judge(scenarios, chosen, listed, results) {
  const tally = { passed: 0, failed: 0, notYet: 0 };
  const wrong = (text, details = []) => {
    tally.failed++;
    console.log([text, ...details].join("\n"));
  };
  for (const { name } of chosen) {
    const { verdict, details } = results.get(name) ?? {};
    if (verdict === "FAIL" && listed.has(name)) tally.notYet++;
    else if (verdict === "FAIL") wrong(`FAIL     ${name}`, details);
    else if (verdict !== "pass") wrong(`FAIL     ${name} - ${verdict ?? "not run"}`);
    else if (listed.has(name)) wrong(`LISTED   ${name} passes: take it out of ${list}`);
    else tally.passed++;
  }
  const known = new Set(scenarios.map((s) => s.name));
  for (const name of listed)
    if (!known.has(name)) wrong(`UNKNOWN  ${name} is no scenario that counts, but is in ${list}`);
  return { tally, wrong };
}

async function main() {
  const { values: options } = parseArgs({
    options: {
      program: { type: "string" },
      only: { type: "string", multiple: true },
      jobs: { type: "string", default: "4" },
      "time-scale": { type: "string", default: "1" },
      typescript: { type: "boolean" },
      verbose: { type: "boolean" },
      help: { type: "boolean" }
    }
  });
  if (options.help) return void process.stdout.write(HELP);
  const built = join(here, "../../build/debug/partylua");
  const project = options.typescript ? join(here, "kit") : here;
  const server = new Server(resolve(options.program ?? process.env.PARTYLUA ?? built), project);
  const all = load(join(here, "kit/scenarios")).flatMap((group) => group.scenarios);
  const scenarios = all.filter((s) => s.level === "must");
  const advisory = all.filter((s) => s.level !== "must");
  const isChosen = (s) => !options.only || options.only.some((start) => s.name.startsWith(start));
  const chosen = scenarios.filter(isChosen);
  let tally = { passed: 0, failed: Math.max(1, chosen.length), notYet: 0 };
  try {
    if (!all.some(isChosen)) throw new Error("no scenario has such a name");
    const base = await server.start();
    const results = await play(base, options);
    const judged = judge(scenarios, chosen, readList(), results);
    tally = judged.tally;
    // The page tells of the Lua project: rooms in TypeScript have a party more.
    if (!options.typescript) judgePage(advisory, advisory.filter(isChosen), results, judged.wrong);
    const trouble = await server.stop();
    if (trouble) {
      tally.failed++;
      console.log(`FAIL     ${trouble}; the end of its log:\n${server.logTail()}`);
    }
  } catch (e) {
    console.log(`${e.message}; the end of its log:\n${server.logTail()}`);
  } finally {
    server.clean();
  }
  console.log(`not expected yet: ${tally.notYet}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed ? 1 : 0;
}

await main();
