// docker -- carries out the Dockerfile: the first stage in a copy of the sources on this machine,
// the second in a small Debian, and then its command with its user, variables and folder. The
// instructions are read from the file itself, so what is tested is what Docker would do.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { checkEcho, serveIn } from "../support/container.mjs";
import { readStages } from "../support/dockerfile.mjs";
import { Root, whyNot } from "../support/root.mjs";
import { root as sources } from "../support/server.mjs";

const BUILD_MS = 600_000;
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), "partylua-docker-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const [build, image] = readStages(join(sources, "Dockerfile"));
const all = (kind) => image.steps.filter((step) => step.kind === kind).map((step) => step.value);
const last = (kind) => all(kind).at(-1);

// What .dockerignore leaves: files that are kept, or could be.
function copyContext(folder) {
  const list = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: sources });
  for (const name of new Set(String(list).split("\0").filter(Boolean))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(sources, name), join(folder, name), { force: true });
  }
}

// Each kind of instruction in a stage that is a folder of this machine.
async function carryOutHere(steps, folder) {
  let at = folder;
  for (const { kind, value } of steps) {
    if (kind === "WORKDIR") {
      at = join(folder, value);
    } else if (kind === "COPY") {
      assert.deepEqual(value, { from: undefined, sources: ["."], to: "." });
      copyContext(at);
    } else {
      assert.equal(kind, "RUN");
      await run("sh", ["-c", value], { cwd: at, maxBuffer: 1 << 26 });
    }
  }
}

// The same in a root. What concerns running only is for later.
function carryOutThere(steps, root, from) {
  for (const { kind, value } of steps) {
    if (kind === "COPY") {
      assert.equal(value.from, build.name);
      const words = value.sources.map((name) => join(from, name)).join(" ");
      execFileSync("sh", ["-c", `cp ${words} ${root.path(value.to)}`]);
    } else if (kind === "RUN") {
      root.run(value);
    }
  }
}

describe("the Dockerfile", { timeout: BUILD_MS }, () => {
  const first = join(scratch, "build");

  test("builds the package in its first stage", { timeout: BUILD_MS }, async () => {
    assert.equal(build.base, "debian:bookworm-slim");
    await carryOutHere(build.steps, first);
    const { stdout } = await run("sh", ["-c", `dpkg-deb -f ${first}/src/build/deb/*.deb Package`]);
    assert.equal(stdout, "partylua\n");
  });

  describe("makes an image", { skip: whyNot() }, () => {
    let root;
    before(() => {
      assert.equal(image.base, "debian:bookworm-slim");
      root = new Root(join(scratch, "image"), ["apt", "ca-certificates", "libcurl4", "lua-argparse",
        "lua-cjson", "libuv1", "libwslay1", "liblmdb0", "adduser", "tzdata"]);
      carryOutThere(image.steps, root, first);
    }, { timeout: BUILD_MS });

    const options = () => ({
      user: last("USER"), folder: last("WORKDIR"), env: Object.fromEntries(all("ENV").flat())
    });

    test("in which the server is no root, and owns its volume", () => {
      assert.match(root.run("id -un", options()), /^partylua$/m);
      assert.match(root.run(`stat -c '%U %a' ${last("VOLUME")}`), /^partylua 700$/m);
      assert.notEqual(root.attempt("touch /app/x", options()).status, 0);
    });

    test("that says what is missing when there is no project", () => {
      const { status, output } = root.attempt([...last("ENTRYPOINT"), ...last("CMD")], options());
      assert.equal(status, 1);
      assert.match(output, /^partylua: nothing to serve: /m);
    });

    test("that serves the project in /app, is healthy then, and ends with SIGTERM", async () => {
      root.put(join(sources, "examples/echo"), "/app");
      execFileSync("sh", ["-c", `echo '{ "main": "app.lua" }' >${root.path("app/partylua.json")}`]);
      assert.notEqual(root.attempt(last("HEALTHCHECK"), options()).status, 0);
      // Another port than the exposed one, which may be taken on this machine.
      const at = { ...options(), env: { ...options().env, PARTYLUA_PORT: "0" } };
      const server = await serveIn(root, [...last("ENTRYPOINT"), ...last("CMD")], at);
      try {
        await checkEcho(server.port);
        assert.match(server.log(), /url=http:\/\/0\.0\.0\.0:/);
        assert.equal(last("EXPOSE"), 1999);
        root.run(last("HEALTHCHECK"), options());
      } finally {
        assert.equal(await server.stop(), 0, server.log());
      }
    });
  });
});
