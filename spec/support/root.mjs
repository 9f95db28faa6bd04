// root -- a small Debian in a folder, in which packages are installed for real: what every Debian
// has (Essential), apt, and what some packages depend on. A dependency that a package forgets to
// name is missing there. Its files are those of this machine; nothing comes from the network.
//
// Needs root, for chroot and namespaces. Programs there have the network of this machine, and
// processes and a /proc of their own, where they are the first.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync
} from "node:fs";
import { dirname, join } from "node:path";

const text = (program, args, input) =>
  execFileSync(program, args, { encoding: "utf8", input, maxBuffer: 1 << 28 });

/** Why there can be no such root here; undefined when there can. */
export function whyNot() {
  if (process.getuid() !== 0) return "needs root";
  const probe = spawnSync("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "true"]);
  return probe.status === 0 ? undefined : "namespaces are not to be had here";
}

// Installed packages by name, and by the names they provide.
function installedPackages() {
  const format = "${db:Status-Abbrev}\t${Package}\t${binary:Package}\t${Essential}\t" +
    "${Provides}\t${Pre-Depends}, ${Depends}\n";
  const packages = new Map();
  for (const line of text("dpkg-query", ["-W", "-f", format]).trimEnd().split("\n")) {
    const [status, name, full, essential, provides, depends] = line.split("\t");
    if (!status.startsWith("ii") || packages.get(name)?.name === name) continue;
    const found = { name, full, isEssential: essential === "yes", depends };
    packages.set(name, found);
    for (const other of namesOf(provides).flat()) {
      if (!packages.has(other)) packages.set(other, found);
    }
  }
  return packages;
}

// "a (>= 1) | b, c" as [["a", "b"], ["c"]].
function namesOf(list) {
  return list.split(",").map((group) => group.split("|")
    .map((one) => one.trim().split(/[\s(:]/)[0]).filter(Boolean)).filter((group) => group.length > 0);
}

/** Names of the installed packages that some need, with these and all Essential ones. */
function closure(wanted) {
  const packages = installedPackages();
  const found = new Set();
  const queue = [...wanted, ...[...packages.values()].filter((p) => p.isEssential).map((p) => p.name)];
  while (queue.length > 0) {
    const entry = packages.get(queue.pop());
    assert.ok(entry, "a package that is needed is not installed");
    if (found.has(entry.full)) continue;
    found.add(entry.full);
    for (const group of namesOf(entry.depends)) {
      queue.push(group.find((name) => packages.has(name)) ?? group[0]);
    }
  }
  return [...found];
}

function copyFiles(folder, packages) {
  const files = text("dpkg-query", ["-L", ...packages]).split("\n")
    .filter((line) => line.startsWith("/") && line !== "/." && existsSync(line));
  const more = ["/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/hosts", "/usr/bin/awk", "/usr/bin/which"]
    .filter(existsSync);
  for (const name of ["bin", "sbin", "lib", "lib64"]) { // as they are links here, too
    mkdirSync(join(folder, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(folder, name));
  }
  const list = join(folder, "files.txt");
  writeFileSync(list, [...new Set([...files, ...more])].join("\n"));
  text("sh", ["-c", `tar -C / --hard-dereference --no-recursion -cPf - -T "$1" | tar -C "$2" -xf - 2>&1`,
    "sh", list, folder]);
  rmSync(list);
  for (const name of ["alternatives", "apt", "pam.d"]) {
    const options = { recursive: true, verbatimSymlinks: true };
    cpSync(`/etc/${name}`, join(folder, "etc", name), options);
  }
}

// What dpkg knows of these packages, and of no others.
function copyDatabase(folder, packages) {
  const at = join(folder, "var/lib/dpkg");
  for (const name of ["info", "updates", "triggers"]) mkdirSync(join(at, name), { recursive: true });
  writeFileSync(join(at, "status"), text("dpkg-query", ["-s", ...packages])
    .replaceAll(/^Package: /gm, "\nPackage: ").trimStart());
  for (const name of packages) {
    for (const ending of ["list", "md5sums", "conffiles"]) {
      for (const stem of [name, name.split(":")[0]]) {
        const file = `/var/lib/dpkg/info/${stem}.${ending}`;
        if (existsSync(file)) copyFileSync(file, join(at, "info", `${stem}.${ending}`));
      }
    }
  }
}

function makeUsers(folder) {
  for (const name of ["passwd", "group"]) {
    copyFileSync(`/usr/share/base-passwd/${name}.master`, join(folder, "etc", name));
  }
  for (const name of ["shadow", "gshadow"]) writeFileSync(join(folder, "etc", name), "", { mode: 0o640 });
}

function makeDevices(folder) {
  mkdirSync(join(folder, "dev"), { recursive: true });
  for (const [name, minor] of [["null", 3], ["zero", 5], ["random", 8], ["urandom", 9]]) {
    const path = join(folder, "dev", name);
    if (!existsSync(path)) execFileSync("mknod", ["-m", "666", path, "c", "1", String(minor)]);
  }
  symlinkSync("/proc/self/fd", join(folder, "dev/fd"));
  for (const [number, name] of ["stdin", "stdout", "stderr"].entries()) {
    symlinkSync(`fd/${number}`, join(folder, "dev", name));
  }
}

export class Root {
  /** Makes one in a new folder, with these packages and all that they need. */
  constructor(folder, packages) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755); // other users live there
    const names = closure(packages);
    copyFiles(folder, names);
    copyDatabase(folder, names);
    makeUsers(folder);
    makeDevices(folder);
    for (const name of ["proc", "tmp", "run", "var/lib/apt/lists/partial",
      "var/cache/apt/archives/partial", "var/log/apt"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    chmodSync(join(folder, "tmp"), 0o1777);
    this.run("ldconfig");
  }

  path(...names) {
    return join(this.folder, ...names);
  }

  /** Puts a file or a folder of this machine there. */
  put(from, to) {
    mkdirSync(dirname(this.path(to)), { recursive: true });
    cpSync(from, this.path(to), { recursive: true });
  }

  read(name) {
    return readFileSync(this.path(name), "utf8");
  }

  // A command line, that `command` is run by: as this user, in this folder, with these variables.
  #wrapped(command, { user = "root", folder = "/", env = {} } = {}) {
    const variables = {
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/", DEBIAN_FRONTEND: "noninteractive", ...env
    };
    const script = `cd "$1" && shift && exec "$@"`;
    return ["--mount", "--pid", "--fork", "--kill-child", `--mount-proc=${this.path("proc")}`,
      "chroot", `--userspec=${user}`, this.folder, "env", "-i",
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      "sh", "-c", script, "sh", folder, ...command];
  }

  /** Runs a shell command, or a list of words, to its end; gives what it prints, with its errors. */
  run(command, options) {
    const { status, output } = this.attempt(command, options);
    assert.equal(status, 0, `${command}: ${output}`);
    return output;
  }

  attempt(command, options) {
    const words = Array.isArray(command) ? command : ["sh", "-c", `${command} 2>&1`];
    const done = spawnSync("unshare", this.#wrapped(words, options), {
      encoding: "utf8", stdio: ["ignore", "pipe", "pipe"]
    });
    return { status: done.status, output: done.stdout + done.stderr };
  }

  /** Starts a program, and gives its process: a signal to `first(process)` reaches it. */
  start(words, options) {
    return spawn("unshare", this.#wrapped(words, options), { stdio: ["ignore", "pipe", "pipe"] });
  }

  /** The pid, on this machine, of the first process there. */
  static first(child) {
    return Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8"));
  }
}
