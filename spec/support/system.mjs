// system -- a root (root.mjs) in which systemd is the first process: units are started for real.
//
// It has processes, mounts, a network, a host name and control groups of its own; of the network
// there is the loopback interface alone. Units that this machine would start are not there.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Root } from "./root.mjs";

const SECONDS = 30;
const PATH = "PATH=/usr/local/bin:/usr/sbin:/usr/bin";

// pivot_root and not chroot: the kernel makes no user namespaces (PrivateUsers=) below a chroot.
const BOOT = `
set -e
echo $$ >"$2/cgroup.procs"
exec unshare --mount --pid --fork --kill-child --cgroup --net --uts --ipc sh -ec '
  cd "$1"
  ip link set lo up
  mount --bind "$1" "$1"
  cd "$1"
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 none sys/fs/cgroup
  mount -t tmpfs tmpfs run
  mount -o bind,ro proc/sys proc/sys
  pivot_root . old
  exec chroot . sh -c "umount -l /old; exec env -i container=spec ${PATH} \\
    /lib/systemd/systemd --system --log-target=null"
' sh "$1"
`;

/** The control groups of the second version, which systemd needs; undefined when there are none. */
function groups() {
  const found = /^\S+ (\S+) cgroup2 rw/m.exec(readFileSync("/proc/self/mounts", "utf8"));
  return found?.[1];
}

/** Why there can be no system here, beyond what a root needs; undefined when there can. */
export function whyNoSystem() {
  if (!groups()) return "there are no control groups of version 2";
  for (const file of ["/lib/systemd/systemd", "/sbin/ip"]) {
    if (!existsSync(file)) return `${file} is not installed`;
  }
  return undefined;
}

function removeGroups(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroups(join(folder, entry.name));
  }
  rmdirSync(folder);
}

// sudo for those who are root already: the docs say it.
const SUDO = `#!/bin/sh
if [ "$1" = -u ]; then
    user=$2
    shift 2
    exec runuser -u "$user" -- "$@"
fi
exec "$@"
`;

export class System {
  #child;
  #group;
  #ended;

  /** Makes the root with systemd and these packages. It is not started yet. */
  constructor(folder, packages) {
    this.root = new Root(folder, ["systemd", ...packages]);
    const units = this.root.path("lib/systemd/system");
    for (const name of readdirSync(units)) {
      if (name.endsWith(".wants")) rmSync(join(units, name), { recursive: true });
    }
    rmSync(this.root.path("etc/systemd/system"), { recursive: true, force: true });
    for (const name of ["etc/systemd/system", "sys", "old", "srv", "usr/local/bin", "var/backups"]) {
      mkdirSync(this.root.path(name), { recursive: true });
    }
    writeFileSync(this.root.path("etc/machine-id"), "");
    writeFileSync(this.root.path("usr/local/bin/sudo"), SUDO, { mode: 0o755 });
  }

  /** Starts systemd, and waits until it has started what is enabled. */
  async boot() {
    this.#group = join(groups(), `partylua-spec-${process.pid}`);
    mkdirSync(this.#group);
    this.#child = spawn("sh", ["-c", BOOT, "sh", this.root.folder, this.#group], {
      stdio: ["ignore", "ignore", "pipe"]
    });
    let said = "";
    this.#child.stderr.setEncoding("utf8").on("data", (text) => { said += text; });
    this.#ended = new Promise((done) => this.#child.once("exit", done));
    process.once("exit", () => this.#child.kill("SIGKILL"));
    await this.eventually("systemd to run", () => {
      assert.equal(this.#child.exitCode, null, said);
      return /running|degraded/.test(this.attempt("systemctl is-system-running").output);
    });
  }

  // unshare has one child, and becomes what sh was.
  #first() {
    return readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8").trim();
  }

  /** Runs a shell command there, in a folder. */
  attempt(command, folder = "/") {
    const first = this.#first();
    if (first === "") return { status: 1, output: "" };
    const script = `cd "$1" && { ${command}\n} 2>&1`;
    const done = spawnSync("nsenter", ["-t", first, "-m", "-p", "-n", "-C", "-i", "-u", "-r", "-w",
      "env", "-i", PATH, "DEBIAN_FRONTEND=noninteractive", "sh", "-c", script, "sh", folder],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: SECONDS * 1000 });
    return { status: done.status, output: done.stdout + done.stderr };
  }

  /** The same, and fails when it does; gives what it prints. */
  run(command, folder) {
    const { status, output } = this.attempt(command, folder);
    assert.equal(status, 0, `${command}: ${output}`);
    return output;
  }

  /** A property of a unit. */
  property(unit, name) {
    return this.run(`systemctl show --value -p ${name} ${unit}`).trim();
  }

  /** Asks again until it is so. */
  async eventually(what, ask) {
    const deadline = Date.now() + SECONDS * 1000;
    while (!ask()) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Ends all of its processes. */
  async halt() {
    if (!this.#child) return;
    this.#child.kill("SIGKILL");
    await this.#ended;
    await this.eventually("its control groups to be empty", () => {
      try {
        removeGroups(this.#group);
      } catch (error) {
        if (error.code !== "EBUSY") throw error;
      }
      return !existsSync(this.#group);
    });
  }
}
