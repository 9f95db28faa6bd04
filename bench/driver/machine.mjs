// The machine and the commit that figures belong to.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";

const output = (command, ...args) => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined;
  }
};

const has = (command) => output("sh", "-c", `command -v ${command}`) !== undefined;

/** The first two cores this process may use, as [server, load]; null where there is only one
 * or nothing to pin with. */
export function findCores() {
  const status = readFileSync("/proc/self/status", "utf8");
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(status)[1];
  const cores = list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return cores.length >= 2 && has("taskset") ? cores.slice(0, 2) : null;
}

/** The hard limit of open files, which servers and load generator raise their own limit to. */
export function openFilesLimit() {
  const limit = output("sh", "-c", "ulimit -Hn").trim();
  return limit === "unlimited" ? Infinity : Number(limit);
}

export const hasWrk = () => has("wrk");

export function describeCommit() {
  const commit = output("git", "rev-parse", "--short=10", "HEAD")?.trim() ?? "none";
  const changes = output("git", "status", "--porcelain");
  return { commit, isDirty: changes === undefined || changes !== "" };
}

export function describeMachine() {
  const kernel = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
  return `${cpus()[0].model.trim()}, ${cpus().length} cores, Linux ${kernel}`;
}
