// install -- the program as users get it: by `make install`, and as a rock. Each time it has
// to find its Lua modules beside itself, from any folder, and serve an example.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import {
  existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync
} from "node:fs";
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

  test("makes a project in which nothing is wrong, and knows where the types are", async () => {
    const folder = mkdtempSync(join(scratch, "project-"));
    const at = { cwd: folder, env: bare };
    await run(place.program, ["init", "--template", "chat", "--yes"], at);
    assert.ok(existsSync(join(folder, "spec/app_spec.lua")));
    const { stdout } = await run(place.program, ["check", "--strict"], at);
    assert.match(stdout, /no problems found/);
    const luarc = JSON.parse(readFileSync(join(folder, ".luarc.json"), "utf8"));
    assert.ok(existsSync(join(luarc["workspace.library"][0], "server.lua")));
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

  test("brings units whose program is the installed one, and which systemd understands", async () => {
    const units = ["service", "socket"].map((kind) => join(prefix, `lib/systemd/system/partylua.${kind}`));
    assert.match(readFileSync(units[0], "utf8"), new RegExp(`^ExecStart=${place.program} serve$`, "m"));
    const { stderr } = await run("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", ...units]);
    assert.equal(stderr, "");
    const sysusers = ["--dry-run", join(prefix, "lib/sysusers.d/partylua.conf")];
    await run("systemd-sysusers", sysusers);
  });

  test("brings a manual page", async () => {
    const { stdout } = await run("man", ["-l", "--warnings", join(prefix, "share/man/man1/partylua.1")]);
    assert.match(stdout, /^ +serve +serve an app/m);
  });

  test("puts everything below DESTDIR", { timeout: BUILD_MS }, async () => {
    const stage = join(scratch, "stage");
    const args = ["install", `DESTDIR=${stage}`, "PREFIX=/opt/p", "LUADIR=/opt/lua"];
    await run("make", args, { cwd: root });
    assert.ok(existsSync(join(stage, "opt/p/bin/partylua")));
    assert.ok(existsSync(join(stage, "opt/lua/partylua/init.lua")));
    assert.ok(!existsSync("/opt/p") && !existsSync("/opt/lua"));
  });
});

// Where a rock has its parts, in a tree.
const placesIn = (tree) => ({
  program: join(tree, "bin/partylua"),
  modules: join(tree, "share/lua/5.1"),
  examples: join(tree, "lib/luarocks/rocks-5.1/partylua/scm-1/share/partylua/examples")
});

describe("LuaRocks", { timeout: BUILD_MS }, async () => {
  const made = join(scratch, "tree");
  const other = join(scratch, "other-tree");
  const rocks = (args, cwd) => run("luarocks", ["--lua-version=5.1", ...args], {
    cwd, maxBuffer: 1 << 26,
    // LuaRocks has compiler flags of its own: a folder apart keeps build/release as it is.
    env: { ...process.env, BUILD_DIR: "build/test/rock" }
  });

  describe("make", async () => {
    test("installs into a tree", { timeout: BUILD_MS }, async () => {
      await rocks(["make", "--deps-mode=none", `--tree=${made}`], root);
      for (const path of Object.values(placesIn(made))) assert.ok(existsSync(path), path);
    });
    promises(placesIn(made));
  });

  describe("pack makes a rock, which", async () => {
    test("installs into another tree without a compiler", { timeout: BUILD_MS }, async () => {
      const folder = mkdtempSync(join(scratch, "rock-"));
      await rocks([`--tree=${made}`, "pack", "partylua"], folder);
      const [rock, ...more] = readdirSync(folder);
      assert.match(rock, /^partylua-scm-1\.[a-z]+-[a-z0-9_]+\.rock$/);
      assert.deepEqual(more, []);
      await rocks(["install", "--deps-mode=none", `--tree=${other}`, rock], folder);
      rmSync(made, { recursive: true }); // nothing of it may be needed
      for (const path of Object.values(placesIn(other))) assert.ok(existsSync(path), path);
    });
    promises(placesIn(other));
  });
});

describe("dpkg-deb", { timeout: BUILD_MS }, async () => {
  const tree = join(scratch, "unpacked");
  test("unpacks the package of make deb anywhere", { timeout: BUILD_MS }, async () => {
    await run("make", ["deb"], { cwd: root, maxBuffer: 1 << 26 });
    await run("sh", ["-c", `dpkg-deb -x build/deb/*.deb ${tree}`], { cwd: root });
  });
  promises({
    program: join(tree, "usr/bin/partylua"),
    modules: join(tree, "usr/share/lua/5.1"),
    examples: join(tree, "usr/share/partylua/examples")
  });
});
