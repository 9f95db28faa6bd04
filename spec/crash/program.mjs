// program -- the server under test, to be killed.

import { spawn } from "node:child_process";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const library = resolve(root, "build/test/faults.so");
const SECONDS = 30;

const running = new Set(); // a suite that fails may leave it so
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** What is on the disk: faults.c keeps for each of them, in this order, what is not synced. */
export const dataFiles = (folder) => ["data.mdb", "journal"].map((name) => `${folder}/state/${name}`);

/** The environment in which a program meets the disk of faults.c. */
function onDisk(folder, { isForgetful }) {
  if (!existsSync(library)) throw new Error(`${library} is missing: make faults`);
  const environment = {
    LD_PRELOAD: library,
    FAULTS_DATA: dataFiles(folder).join(":"),
    FAULTS_FILE: `${folder}/orders`,
    ASAN_OPTIONS: "verify_asan_link_order=0:detect_leaks=0",
  };
  return isForgetful ? { ...environment, FAULTS_UNDO: `${folder}/undo` } : environment;
}

/** Tells the disk of a folder what to do from now on. */
export function order(folder, orders) {
  writeFileSync(`${folder}/orders.new`, orders);
  renameSync(`${folder}/orders.new`, `${folder}/orders`);
}

/** Starts the program. `listening` settles with its port, or undefined when it ends before;
 * `ended` with its exit code or the signal that ended it. */
export function startProgram({ program, folder, disk }) {
  const args = ["serve", resolve(root, "spec/crash/app.lua"), "--host", "127.0.0.1", "--port", "0"];
  args.push("--data", `${folder}/state`, "--room-idle", "20ms", "--log-format", "text");
  args.push("--drain-timeout", "1s");
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...(disk === undefined ? {} : onDisk(folder, disk)) },
  });
  let log = "";
  const ended = new Promise((done) => child.once("close", (code, signal) => done(code ?? signal)));
  const listening = new Promise((done, reject) => {
    child.once("error", reject);
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log += text;
      const found = /url=http:\/\/127\.0\.0\.1:(\d+)/.exec(log);
      if (found) done(Number(found[1]));
    });
    ended.then(() => done(undefined));
  });
  running.add(child);
  ended.then(() => running.delete(child));
  return { pid: child.pid, kill: (signal) => child.kill(signal), listening, ended, log: () => log };
}

/** Settles as `promise` does, or rejects when that takes too long. */
export function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${SECONDS} s`)), SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const forget = (folder) => rmSync(folder, { recursive: true, force: true });
