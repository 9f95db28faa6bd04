// record-rooms -- plays the scenarios of spec/ts/rooms in Node and writes down what was heard.
//
//   node spec/ts/record-rooms.mjs [NAME...]            writes the transcripts
//   node spec/ts/record-rooms.mjs --check [NAME...]    only says which of them differ
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve } from "./host/host.mjs";
import { start as startOrigin } from "./host/origin.mjs";
import { Player } from "./host/player.mjs";
import { parse } from "./host/transcript.mjs";

process.env.TZ = "UTC";

const folder = fileURLToPath(new URL("rooms/", import.meta.url));
const { values: options, positionals } = parseArgs({
  options: { check: { type: "boolean" } }, allowPositionals: true,
});

const names = readdirSync(folder).filter((each) => each.endsWith(".txt"))
  .map((each) => each.slice(0, -4))
  .filter((each) => positionals.length === 0 || positionals.includes(each));
const origin = await startOrigin();
const host = await serve(folder, { ORIGIN: origin.url, AI_KEY: "secret", TITLE: "Rooms" });
let differing = 0;

async function record(name) {
  const path = `${folder}${name}.txt`;
  const text = readFileSync(path, "utf8");
  const steps = parse(text);
  const heard = await new Player(host.url, name, true).play(steps);
  const made = steps.map((step, i) => [step.line, ...heard[i]].join("\n")).join("\n") + "\n";
  if (made === text) return;
  differing++;
  console.log(`differs: ${name}`);
  if (!options.check) writeFileSync(path, made);
}

// Several at a time: most of it is waiting until nothing more comes.
const left = [...names];
await Promise.all(Array.from({ length: 8 }, async () => {
  while (left.length > 0) await record(left.pop());
}));
await host.stop();
await origin.stop();
console.log(`${names.length} scenarios, ${differing} differ`);
process.exit(options.check && differing > 0 ? 1 : 0);
