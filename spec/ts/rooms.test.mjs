// rooms.test -- the modules of spec/ts/rooms do here what they did in Node, byte for byte.
//
// Each NAME.txt is a scenario with what its clients heard when record-rooms.mjs played it in Node.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../support/server.mjs";
import { start as startOrigin } from "./host/origin.mjs";
import { Player } from "./host/player.mjs";
import { parse } from "./host/transcript.mjs";

const folder = fileURLToPath(new URL("rooms/", import.meta.url));
const names = readdirSync(folder).filter((each) => each.endsWith(".txt"))
  .map((each) => each.slice(0, -4));

describe("a room in TypeScript does what it does in Node", () => {
  let origin, server;

  before(async () => {
    origin = await startOrigin();
    const vars = { ORIGIN: origin.url, AI_KEY: "secret", TITLE: "Rooms" };
    const args = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
    args.push("--fetch-allow", "127.0.0.1", "--config", `${folder}partykit.json`);
    server = await serve(null, { args });
  });

  after(async () => {
    await server?.stop();
    await origin?.stop();
  });

  for (const name of names) {
    it(name, async () => {
      const steps = parse(readFileSync(`${folder}${name}.txt`, "utf8"));
      const heard = await new Player(server.url, name, false).play(steps);
      const lines = (list) => steps.map((step, i) => [step.line, ...list[i]].join("\n")).join("\n");
      assert.equal(lines(heard), lines(steps.map((step) => step.heard)),
        `the server's log:\n${server.log().split("\n").slice(-20).join("\n")}`);
    });
  }
});
