// undo -- makes of a data file what a power cut may leave of it.
//
// faults.c keeps what each write has replaced since the last sync. Of those writes a disk that
// loses its power has kept some, in any choice, or none.

import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";

const HEAD_BYTES = 24;

function readEntries(path) {
  const bytes = readFileSync(path);
  const entries = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const [offset, length, had] = [0, 8, 16].map((i) => Number(bytes.readBigUInt64LE(at + i)));
    const old = Buffer.alloc(length);
    bytes.copy(old, 0, at + HEAD_BYTES, at + HEAD_BYTES + had);
    at += HEAD_BYTES + had;
    if (at <= bytes.length) entries.push({ offset, old });
  }
  return entries;
}

/** Takes writes back, newest first; gives how many of how many. */
export function cutPower(data, journal, random) {
  if (!existsSync(journal)) return { lost: 0, unsynced: 0 };
  const entries = readEntries(journal).reverse();
  const share = random.of([1, 1, 0.5, 0.1]);
  const file = entries.length === 0 ? undefined : openSync(data, "r+");
  let lost = 0;
  for (const { offset, old } of entries) {
    if (!random.chance(share)) continue;
    writeSync(file, old, 0, old.length, offset);
    lost++;
  }
  if (file !== undefined) closeSync(file);
  rmSync(journal);
  return { lost, unsynced: entries.length };
}
