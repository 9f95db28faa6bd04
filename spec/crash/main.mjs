// The crash suite: clients write while the server is killed at random moments; then everything
// they were told of must be there, and nothing half done. See README.md.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { checkRoom } from "./check.mjs";
import { dataFiles, forget, order, startProgram, within } from "./program.mjs";
import { createRandom } from "./random.mjs";
import { createLedgers, readRoom, rooms, startTraffic } from "./traffic.mjs";
import { cutPower } from "./undo.mjs";

const help = `usage: node spec/crash/main.mjs [option...]

  --rounds N       rounds, each with a kill (50)
  --seed N         of what is chosen; printed, so that a run can be had again (of the clock)
  --disk KIND      what the server writes to: "real"; "forgetful", which loses what was not
                   synced when the server is killed; "faulty", which fails and is slow at times
  --program PATH   what is served with ($PARTYLUA, or build/debug/partylua)
  --folder PATH    where data goes, a new folder; removed at the end (one of its own)
  --power COMMAND  cuts the power instead of killing: called with "off" and "on" and the folder
                   above; see scripts/power-cut
  --forget         remove the data also when something is wrong with it
`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 1000000) },
    disk: { type: "string", default: "real" },
    program: { type: "string", default: process.env.PARTYLUA ?? "build/debug/partylua" },
    folder: { type: "string", default: "" },
    power: { type: "string", default: "" },
    forget: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

// Those that end by themselves fail a group and its first batch, and save those behind it.
const troubles = [
  "write=EIO", "write=ENOSPC after=5", "sync=EIO", "sync_ms=30", "short=1", "meta=EIO", "",
  "write=EIO times=2", "sync=EIO times=2", "sync=EIO after=2 times=2", "write=ENOSPC times=3",
];

const ALARM_MS = 10000; // an alarm is due in some milliseconds, or some seconds after a failure

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class Suite {
  constructor({ rounds, seed, disk, program, folder, power }) {
    Object.assign(this, { rounds: Number(rounds), seed: Number(seed), kind: disk, program, power });
    this.random = createRandom(this.seed);
    this.folder = folder || mkdtempSync(`${tmpdir()}/partylua-crash-`);
    mkdirSync(this.folder, { recursive: true });
    // A file system that is shut down forgets its cache, and nothing of what went past it.
    this.orders = power === "" ? "" : "direct=EINVAL";
    const isPlain = disk === "real" && power === "";
    this.disk = isPlain ? undefined : { isForgetful: disk === "forgetful" };
    this.ledgers = createLedgers();
    this.counts = { told: 0, lost: 0, unsynced: 0, starts: 0 };
    this.complaints = [];
  }

  /** Starts the program and waits until it serves; on some days it is killed before. Gives
   * undefined when it does not start any more. */
  async start(round) {
    for (;;) {
      if (this.disk !== undefined) order(this.folder, this.orders);
      this.counts.starts++;
      const server = startProgram(this);
      if (this.random.chance(0.2)) {
        await Promise.race([pause(this.random.below(60)), server.listening]);
        await this.end(server, "SIGKILL");
        continue;
      }
      server.port = await within("the server's start", server.listening);
      if (server.port !== undefined) return server;
      const how = await server.ended;
      this.complaints.push(`round ${round}, the server does not start: ${how} ${server.log()}`);
      return undefined;
    }
  }

  switchPower(how) {
    if (this.power !== "") execFileSync(this.power, [how, dirname(this.folder)]);
  }

  async end(server, signal) {
    if (signal === "SIGKILL") this.switchPower("off");
    server.kill(signal);
    const how = await within("the server's end", server.ended);
    if (signal === "SIGTERM" && how !== 0 && !this.isBroken) {
      this.complaints.push(`told to stop, the server ended with ${how}:\n${server.log()}`);
    }
    if (signal === "SIGKILL") this.switchPower("on");
    if (!this.disk?.isForgetful) return;
    dataFiles(this.folder).forEach((path, i) => {
      const { lost, unsynced } = cutPower(path, `${this.folder}/undo.${i}`, this.random);
      this.counts.lost += lost;
      this.counts.unsynced += unsynced;
    });
  }

  async checkRoom(server, room, report) {
    const deadline = Date.now() + ALARM_MS;
    while (checkRoom(await readRoom(server.port, room), this.ledgers.get(room), report)) {
      if (this.complaints.length > 0) return;
      if (Date.now() > deadline) return report("an alarm that is due never runs");
    }
  }

  async check(server, round) {
    for (const room of rooms) {
      const report = (what) => this.complaints.push(`round ${round}, room ${room}: ${what}`);
      try {
        await this.checkRoom(server, room, report);
      } catch (error) {
        report(`it cannot be read: ${error.message}`);
      }
    }
  }

  /** Lets the disk do other things now and then, until `isOver`. */
  async trouble(isOver) {
    this.isBroken = false;
    while (this.kind === "faulty" && !isOver()) {
      await pause(this.random.below(40));
      const orders = this.random.of(troubles);
      // LMDB's first pages may break, or checkpoints end: either ends the server.
      if (/^(meta|short|sync=EIO)/.test(orders)) this.isBroken = true;
      order(this.folder, orders);
    }
  }

  async run() {
    for (let round = 1; round <= this.rounds + 1; round++) {
      const server = await this.start(round);
      if (server === undefined) return;
      await this.check(server, round);
      if (this.complaints.length > 0 || round > this.rounds) return this.end(server, "SIGKILL");
      let isOver = false;
      const traffic = startTraffic(server.port, round, this.random.fork(), this.ledgers);
      const trouble = this.trouble(() => isOver);
      await pause(this.random.between(5, 120));
      await this.end(server, this.random.chance(0.1) ? "SIGTERM" : "SIGKILL");
      isOver = true;
      await Promise.all([traffic.finish(), trouble]);
    }
  }
}

async function main() {
  if (values.help) return process.stdout.write(help);
  const suite = new Suite(values);
  await suite.run();
  const { starts, lost, unsynced } = suite.counts;
  let told = 0;
  for (const ledger of suite.ledgers.values()) told += ledger.told.size;
  console.log(`seed ${suite.seed}, disk ${suite.kind}: ${starts} starts, ${told} entries told of`
    + (suite.disk?.isForgetful ? `, ${lost} of ${unsynced} unsynced writes lost` : ""));
  const failed = suite.complaints.length;
  for (const complaint of suite.complaints.slice(0, 20)) console.log(complaint);
  if (failed === 0 || values.forget) forget(suite.folder);
  else console.log(`again with --seed ${suite.seed} --disk ${suite.kind}; the data is in ${suite.folder}`);
  console.log(failed === 0 ? `${suite.rounds} passed, 0 failed` : "0 passed, 1 failed");
  process.exitCode = failed === 0 ? 0 : 1;
}

main().catch((error) => {
  console.log(`${error.stack}\n0 passed, 1 failed`);
  process.exit(1);
});
