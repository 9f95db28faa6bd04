// Watches a server that starts with all its alarms due.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const log = "build/bench/partylua.log";

// The app counts its alarms in the log, in tens of thousands.
function countRun() {
  const all = [...readFileSync(log, "utf8").matchAll(/run=(\d+)/g)];
  return all.length === 0 ? 0 : Number(all.at(-1)[1]);
}

/** The server's own memory: pages of the data file that it has mapped are the kernel's. */
export function ownBytes({ pid }) {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
}

/** Memory at most and alarms a second, until nearly all have run or the time is over. */
export async function watchAlarms(bench, server) {
  const started = performance.now();
  const wanted = Math.floor((bench.size.rooms * 0.9) / 10000) * 10000;
  let ownMost = 0;
  let ran = 0;
  while (performance.now() - started < bench.size.alarmSeconds * 1000 && ran < wanted) {
    await sleep(50);
    ownMost = Math.max(ownMost, ownBytes(server));
    ran = countRun();
  }
  return { ownBytes: ownMost, perSecond: (ran * 1000) / (performance.now() - started) };
}
