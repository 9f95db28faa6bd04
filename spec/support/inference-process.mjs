// inference-process -- starts inference.mjs for the suites that run in Node, with the arguments of
// a server whose model "assistant" is one of its models.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, within } from "./server.mjs";

export async function startInference(model) {
  const child = spawn("node", [join(root, "spec/support/inference.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  const port = await within("the provider's start", new Promise((done) => {
    child.stdout.setEncoding("utf8").once("data", (text) => done(/http=(\d+)/.exec(text)[1]));
  }));
  const folder = mkdtempSync(join(tmpdir(), "partylua-spec-"));
  const file = join(folder, "partylua.json");
  writeFileSync(file, JSON.stringify({
    serve: join(root, "examples/assistant/public"),
    ai: { provider: "openai", baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "spec-key", models: { assistant: model } },
  }));
  return {
    args: ["--config", file],
    stop() {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
