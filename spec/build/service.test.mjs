// service -- the installed package under a real systemd: docs/deployment.md is typed from top to
// bottom, and then what it promises of restarts, reloads, the watchdog and the protection is tried.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { blocks, typed } from "../support/page.mjs";
import { whyNot } from "../support/root.mjs";
import { root as sources } from "../support/server.mjs";
import { System, whyNoSystem } from "../support/system.mjs";

const BUILD_MS = 600_000;
const HOME = "/home/you";

const APP = `
local party = require "partylua"
local App = {}

function App:onRequest(request)
  if request.method == "POST" then self.room.storage:put("said", request:text()) end
  if request.query.spin then while true do end end
  if request.query.write then
    local file, why = io.open(request.query.write, "w")
    return party.Response(file and "written" or why)
  end
  return party.Response(VERSION .. (self.room.storage:get "said" or "nothing"))
end

return App
`;

const app = (version) => APP.replace("VERSION", JSON.stringify(`${version}: `));

describe("partylua.service", { timeout: BUILD_MS, skip: whyNot() ?? whyNoSystem() }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "partylua-service-"));
  let system;

  before(async () => {
    execFileSync("make", ["deb"], { cwd: sources, stdio: ["ignore", "pipe", "pipe"] });
    const folder = join(sources, "build/deb");
    const [deb] = readdirSync(folder).filter((name) => name.endsWith(".deb"));
    const depends = String(execFileSync("dpkg-deb", ["-f", join(folder, deb), "Depends"]));
    const names = depends.split(",").map((one) => one.trim().split(/[\s(]/)[0]);
    system = new System(join(scratch, "root"), ["apt", ...names]);
    const home = system.root.path(HOME);
    mkdirSync(home, { recursive: true });
    cpSync(join(folder, deb), join(home, deb));
    writeFileSync(join(home, "partylua.json"), `{ "main": "app.lua" }`);
    writeFileSync(join(home, "app.lua"), app("first"));
    await system.boot();
  }, { timeout: BUILD_MS });

  after(async () => {
    await system?.halt();
    rmSync(scratch, { recursive: true, force: true });
  });

  const ask = (words = "") => system.run(`partylua fetch http://127.0.0.1:1999/parties/main/r${words}`);
  const pid = () => system.property("partylua.service", "MainPID");

  for (const { heading, text } of blocks("docs/deployment.md", "console")) {
    if (text.includes("make deb")) continue; // that was done
    test(`is run as "${heading}" says`, () => {
      let folder = HOME;
      for (const { command, output } of typed(text)) {
        if (command.startsWith("cd ")) folder = command.slice(3);
        const said = system.run(command, folder).trimEnd();
        if (output !== "") assert.equal(said, output, command);
      }
      if (heading !== "The package") assert.equal(ask(), "first: nothing");
    });
  }

  test("says that it is ready, and where", () => {
    assert.equal(system.property("partylua.service", "ActiveState"), "active");
    assert.equal(system.property("partylua.service", "StatusText"), "listening on 127.0.0.1:1999");
    assert.match(system.run("partylua fetch http://127.0.0.1:1998/healthz"), /ok/);
  });

  test("serves a second app beside it", () => {
    const other = "http://127.0.0.1:2999/parties/main/r";
    assert.equal(system.run(`partylua fetch ${other} -d quiz`), "first: quiz");
    assert.equal(ask(), "first: nothing");
    assert.match(system.run("ls /var/lib/quiz"), /^data\.mdb$/m);
  });

  test("keeps what rooms have stored, and the port, through a restart", () => {
    assert.equal(ask(" -d hello"), "first: hello");
    const before = pid();
    system.run("systemctl restart partylua.service");
    assert.equal(ask(), "first: hello");
    assert.notEqual(pid(), before);
  });

  test("is started by whoever connects to the socket", () => {
    system.run("systemctl stop partylua.service");
    assert.equal(system.property("partylua.service", "ActiveState"), "inactive");
    assert.equal(ask(), "first: hello");
  });

  test("loads new code with the same process, and refuses broken code with an error", () => {
    const before = pid();
    const file = system.root.path("srv/partylua/app.lua");
    writeFileSync(file, app("second"));
    system.run("systemctl reload partylua");
    assert.equal(ask(), "second: hello");
    writeFileSync(file, "no code");
    assert.notEqual(system.attempt("systemctl reload partylua").status, 0);
    assert.equal(ask(), "second: hello");
    assert.equal(pid(), before);
    writeFileSync(file, app("third"));
  });

  test("is killed by the watchdog when a hook does not come back, and starts anew", async () => {
    const folder = system.root.path("etc/systemd/system/partylua.service.d");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "soon.conf"), "[Service]\nWatchdogSec=1\n");
    system.run("systemctl daemon-reload && systemctl restart partylua.service");
    const before = pid();
    system.run("partylua fetch 'http://127.0.0.1:1999/parties/main/r?spin=1' >/dev/null 2>&1 || true");
    await system.eventually("another process", () => !["0", before].includes(pid()));
    assert.equal(system.property("partylua.service", "NRestarts"), "1");
    assert.equal(ask(), "third: hello");
  });

  test("may write to its data folder and to a /tmp of its own, and nowhere else", () => {
    for (const path of ["/srv/partylua/x", "/etc/x", "/usr/x", "/home/x", "/var/backups/x"]) {
      assert.match(ask(`?write=${path}`), /Read-only|denied|No such/, path);
    }
    assert.equal(ask("?write=/var/lib/partylua/mine"), "written");
    assert.equal(ask("?write=/tmp/mine"), "written");
    assert.notEqual(system.attempt("test -e /tmp/mine").status, 0);
  });

  test("is rated as well protected by systemd", () => {
    system.run("systemd-analyze security --threshold=15 partylua.service >/dev/null");
    const status = system.run(`cat /proc/${pid()}/status`);
    assert.match(status, /^NoNewPrivs:\s1$/m);
    assert.match(status, /^Seccomp:\s2$/m);
    assert.match(status, /^CapBnd:\s0+$/m);
  });

  test("is restarted by an upgrade of the package, and gone when that is removed", () => {
    const before = pid();
    system.run("dpkg -i ./partylua_*.deb", HOME);
    assert.notEqual(pid(), before);
    assert.equal(ask(), "third: hello");
    system.run("dpkg -r partylua");
    assert.notEqual(system.attempt("systemctl is-active partylua.service").status, 0);
    assert.notEqual(system.attempt("systemctl is-active partylua.socket").status, 0);
    assert.equal(system.attempt("find /etc/systemd/system -name 'partylua.s*' -type l").output, "");
  });
});
