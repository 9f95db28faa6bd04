// install -- the program as users get it: by `make install`, and as a rock. Each time it has
// to find its Lua modules beside itself, from any folder, and serve an example.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import WebSocket from "ws";

const root = fileURLToPath(new URL("../..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "partylua-install-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const BUILD_MS = 600_000;
const ANSWER_MS = 20_000;

// Runs a command to its end; rejects with what it printed when it fails.
const run = promisify(execFile);

// The installed program must not need what surrounds the tests.
const bare = { PATH: process.env.PATH, HOME: scratch };

const lua = async (program, code) => {
  const { stdout } = await run(program, ["-e", code], { cwd: "/", env: bare });
  return stdout.trimEnd();
};

const within = (ms, what, promise) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

// Serves `app` on a free port, which the program announces.
async function serve(program, app) {
  const args = ["serve", app, "--host", "127.0.0.1", "--port", "0"];
  const data = ["--data", mkdtempSync(join(scratch, "data-"))];
  const child = spawn(program, [...args, ...data], { cwd: scratch, env: bare });
  const ended = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  let log = "";
  const port = new Promise((resolve, reject) => {
    const read = (chunk) => {
      log += chunk;
      const announced = /127\.0\.0\.1:(\d+)|\bport=(\d+)/.exec(log);
      if (announced) resolve(announced[1] ?? announced[2]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    ended.then((code) => reject(new Error(`it ended with ${code}: ${log}`)));
  });
  const stop = () => {
    child.kill("SIGTERM");
    return within(ANSWER_MS, "the end", ended).catch((e) => child.kill("SIGKILL") && e);
  };
  try {
    return { port: await within(ANSWER_MS, "the port", port), stop };
  } catch (e) {
    await stop();
    throw e;
  }
}

// Says something in a room and gives the first message that comes back with it.
function hear(port, words) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/parties/main/here`);
  const heard = new Promise((resolve, reject) => {
    socket.on("open", () => socket.send(words));
    socket.on("message", (data) => String(data).includes(words) && resolve(String(data)));
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
  });
  return within(ANSWER_MS, "the echo", heard).finally(() => socket.terminate());
}

// What is promised of every installed program.
function promises(place) {
  test("says its version", async () => {
    const { stdout } = await run(place.program, ["version"], { cwd: "/", env: bare });
    assert.match(stdout, /^partylua /);
  });

  test("takes its modules from where they were installed", async () => {
    const at = await lua(place.program, `print((package.searchpath("partylua", package.path)))`);
    assert.equal(join(at), join(place.modules, "partylua/init.lua"));
  });

  test("loads Debian's C modules for Lua 5.1", async () => {
    const code = `print(require "cjson".encode { 1 }, require "lpeg".match("a", "a"))`;
    assert.equal(await lua(place.program, code), "[1]\t2");
  });

  for (const more of [[], ["--real"]]) {
    test(`runs specs of rooms ${more}`, async () => {
      const folder = mkdtempSync(join(scratch, "specs-"));
      mkdirSync(join(folder, "spec"));
      writeFileSync(join(folder, "spec/echo_spec.lua"), `
        local party = require "partylua.testing"
        it("echoes", function()
          local app = party.app "${join(place.examples, "echo/app.lua")}"
          local ana = app:room("r"):connect()
          ana:send "hello"
          assert.received(ana, "hello")
          app:stop()
        end)`);
      const { stdout } = await run(place.program, ["test", ...more], { cwd: folder, env: bare });
      assert.match(stdout, /1 success \/ 0 failures \/ 0 errors/);
    });
  }

  test("serves an example", async () => {
    const server = await serve(place.program, join(place.examples, "echo/app.lua"));
    let code;
    try {
      assert.match(await hear(server.port, "hello from afar"), /hello from afar/);
    } finally {
      code = await server.stop();
    }
    assert.equal(code, 0);
  });
}

describe("make install", { timeout: BUILD_MS }, async () => {
  const prefix = join(scratch, "prefix");
  const place = {
    program: join(prefix, "bin/partylua"),
    modules: join(prefix, "share/lua/5.1"),
    examples: join(prefix, "share/partylua/examples")
  };
  test("installs under a prefix", { timeout: BUILD_MS }, async () => {
    await run("make", ["install", `PREFIX=${prefix}`], { cwd: root });
    for (const path of Object.values(place)) assert.ok(existsSync(path), path);
  });
  promises(place);

  test("puts everything below DESTDIR", { timeout: BUILD_MS }, async () => {
    const stage = join(scratch, "stage");
    const args = ["install", `DESTDIR=${stage}`, "PREFIX=/opt/p", "LUADIR=/opt/lua"];
    await run("make", args, { cwd: root });
    assert.ok(existsSync(join(stage, "opt/p/bin/partylua")));
    assert.ok(existsSync(join(stage, "opt/lua/partylua/init.lua")));
    assert.ok(!existsSync("/opt/p") && !existsSync("/opt/lua"));
  });
});

describe("luarocks make", { timeout: BUILD_MS }, async () => {
  const tree = join(scratch, "tree");
  const rock = join(tree, "lib/luarocks/rocks-5.1/partylua/scm-1");
  const place = {
    program: join(tree, "bin/partylua"),
    modules: join(tree, "share/lua/5.1"),
    examples: join(rock, "share/partylua/examples")
  };
  test("installs into a tree", { timeout: BUILD_MS }, async () => {
    const args = ["--lua-version=5.1", "make", "--deps-mode=none", `--tree=${tree}`];
    // LuaRocks has compiler flags of its own: a folder apart keeps build/release as it is.
    const env = { ...process.env, BUILD_DIR: "build/test/rock" };
    await run("luarocks", args, { cwd: root, env });
    for (const path of Object.values(place)) assert.ok(existsSync(path), path);
  });
  promises(place);
});
