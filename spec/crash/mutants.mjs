// The crash suite's own proof: servers that break a promise in one place must be found out.
//
//     node spec/crash/mutants.mjs [NAME...]
//
// Each mutant is the source with one text replaced, built under build/mutants/NAME.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const mutants = [
  {
    name: "no-gate", // what is sent does not wait for the commit
    file: "runtime/party/storage.h",
    from: "return storage->gate_seq > storage->durable_seq;",
    to: "return storage->gate_seq > storage->durable_seq && false;",
    disk: "real",
  },
  {
    name: "no-sync", // commits count before their record is on disk
    file: "runtime/store/journal.c",
    from: "journal->record.len);\n    if (rc == 0) rc = sync_file(journal->file);",
    to: "journal->record.len);",
    disk: "forgetful",
  },
  {
    name: "early-answer", // a group is handed back before it is on disk, in half of the cases
    file: "runtime/store/journal.c",
    from: "journal->record.len);\n    if (rc == 0) rc = sync_file(journal->file);",
    to: "journal->record.len);\n    if (rc == 0 && journal->index % 2 == 0) rc = sync_file(journal->file);",
    disk: "forgetful",
  },
  {
    name: "no-pin", // pages of the checkpoint are used again before the next one
    file: "runtime/store/checkpoint.c",
    from: "    checkpoint->held_pages = 0;\n",
    to: "    checkpoint->held_pages = 0;\n    mdb_txn_reset(pin);\n",
    disk: "forgetful",
  },
  {
    name: "no-pages", // LMDB begins at whatever pages a power cut has left
    file: "runtime/store/recover.c",
    from: "rc = put_pages(file, &recovery->head);",
    to: "(void)put_pages;",
    disk: "forgetful",
  },
  {
    name: "no-checkpoint-sync", // records are void before the pages they have changed are on disk
    file: "runtime/store/checkpoint.c",
    from: "int rc = pl_lmdb_error(mdb_env_sync(checkpoint->store->env, 1));",
    to: "int rc = 0;",
    disk: "forgetful",
  },
  {
    name: "no-replay", // what only the journal has is forgotten
    file: "runtime/store/recover.c",
    from: "    if (rc == 0) rc = apply_all(recovery);",
    to: "    if (rc == 0) (void)apply_all;",
    disk: "forgetful",
  },
  {
    name: "no-heirs", // batches behind a failed one are written all the same
    file: "runtime/store/commit.c",
    from: "batch->result = batch->writer->has_failed ? -ECANCELED : 0;",
    to: "batch->result = 0;",
    disk: "faulty",
  },
  {
    name: "no-clear", // deleteAll leaves what is on disk
    file: "runtime/store/apply.c",
    from: "if (batch->clears) rc = pl_entries_clear",
    to: "if (batch->clears && false) rc = pl_entries_clear",
    disk: "real",
  },
  {
    name: "no-retry", // an alarm is gone before its handler has succeeded
    file: "runtime/party/alarm.c",
    from: "    room->alarm.is_running = true;\n",
    to: "    room->alarm.is_running = true;\n"
      + "    pl_storage_set_alarm(storage, (struct pl_stored_alarm){0}, true);\n",
    disk: "real",
  },
];

const ROUNDS = 200; // at most: a mutant is found out in one of the first
const root = fileURLToPath(new URL("../..", import.meta.url));

function run(command, args, options = {}) {
  return spawnSync(command, args, { encoding: "utf8", ...options });
}

/** A copy of the source and of what is built already, so that little has to be compiled. */
function copyTree(to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(`${to}/build`, { recursive: true });
  const kept = { recursive: true, preserveTimestamps: true };
  for (const name of ["Makefile", "runtime", "build/debug"]) {
    if (existsSync(`${root}/${name}`)) cpSync(`${root}/${name}`, `${to}/${name}`, kept);
  }
  for (const name of ["lualib", "scripts", "build/deps"]) symlinkSync(`${root}/${name}`, `${to}/${name}`);
}

function build({ name, file, from, to }) {
  const folder = `${root}build/mutants/${name}`;
  copyTree(folder);
  const source = readFileSync(`${folder}/${file}`, "utf8");
  if (source.split(from).length !== 2) throw new Error(`${name}: ${file} does not hold "${from}" once`);
  writeFileSync(`${folder}/${file}`, source.replace(from, () => to));
  const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...environment } = process.env;
  const made = run("make", ["-C", folder, "BUILD=debug", "all"], { env: environment });
  if (made.status !== 0) throw new Error(`${name} cannot be built:\n${made.stdout}${made.stderr}`);
  return `${folder}/build/debug/partylua`;
}

/** What the suite says of a mutant, when it finds it out. */
function findOut(mutant) {
  const args = ["--program", build(mutant), "--disk", mutant.disk, "--rounds", String(ROUNDS)];
  const suite = run("node", [`${root}/spec/crash/main.mjs`, "--forget", ...args], { cwd: root });
  const complaint = /^round \d+, .*$/m.exec(suite.stdout);
  if (suite.status === 1 && complaint !== null) return complaint[0];
  throw new Error(`${mutant.name} was not found out:\n${suite.stdout}${suite.stderr}`);
}

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const mutant of mutants) {
  if (wanted.length > 0 && !wanted.includes(mutant.name)) continue;
  try {
    console.log(`${mutant.name}: found out: ${findOut(mutant)}`);
    passed++;
  } catch (error) {
    console.log(error.message);
    failed++;
  }
}
console.log(`mutants: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
