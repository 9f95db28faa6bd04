// loader -- lets Node load modules in TypeScript: a hook for node:module's register().
//
// Types are taken out, names without their ending are completed, JSON needs no attribute.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { strip } from "../node.mjs";

const ENDINGS = [".ts", ".tsx", ".json", "/index.ts"];

export async function resolve(name, context, next) {
  if (/^\.\.?\//.test(name) && context.parentURL) {
    const url = new URL(name, context.parentURL);
    const ending = ["", ...ENDINGS].find((each) => existsSync(fileURLToPath(url) + each));
    if (ending) return { url: url.href + ending, shortCircuit: true };
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
