// Starting, asking and stopping processes. Whatever is still running when the bench ends is
// ended with it, by its own id.

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const stopLimitMs = 5000;
const readyLimitMs = 15000;
const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

const pinned = (core, command) =>
  core === undefined ? command : ["taskset", "-c", String(core), ...command];

function start(command, stdio) {
  const child = spawn(command[0], command.slice(1), { stdio });
  running.add(child);
  child.ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? code));
  });
  child.ended.then(() => running.delete(child));
  return child;
}

const limited = (promise, ms) => Promise.race([promise, sleep(ms, "late", { ref: false })]);

/** Runs `command` to its end and returns what it printed: { status, output, errors }. */
export async function run(command, { core, limitMs = 150000 } = {}) {
  const child = start(pinned(core, command), ["ignore", "pipe", "pipe"]);
  const collected = { output: "", errors: "" };
  const collect = (stream, name) => {
    stream.on("data", (text) => (collected[name] += text));
    return new Promise((resolve) => stream.on("close", resolve));
  };
  const drained = Promise.all([collect(child.stdout, "output"), collect(child.stderr, "errors")]);
  const status = await limited(child.ended, limitMs);
  if (status === "late") {
    child.kill("SIGKILL");
    return { ...collected, status, errors: `${command[0]} took longer than ${limitMs} ms` };
  }
  if (child.pid !== undefined) await drained;
  return { ...collected, status };
}

/** A port that was free a moment ago. */
export function findPort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(port) {
  try {
    const signal = AbortSignal.timeout(1000);
    const response = await fetch(`http://127.0.0.1:${port}/parties/main/ready`, { signal });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Starts a server and waits for its first answer. `log` is the file its output goes to. */
export async function startServer(command, port, log, core) {
  const file = openSync(log, "w");
  const child = start(pinned(core, command), ["ignore", file, file]);
  closeSync(file);
  const deadline = Date.now() + readyLimitMs;
  while (!(await answers(port))) {
    const ended = await limited(child.ended, 10);
    if (ended === "late" && Date.now() < deadline) continue;
    await stopServer({ child });
    const why = ended === "late" ? `no answer in ${readyLimitMs} ms` : `ended with ${ended}`;
    throw new Error(`${command.join(" ")}: ${why}\n${readFileSync(log, "utf8").slice(-2000)}`);
  }
  return { child, port, pid: child.pid };
}

export async function stopServer({ child }) {
  child.kill("SIGTERM");
  if ((await limited(child.ended, stopLimitMs)) === "late") {
    child.kill("SIGKILL");
    await child.ended;
  }
}
