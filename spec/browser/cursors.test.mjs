// examples/cursors in a browser, with the partysocket client: pointers are seen in other tabs.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { serve } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

const APP = "examples/cursors/app.lua";

describe("the cursors page", { timeout: 120_000 }, () => {
  let browser, server, tabs;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    server = await serve(APP);
    tabs = [];
  });
  afterEach(async () => {
    for (const tab of tabs) await tab.context().close();
    await server.stop();
    for (const tab of tabs) assert.deepEqual(tab.faults, []);
    assert.doesNotMatch(server.log(), / error /);
  });

  async function open(options) {
    const tab = await openTab(browser, server.url, "h1", options);
    tabs.push(tab);
    await connected(tab);
    return tab;
  }

  const connected = (tab) => tab.locator("#status").filter({ hasText: "You are visitor" }).waitFor();

  const pointers = (tab) => tab.locator(".pointer");

  // Waits until the tab shows one pointer, there: in parts of the window, whatever its size.
  const seesPointerAt = (tab, x, y) =>
    tab.waitForFunction(([left, top]) => {
      const all = document.querySelectorAll(".pointer");
      const near = (style, part) => Math.abs(parseFloat(style) - part * 100) < 0.5;
      return all.length === 1 && near(all[0].style.left, left) && near(all[0].style.top, top);
    }, [x, y]);

  test("shows a pointer in the other tab, and moves it", async () => {
    const [ann, bob] = [await open(), await open()];
    await ann.mouse.move(90, 70);
    await seesPointerAt(bob, 0.1, 0.1);
    await ann.mouse.move(450, 350, { steps: 20 });
    await seesPointerAt(bob, 0.5, 0.5);
    assert.equal(await pointers(ann).count(), 0);
    await bob.mouse.move(810, 70);
    await seesPointerAt(ann, 0.9, 0.1);
  });

  test("puts a pointer at the same part of a window of another size", async () => {
    const ann = await open();
    const bob = await open({ viewport: { width: 360, height: 640 } });
    await ann.mouse.move(225, 525);
    await seesPointerAt(bob, 0.25, 0.75);
    const box = await pointers(bob).boundingBox();
    assert.ok(Math.abs(box.x - 90) < 10 && Math.abs(box.y - 480) < 10, JSON.stringify(box));
  });

  test("shows who comes later the pointers that are there", async () => {
    const ann = await open();
    await ann.mouse.move(450, 140);
    const bob = await open();
    await seesPointerAt(bob, 0.5, 0.2);
    await bob.locator("#status").filter({ hasText: "one other pointer" }).waitFor();
  });

  test("takes the pointer away of who leaves", async () => {
    const [ann, bob] = [await open(), await open()];
    await ann.mouse.move(450, 350);
    await pointers(bob).waitFor();
    await ann.context().close();
    await pointers(bob).waitFor({ state: "detached" });
  });

  test("takes a pointer away that leaves the page", async () => {
    const [ann, bob] = [await open(), await open()];
    await ann.mouse.move(450, 350);
    await pointers(bob).waitFor();
    await ann.evaluate(() => document.documentElement.dispatchEvent(new PointerEvent("pointerleave")));
    await pointers(bob).waitFor({ state: "detached" });
    await ann.mouse.move(90, 70);
    await seesPointerAt(bob, 0.1, 0.1);
  });

  test("comes back after the server was away", async () => {
    const [ann, bob] = [await open(), await open()];
    await ann.mouse.move(450, 350);
    await pointers(bob).waitFor();
    await server.stop();
    for (const tab of [ann, bob]) {
      await tab.locator("#status").filter({ hasText: "Connection lost" }).waitFor();
    }
    server = await serve(APP, { port: server.port });
    for (const tab of [ann, bob]) await connected(tab);
    await ann.mouse.move(90, 630);
    await seesPointerAt(bob, 0.1, 0.9);
  });
});
