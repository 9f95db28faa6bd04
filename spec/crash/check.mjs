// check -- does a room hold what its clients were told, and nothing half done?
//
// The room's own log says which operations it has kept; each is known, since clients asked for
// it. Played again they give all that the room must hold. What clients were told must be in the
// log, at the place they were told.

import { apply } from "./operations.mjs";

const logKey = (seq) => `log:${String(seq).padStart(8, "0")}`;

// What a clear keeps is in its own entry.
function keep(state, words) {
  const [armed, ran, runs] = words;
  state.clear();
  if (armed !== "-") state.set("armed", armed);
  if (ran !== "-") state.set("ran", ran);
  if (runs !== "0") state.set("runs", Number(runs));
}

function readLog(found) {
  const log = new Map();
  for (const [key, value] of found) {
    if (key.startsWith("log:")) log.set(Number(key.slice(4)), value);
  }
  return log;
}

// The log must go from its first entry to the newest without a gap.
function checkGaps(log, last, report) {
  const first = Math.min(...log.keys(), last + 1);
  if (log.size > 0 && first !== 1 && !log.get(first).includes(" ")) {
    report(`its log begins with entry ${first}, which is no clear`);
  }
  for (let seq = first; seq <= last; seq++) {
    if (!log.has(seq)) report(`entry ${seq} of its log is missing`);
  }
  if (Math.max(0, ...log.keys()) > last) report(`its log goes on behind its counter, ${last}`);
  return first;
}

// What the room must hold, and how often each alarm has run.
function replay(log, first, last, operations, report) {
  const state = new Map();
  const runs = new Map();
  for (let seq = first; seq <= last; seq++) {
    const entry = log.get(seq);
    if (entry === undefined) continue;
    const [word, ...rest] = entry.split(" ");
    if (word === "begin" || word === "alarm") {
      if (word === "begin") continue;
      state.set("ran", rest[0]);
      state.set("runs", (state.get("runs") ?? 0) + 1);
      runs.set(rest[0], (runs.get(rest[0]) ?? 0) + 1);
      continue;
    }
    const operation = operations.get(word);
    if (operation === undefined) report(`nobody has asked for ${entry}, entry ${seq}`);
    else if (operation.op === "clear") keep(state, rest);
    else apply(state, operation);
  }
  for (const [token, count] of runs) {
    if (count > 1) report(`the alarm of ${token} counts as run ${count} times`);
  }
  return state;
}

function checkState(found, expected, report) {
  for (const [key, value] of expected) {
    if (found.get(key) === value) continue;
    report(`${key.slice(0, 20)} (${key.length} bytes) is ${found.get(key)} and should be ${value}`);
  }
  for (const [key, value] of found) {
    if (key === "seq" || key.startsWith("log:") || expected.has(key)) continue;
    report(`${key.slice(0, 20)} (${key.length} bytes) is ${value} and should be gone`);
  }
}

// A clear's entry goes on behind its token.
const isEntryOf = (token, entry = "") => entry === token || entry.startsWith(`${token} `);

// `told`: seq to the token that somebody was told of, "" for a mere reading of it.
function checkTold(log, first, last, told, report) {
  for (const [seq, token] of told) {
    if (seq > last) report(`${token || "a reader"} was told of entry ${seq}, which is lost`);
    else if (seq < first || token === "") continue;
    else if (!isEntryOf(token, log.get(seq))) {
      report(`${token} was told it is entry ${seq}, which is ${log.get(seq)}`);
    }
  }
}

// One connection's operations are done in the order they were sent, so those kept have no gap.
function checkOrder(log, report) {
  const newest = new Map();
  for (const seq of [...log.keys()].sort((a, b) => a - b)) {
    const token = log.get(seq).split(" ")[0];
    const [, connection, number] = /^(.+)\.(\d+)$/.exec(token) ?? [];
    if (connection === undefined) continue;
    const before = newest.get(connection);
    if (before !== undefined && Number(number) !== before + 1) {
      report(`entry ${seq} is ${token}, and the one before of its connection is ${before}`);
    }
    newest.set(connection, Number(number));
  }
}

/** Checks what a room holds, a Map, against its ledger { operations, told }; `report` is called
 * with each sentence about something wrong. Gives whether an alarm has still to run. */
export function checkRoom(found, { operations, told }, report) {
  const log = readLog(found);
  const last = found.get("seq") ?? 0;
  const first = checkGaps(log, last, report);
  checkTold(log, first, last, told, report);
  checkOrder(log, report);
  const state = replay(log, first, last, operations, report);
  checkState(found, state, report);
  return state.has("armed") && state.get("ran") !== state.get("armed");
}
