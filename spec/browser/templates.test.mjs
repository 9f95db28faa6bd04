// The pages of the templates of `partylua init` in a browser: each once, with two tabs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { program, serve } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

describe("the page of the template", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "partylua-init-"));
  let browser, server;
  let tabs = [];

  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const tab of tabs) await tab.context().close();
    await server.stop();
    for (const tab of tabs) assert.deepEqual(tab.faults, []);
    assert.doesNotMatch(server.log(), / error /);
    tabs = [];
  });

  // Makes the project, serves it, and opens two tabs of it.
  async function start(template, file) {
    execFileSync(program, ["init", template, "--template", template, "--yes"], { cwd: folder });
    const config = join(folder, template, "partylua.json");
    server = await serve(join(folder, template, file), { args: ["--config", config] });
    tabs = [await openTab(browser, server.url, "h1"), await openTab(browser, server.url, "h1")];
    return tabs;
  }

  const sees = (tab, selector, text) => tab.locator(selector).filter({ hasText: text }).first().waitFor();

  test("chat: what one says, both see, and who comes later too", async () => {
    const [ann, bob] = await start("chat", "app.lua");
    await sees(ann, "#status", "in the room lobby");
    await sees(bob, "#status", "in the room lobby");
    await ann.getByLabel("Message", { exact: true }).fill("Tea or <b>coffee</b>?");
    await ann.getByRole("button", { name: "Send" }).click();
    await sees(ann, "#messages li", "Tea or <b>coffee</b>?");
    await sees(bob, "#messages li", "Tea or <b>coffee</b>?");
    await bob.reload();
    await sees(bob, "#messages li", "Tea or <b>coffee</b>?");
  });

  test("cursors: one moves the pointer, the other sees it", async () => {
    const [ann, bob] = await start("cursors", "app.lua");
    await sees(ann, "#status", "You are visitor");
    await sees(bob, "#status", "You are visitor");
    await ann.mouse.move(90, 70);
    await bob.locator(".pointer").waitFor();
    await ann.mouse.move(450, 350);
    await bob.waitForFunction(() => document.querySelector(".pointer").style.left === "50%");
    await ann.context().close();
    await bob.locator(".pointer").waitFor({ state: "detached" });
    tabs.shift();
  });

  test("poll: both vote, one thinks again", async () => {
    const [ann, bob] = await start("poll", "app.lua");
    await ann.getByRole("button", { name: "Soup" }).click();
    await bob.getByRole("button", { name: "Soup" }).click();
    await sees(ann, "#status", "2 votes");
    await bob.getByRole("button", { name: "Pizza" }).click();
    await ann.waitForFunction(() =>
      [...document.querySelectorAll("#options b")].map((each) => each.textContent).join() === "1,0,1");
  });

  test("game: both are on the field, and move", async () => {
    const [ann, bob] = await start("game", "app.lua");
    await sees(ann, "#status", "You have 0, the others 0");
    await sees(bob, "#status", "You have 0, the others 0");
    const before = await ann.evaluate(() => document.getElementById("field").toDataURL());
    const isOther = (old) => document.getElementById("field").toDataURL() !== old;
    // At a wall one of the two leads nowhere.
    const moves = async (key) => {
      await bob.keyboard.press(key);
      return ann.waitForFunction(isOther, before, { timeout: 2000 }).then(() => true, () => false);
    };
    assert.ok(await moves("ArrowLeft") || await moves("ArrowRight"));
  });

  test("typescript: one adds, the other ticks it off and removes it", async () => {
    const [ann, bob] = await start("typescript", "server.ts");
    await sees(ann, "#status", "Nothing to do.");
    await ann.getByLabel("Something to do").fill("Milk <b>");
    await ann.getByRole("button", { name: "Add" }).click();
    await sees(bob, "#items li", "Milk <b>");
    await bob.getByRole("checkbox").check();
    await sees(ann, "#status", "0 of 1 to do.");
    await bob.getByRole("button", { name: "Remove" }).click();
    await sees(ann, "#status", "Nothing to do.");
  });
});
