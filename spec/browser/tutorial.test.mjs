// What the tutorial asks to be done in a browser, after each step that has a page.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { serve, within } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

describe("the tutorial in a browser", { timeout: 120_000 }, () => {
  let browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  // Runs `steps` with the app of a step served, and with tabs that must have no faults.
  async function visit(step, steps, args = []) {
    const server = await serve(`examples/tutorial/${step}/app.lua`, { args });
    const tabs = [];
    const open = async (target, selector = "#status:text('Connected')") => {
      tabs.push(await openTab(browser, server.url + target, selector));
      return tabs.at(-1);
    };
    try {
      await steps(open, server);
      for (const tab of tabs) assert.deepEqual(tab.faults, []);
    } finally {
      for (const tab of tabs) await tab.context().close();
      await server.stop();
    }
  }

  async function say(tab, text) {
    await tab.getByLabel("Text").fill(text);
    await tab.getByRole("button", { name: "Send" }).click();
  }

  const lines = (tab) => tab.locator("#messages li").allInnerTexts();
  const sees = (tab, text) => tab.locator("li").filter({ hasText: text }).first().waitFor();

  test("1: the console shows what the text says", async () => {
    const page = readFileSync("docs/tutorial/1-first-room.md", "utf8");
    const [, script, expected] = /```js\n(.*?)```.*?```text\n(.*?)```/s.exec(page);
    await visit("1-first-room", async (open, server) => {
      const tab = await open("/parties/main/kitchen", "body");
      const logged = [];
      const wanted = expected.trim().split("\n");
      const done = new Promise((resolve) => {
        tab.on("console", (line) => {
          if (line.type() === "log" && logged.push(line.text()) === wanted.length) resolve();
        });
      });
      await tab.evaluate(script.replace("127.0.0.1:1999", server.host));
      await within("what the room sends", done);
      tab.faults = tab.faults.filter((fault) => !/404/.test(fault)); // it has no icon
      assert.deepEqual(logged, wanted);
    });
  });

  test("2: two tabs share a room, a third is in another", async () => {
    await visit("2-two-tabs", async (open) => {
      const [ann, bob, eve] = [await open("/"), await open("/"), await open("/#garden")];
      await say(ann, "<b>hello</b>");
      await sees(bob, "Somebody: <b>hello</b>");
      await say(eve, "alone");
      await sees(eve, "alone");
      assert.deepEqual(await lines(eve), ["Somebody: alone"]);
      assert.deepEqual(await lines(ann), ["Somebody: <b>hello</b>"]);
    });
  });

  test("3: a host sees who comes and goes", async () => {
    await visit("3-names", async (open) => {
      const hal = await open("/?name=Hal&role=host");
      const ann = await open("/?name=Ann");
      await sees(hal, "room: Ann came");
      await say(ann, "hello");
      await sees(hal, "Ann: hello");
      await ann.goto("about:blank");
      await sees(hal, "room: Ann left");
    });
  });

  test("4: the page comes back after a restart, and shows what was said", async () => {
    const folder = mkdtempSync(join(tmpdir(), "partylua-tutorial-"));
    try {
      const args = ["--data", join(folder, "data")];
      const server = await serve("examples/tutorial/4-memory/app.lua", { args });
      const ann = await openTab(browser, `${server.url}/?name=Ann`, "#status:text('Connected')");
      await say(ann, "hello");
      await sees(ann, "Ann: hello");
      await server.stop();
      await ann.waitForSelector("#status:text('Not connected')");
      const again = await serve("examples/tutorial/4-memory/app.lua", { port: server.port, args });
      await ann.waitForSelector("#status:text('Connected')");
      await sees(ann, "Ann: hello");
      assert.deepEqual(await lines(ann), ["Ann: hello"]);
      await ann.context().close();
      await again.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("5: a text that is too long is answered", async () => {
    await visit("5-tests", async (open) => {
      const ann = await open("/");
      await say(ann, "x".repeat(501));
      await sees(ann, "room: say 1 to 500 bytes of text");
    });
  });

  test("6: the lobby lists a room, and leads there", async () => {
    await visit("6-lobby", async (open) => {
      const watcher = await open("/lobby.html", "h1");
      await open("/#kitchen");
      await sees(watcher, "kitchen: 1");
      await watcher.getByRole("link", { name: "kitchen" }).click();
      await watcher.waitForSelector("#status:text('Connected')");
      assert.match(watcher.url(), /\/#kitchen$/);
    });
  });

  test("7: the cron is seen on the page", async () => {
    await visit("7-alarms", async (open, server) => {
      const ann = await open("/?name=Ann");
      const answer = await fetch(`${server.url}/__scheduled__?cron=time+for+tea`);
      assert.equal(answer.status, 200);
      await sees(ann, "room: time for tea");
    }, ["--dev-endpoints"]);
  });
});
