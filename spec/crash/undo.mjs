// undo -- makes of a file what a power cut may leave of it.
//
// faults.c keeps what each write has replaced since the last sync of its file. Of those writes a
// disk that loses its power has kept some, in any choice, or none, and of a block some sectors.

import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";

const HEAD_BYTES = 24;
const SECTOR_BYTES = 512;

function readEntries(path) {
  const bytes = readFileSync(path);
  const entries = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const [offset, length, had] = [0, 8, 16].map((i) => Number(bytes.readBigUInt64LE(at + i)));
    const old = Buffer.alloc(length);
    bytes.copy(old, 0, at + HEAD_BYTES, at + HEAD_BYTES + had);
    at += HEAD_BYTES + had;
    if (at <= bytes.length) entries.push({ offset, old, had });
  }
  return entries;
}

/** Runs of sectors of a block that are taken back: nearly always one, of all of it. */
function choosePieces(length, random) {
  if (!random.chance(0.1)) return [[0, length]];
  const pieces = [];
  for (let at = 0; at < length; at += SECTOR_BYTES) {
    if (random.chance(0.5)) pieces.push([at, Math.min(at + SECTOR_BYTES, length)]);
  }
  return pieces;
}

/** Takes writes back, newest first; gives how many of how many. The file is as long as it was when
 * all of them are. */
export function cutPower(path, undo, random) {
  if (!existsSync(undo)) return { lost: 0, unsynced: 0 };
  const entries = readEntries(undo).reverse();
  const share = random.of([1, 1, 0.5, 0.1]);
  const file = entries.length === 0 ? undefined : openSync(path, "r+");
  let lost = 0;
  let end = Infinity;
  for (const { offset, old, had } of entries) {
    if (had < old.length) end = Math.min(end, offset + had);
    if (!random.chance(share)) continue;
    for (const [from, to] of share === 1 ? [[0, old.length]] : choosePieces(old.length, random)) {
      writeSync(file, old, from, to - from, offset + from);
    }
    lost++;
  }
  if (share === 1 && end < Infinity) ftruncateSync(file, end);
  if (file !== undefined) closeSync(file);
  rmSync(undo);
  return { lost, unsynced: entries.length };
}
