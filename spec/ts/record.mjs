// record.mjs -- records what Node answers to the pieces of language-tests.json.
//
//   node spec/ts/record.mjs            writes the answers into the file
//   node spec/ts/record.mjs --check    only says which of them differ
import { readFile, writeFile } from "node:fs/promises";
import { run } from "./node.mjs";

process.env.TZ = "UTC";

const path = new URL("language-tests.json", import.meta.url);
const cases = JSON.parse(await readFile(path, "utf8"));
let differing = 0;

for (const each of cases) {
    const lines = await run(each.code);
    if (JSON.stringify(lines) !== JSON.stringify(each.expect)) {
        console.log(`differs: ${each.name}`);
        differing++;
    }
    each.expect = lines;
}

if (!process.argv.includes("--check")) {
    await writeFile(path, JSON.stringify(cases, null, 1) + "\n");
}
console.log(`${cases.length} pieces, ${differing} differ`);
process.exit(process.argv.includes("--check") && differing > 0 ? 1 : 0);
