// loader -- lets Node load modules in TypeScript: a hook for node:module's register().
//
// Types are taken out, names without their ending are completed, JSON needs no attribute.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { strip } from "../node.mjs";

const ENDINGS = ["", ".ts", ".tsx", ".json", "/index.ts"];

export async function resolve(name, context, next) {
  if (/^\.\.?\//.test(name) && context.parentURL) {
    const { href } = new URL(name, context.parentURL);
    // A ".js" in a name may mean the ".ts" it will be made of.
    const tried = [...ENDINGS.map((each) => href + each), href.replace(/\.js$/, ".ts")];
    const url = tried.find((each) => /\.\w+$/.test(each) && existsSync(fileURLToPath(each)));
    if (url) return { url, shortCircuit: true };
  }
  return next(name, context);
}

export async function load(url, context, next) {
  const ending = /\.(tsx?|json)$/.exec(new URL(url).pathname)?.[1];
  if (!ending || url.includes("/node_modules/")) return next(url, context);
  const text = readFileSync(new URL(url), "utf8");
  const source = ending === "json" ? `export default ${text};` : strip(text);
  return { format: "module", source, shortCircuit: true };
}
