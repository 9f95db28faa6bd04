// server -- the built program under test, for the suites that run in Node.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export const program = resolve(process.env.PARTYLUA ?? resolve(root, "build/debug/partylua"));
const SECONDS = Number(process.env.SPEC_SECONDS ?? 10);

// Settles as `promise` does, or rejects when that takes too long.
export function within(what, promise, seconds = SECONDS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Serves `app`, a path below the repository's root or an absolute one, on 127.0.0.1, and waits
// until it listens. Without an app, `args` name a configuration. `port` 0 takes a free one. The server has `port`, `host` ("127.0.0.1:…"),
// `url`, `log()`, and `stop()`, which rejects when the program does not end well. What it stores
// goes to a folder of its own, unless `--data` is among `args`.
export async function serve(app, { port = 0, args = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "partylua-spec-"));
  const options = ["--host", "127.0.0.1", "--port", String(port), "--log-format", "text"];
  if (!args.includes("--data")) options.push("--data", join(folder, "data"));
  const apps = app ? [resolve(root, app)] : [];
  const child = spawn(program, ["serve", ...apps, ...options, ...args], {
    cwd: root, stdio: ["ignore", "ignore", "pipe"]
  });
  process.once("exit", () => child.kill("SIGKILL")); // a test that failed may leave it running
  let log = "";
  const ended = new Promise((done) => child.once("close", (code, signal) => done(code ?? signal)));
  const listening = new Promise((done, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log += text;
      const found = /url=http:\/\/127\.0\.0\.1:(\d+)/.exec(log);
      if (found) done(Number(found[1]));
    });
    child.once("error", reject);
    ended.then((code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
  });

  async function stop() {
    child.kill("SIGTERM");
    try {
      const code = await within("the server's end", ended, 20);
      if (code !== 0) throw new Error(`the server ended with ${code}:\n${log}`);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  }

  try {
    const at = await within("the server's start", listening);
    return { port: at, host: `127.0.0.1:${at}`, url: `http://127.0.0.1:${at}`, log: () => log, stop };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
