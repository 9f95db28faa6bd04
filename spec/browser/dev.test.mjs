// `partylua dev --live` in a browser: pages follow their files, and show what is wrong.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { program, within } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

const app = (version) => `
local App = {}
function App:onConnect(conn) conn:send "welcome to ${version}" end
function App:onMessage(message, conn) conn:send("${version} " .. message) end
return App
`;

const page = (text) => `<!doctype html><html><head><title>Page</title><link rel="icon" href="data:,"></head><body><h1>${text}</h1>
<ul></ul><script>
window.socket = new WebSocket("ws://" + location.host + "/parties/main/lobby");
socket.onmessage = (event) => {
  document.querySelector("ul").append(Object.assign(document.createElement("li"),
    { textContent: event.data }));
};
</script></body></html>
`;

describe("a page of partylua dev --live", { timeout: 120_000 }, () => {
  let browser, folder, child, output, tab;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  const write = (name, text) => writeFileSync(join(folder, name), text);

  async function start() {
    child = spawn(program, ["dev", "--port", "0", "--live"], {
      cwd: folder, stdio: ["ignore", "pipe", "inherit"]
    });
    process.once("exit", () => child.kill("SIGKILL"));
    output = "";
    return within("the server's start", new Promise((done) => {
      child.stdout.setEncoding("utf8").on("data", (text) => {
        output += text;
        const found = /(http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(output);
        if (found) done(found[1]);
      });
    }));
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "partylua-dev-"));
    mkdirSync(join(folder, "public"));
    write("partylua.json", '{ "main": "app.lua", "serve": "public" }');
    write("app.lua", app("one"));
    write("public/index.html", page("first"));
    tab = await openTab(browser, await start(), "li");
  });

  afterEach(async () => {
    await tab.context().close();
    const ended = new Promise((done) => child.once("close", done));
    child.kill("SIGTERM");
    assert.equal(await within("the server's end", ended), 0);
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(tab.faults, []);
  });

  const sees = (selector, text) => tab.locator(selector).filter({ hasText: text }).waitFor();

  test("loads itself again when a static file changes", async () => {
    await sees("h1", "first");
    write("public/index.html", page("second"));
    await sees("h1", "second");
    await sees("li", "welcome to one");
  });

  test("keeps its socket when the app changes", async () => {
    await tab.evaluate(() => { window.mark = "the same page"; });
    write("app.lua", app("two"));
    await within("a reload", (async () => {
      while (!output.includes("app.lua changed: reloaded")) {
        await new Promise((resume) => child.stdout.once("data", resume));
      }
    })());
    await tab.evaluate(() => window.socket.send("hello"));
    await sees("li", "two hello");
    assert.equal(await tab.evaluate(() => window.mark), "the same page");
    assert.equal(await tab.locator("li").count(), 2); // one welcome: the socket is the same too
  });

  test("shows what is wrong with the code, and goes on when it is right again", async () => {
    write("app.lua", "local App = {}\nfunction App:onMessage(\nreturn App\n");
    await sees("partylua-fault pre", "app.lua:3: ");
    await sees("partylua-fault pre", "3 | return App");
    await tab.evaluate(() => window.socket.send("hello"));
    await sees("li", "one hello"); // the old code runs on
    write("app.lua", app("three"));
    await tab.locator("partylua-fault").waitFor({ state: "detached" });
    await tab.evaluate(() => window.socket.send("hello"));
    await sees("li", "three hello");
  });
});
