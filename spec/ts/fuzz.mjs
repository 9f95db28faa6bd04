// fuzz.mjs -- random programs give the same in Node and here.
//
//   node spec/ts/fuzz.mjs [--programs 600] [--seed 1] [--no-jit]
//
// Prints each program that differs, and "N passed, M failed" at the end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { parseArgs } from "node:util";
import { run } from "./node.mjs";
import { program } from "./programs.mjs";

process.env.TZ = "UTC";

const { values: options } = parseArgs({
    options: {
        programs: { type: "string", default: "600" },
        seed: { type: "string", default: "1" },
        "no-jit": { type: "boolean", default: false },
        shown: { type: "string", default: "5" },
    },
});

const root = new URL("../..", import.meta.url).pathname;
const partylua = process.env.PARTYLUA ?? "build/debug/partylua";

/** The program under test: one piece at a time. */
class Translator {
    constructor() {
        const args = ["spec/ts/pieces.lua"];
        if (options["no-jit"]) args.push("--no-jit");
        this.child = spawn(partylua, args, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
        this.lines = readline.createInterface(this.child.stdout)[Symbol.asyncIterator]();
    }

    async run(code) {
        this.child.stdin.write(JSON.stringify(code) + "\n");
        const { value, done } = await this.lines.next();
        if (done) throw new Error("the translator's process has ended");
        return JSON.parse(value);
    }

    async stop() {
        this.child.stdin.end();
        await once(this.child, "exit");
    }
}

function show(seed, code, expected, got) {
    let i = 0;
    while (i < expected.length && expected[i] === got[i]) i++;
    console.log(`seed ${seed} differs at line ${i + 1}: Node ${expected[i]}, here ${got[i]}`);
    console.log(code);
}

const translator = new Translator();
let passed = 0;
let failed = 0;
for (let i = 0; i < Number(options.programs); i++) {
    const seed = (Number(options.seed) * 7919 + i * 104729) % 2147483647;
    const code = program(seed);
    const [expected, got] = [await run(code, true), await translator.run(code)];
    if (JSON.stringify(expected) === JSON.stringify(got)) {
        passed++;
        continue;
    }
    failed++;
    if (failed <= Number(options.shown)) show(seed, code, expected, got);
}
await translator.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
