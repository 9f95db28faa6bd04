// The servers that are compared, and how each gets onto this machine.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { run } from "./process.mjs";

const home = "bench/peers";
const modules = `${home}/node_modules`;
const npmFlags = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
const { dependencies } = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));

async function npmInstall(...what) {
  console.error(`bench: ${["npm install", ...what].join(" ")} in ${home}`);
  const command = ["npm", "install", "--prefix", home, ...npmFlags, ...what];
  const { status, errors } = await run(command, { limitMs: 300000 });
  if (status !== 0) throw new Error(`npm install failed: ${errors.trim().slice(-500)}`);
}

/** Bun's binary comes in a package for each platform. It is started directly, so that no
 * install script has to run. */
async function findBun() {
  const folder = `${modules}/@oven`;
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of packages) {
    const binary = `${folder}/${name}/bin/bun`;
    if (existsSync(binary) && (await run([binary, "--version"])).status === 0) return binary;
  }
  return undefined;
}

async function prepareBun() {
  if ((await findBun()) === undefined) await npmInstall();
  if ((await findBun()) === undefined && process.arch === "x64") {
    // The usual build needs a processor with AVX2; this one does not.
    await npmInstall("--no-save", `@oven/bun-linux-x64-baseline@${dependencies.bun}`);
  }
  const binary = await findBun();
  if (binary === undefined) throw new Error("npm's bun does not run on this machine");
  const { output } = await run([binary, "--version"]);
  return {
    version: `Bun ${output.trim()}`,
    command: (port) => [binary, `${home}/bun/server.js`, String(port)],
  };
}

async function prepareWs() {
  const manifest = `${modules}/ws/package.json`;
  if (!existsSync(manifest)) await npmInstall();
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  return {
    version: `ws ${version} on Node ${process.versions.node}`,
    command: (port) => [process.execPath, `${home}/ws/server.mjs`, String(port)],
  };
}

async function preparePartylua() {
  const binary = process.env.PARTYLUA ?? "build/release/partylua";
  if (!existsSync(binary)) throw new Error(`${binary} is missing: make release`);
  const { output, errors, status } = await run([binary, "version"]);
  if (status !== 0) throw new Error(`${binary} version: ${errors.trim()}`);
  const app = `${home}/partylua/app.lua`;
  const flags = ["--host", "127.0.0.1", "--log-level", "warn"];
  return {
    version: output.trim().split("\n")[0],
    command: (port) => [binary, "serve", app, "--port", String(port), ...flags],
  };
}

const preparations = { partylua: preparePartylua, bun: prepareBun, ws: prepareWs };

/** The peers called `names`, ready to be started. One that was asked for by name must be
 * there; of all peers, those that cannot be had are left out with a word about it. */
export async function preparePeers(names) {
  const peers = [];
  for (const name of names.length > 0 ? names : Object.keys(preparations)) {
    if (preparations[name] === undefined) throw new Error(`there is no peer called ${name}`);
    try {
      peers.push({ name, ...(await preparations[name]()) });
    } catch (error) {
      if (names.length > 0) throw error;
      console.error(`bench: without ${name}: ${error.message}`);
    }
  }
  if (peers.length === 0) throw new Error("no server to measure");
  return peers;
}
