// deb -- the Debian package: what is in it, and a small Debian where it is installed, used,
// upgraded, removed and purged.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { checkEcho, serveIn } from "../support/container.mjs";
import { Root, whyNot } from "../support/root.mjs";
import { root as sources } from "../support/server.mjs";

const BUILD_MS = 600_000;
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), "partylua-deb-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

// The package that `make deb` has left.
function built() {
  const folder = join(sources, "build/deb");
  const found = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  assert.equal(found.length, 1, `packages in ${folder}: ${found}`);
  return join(folder, found[0]);
}

const field = async (name) => (await run("dpkg-deb", ["-f", built(), name])).stdout.trim();
const names = (list) => list.split(",").map((one) => one.trim().split(/[\s(]/)[0]);
const digest = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("make deb", { timeout: BUILD_MS }, () => {
  const tree = join(scratch, "tree");
  before(async () => {
    await run("make", ["deb"], { cwd: sources, maxBuffer: 1 << 26 });
    await run("dpkg-deb", ["-x", built(), tree]);
  }, { timeout: BUILD_MS });

  test("makes a package of the program's version", async () => {
    const { stdout } = await run(join(tree, "usr/bin/partylua"), ["version"], { cwd: "/" });
    const version = await field("Version");
    assert.equal(version, /^partylua (\S+)/.exec(stdout)[1]);
    assert.match(built(), new RegExp(`/partylua_${version}_[a-z0-9]+\\.deb$`));
  });

  test("names what the program is linked with, what it loads, and what its modules need", async () => {
    const depends = names(await field("Depends"));
    for (const name of ["libc6", "libuv1", "libwslay1", "liblmdb0", "libssl3", "zlib1g", "libcurl4",
      "lua-cjson", "lua-argparse"]) {
      assert.ok(depends.includes(name), `${name} is not in ${depends}`);
    }
  });

  test("makes the same package of the same sources", { timeout: BUILD_MS }, async () => {
    const before = digest(built());
    await run("make", ["deb"], { cwd: sources });
    assert.equal(digest(built()), before);
  });

  test("puts nothing into it that somebody else could write, and nothing of whoever built it", async () => {
    const { stdout } = await run("dpkg-deb", ["-c", built()]);
    for (const line of stdout.trimEnd().split("\n")) {
      assert.match(line, /^(l|[-d].{4}-..-.) ?.* root\/root /, line);
    }
    const program = readFileSync(join(tree, "usr/bin/partylua"), "latin1");
    assert.ok(!program.includes(sources), "the path of the sources is in the program");
  });

  test("makes a manual page with every command", async () => {
    const page = join(tree, "usr/share/man/man1/partylua.1.gz");
    const { stdout } = await run("gzip", ["-cd", page]);
    const help = await run(join(tree, "usr/bin/partylua"), ["help"]);
    const commands = [...help.stdout.matchAll(/^ {3}([a-z0-9]+) /gm)].map((found) => found[1]);
    assert.ok(commands.length > 10);
    for (const name of commands) assert.match(stdout, new RegExp(`^\\.B ${name}$`, "m"));
  });
});

describe("the package, installed", { timeout: BUILD_MS, skip: whyNot() }, () => {
  let root;
  before(async () => {
    root = new Root(join(scratch, "root"), ["apt", ...names(await field("Depends"))]);
    root.put(built(), "/tmp/partylua.deb");
    root.run("dpkg -i /tmp/partylua.deb");
  }, { timeout: BUILD_MS });

  const serve = (env = {}) => serveIn(root,
    ["partylua", "serve", "/usr/share/partylua/examples/echo/app.lua", "--port", "0"],
    { user: "partylua", env: { PARTYLUA_DATA: "/var/lib/partylua", ...env } });

  test("makes a user of its own, who owns the data folder and cannot log in", () => {
    assert.match(root.run("getent passwd partylua"), /:\/var\/lib\/partylua:\/usr\/sbin\/nologin$/m);
    assert.match(root.run("stat -c '%U:%G %a' /var/lib/partylua"), /^partylua:partylua 700$/m);
  });

  test("has all its files as they were packed", () => {
    assert.equal(root.run("dpkg --verify partylua"), "");
    assert.equal(root.run("dpkg --audit"), "");
  });

  test("serves an example with nothing but what it depends on", async () => {
    const server = await serve();
    try {
      await checkEcho(server.port);
      assert.match(root.run("partylua info --data /var/lib/partylua", { user: "partylua" }), /parties|main/);
    } finally {
      assert.equal(await server.stop(), 0, server.log());
    }
  });

  test("has the library that is loaded when a room fetches for the first time", () => {
    const code = `require("ffi").load "libcurl.so.4"`;
    root.run(["partylua", "-e", code], { user: "partylua" });
  });

  test("keeps a changed configuration through an upgrade", () => {
    const settings = root.path("etc/default/partylua");
    writeFileSync(settings, `${readFileSync(settings)}PARTYLUA_PORT=2000\n`);
    root.run("dpkg -i --force-confdef --force-confold /tmp/partylua.deb");
    assert.match(readFileSync(settings, "utf8"), /^PARTYLUA_PORT=2000$/m);
  });

  test("keeps what rooms have stored, the configuration and the user when it is removed", () => {
    root.run("install -o partylua -m 600 /dev/null /var/lib/partylua/kept");
    root.run("dpkg -r partylua");
    assert.ok(!existsSync(root.path("usr/bin/partylua")));
    assert.ok(!existsSync(root.path("usr/share/lua/5.1/partylua")));
    for (const name of ["etc/default/partylua", "var/lib/partylua/kept"]) {
      assert.ok(existsSync(root.path(name)), name);
    }
  });

  test("deletes the configuration when it is purged, and no data", () => {
    root.run("dpkg -P partylua");
    assert.ok(!existsSync(root.path("etc/default/partylua")));
    assert.ok(existsSync(root.path("var/lib/partylua/kept")));
    assert.match(root.attempt("dpkg -s partylua").output, /not installed/);
  });

  test("leaves no folder behind that is empty", () => {
    root.run("dpkg -i /tmp/partylua.deb && rm -r /var/lib/partylua/* && dpkg -P partylua");
    for (const name of ["var/lib/partylua", "usr/share/partylua", "usr/share/doc/partylua"]) {
      assert.ok(!existsSync(root.path(name)), name);
    }
  });
});
