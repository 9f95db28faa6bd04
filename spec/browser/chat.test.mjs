// examples/chat in a browser: two tabs talk, and go on talking after the server was away.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { serve } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

const APP = "examples/chat/app.lua";

describe("the chat page", { timeout: 120_000 }, () => {
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

  async function open(name, { hash = "", ...options } = {}) {
    const tab = await openTab(browser, `${server.url}/${hash}`, '[data-line="open"]', options);
    tabs.push(tab);
    if (name) {
      await tab.getByLabel("Your name").fill(name);
      await tab.getByLabel("Your name").press("Enter");
      await sees(tab, "#status", name);
    }
    return tab;
  }

  const sees = (tab, selector, text) =>
    tab.locator(selector).filter({ hasText: text }).first().waitFor();

  async function say(tab, text) {
    await tab.getByLabel("Message", { exact: true }).fill(text);
    await tab.getByRole("button", { name: "Send" }).click();
  }

  test("brings a message to the other tab, with its sender's name", async () => {
    const [ann, bob] = [await open("Ann"), await open("Bob")];
    await say(ann, "hello from Ann");
    await sees(bob, ".message", "hello from Ann");
    assert.equal(await bob.locator(".message .name").innerText(), "Ann");
    assert.equal(await bob.locator(".own").count(), 0);
    await sees(ann, ".own", "hello from Ann");
    await say(bob, "and back");
    await sees(ann, ".message:not(.own)", "and back");
    assert.equal(await ann.getByLabel("Message", { exact: true }).inputValue(), "");
  });

  test("shows who comes later what was said", async () => {
    const ann = await open("Ann");
    await say(ann, "first");
    await say(ann, "second");
    await sees(ann, ".message", "second");
    const bob = await open("Bob");
    await sees(bob, ".message", "second");
    assert.deepEqual(await bob.locator(".text").allInnerTexts(), ["first", "second"]);
  });

  test("shows what looks like HTML as the text it is", async () => {
    const evil = '<img src="x" onerror="document.title = 1"><b>bold</b>';
    const [ann, bob] = [await open("<i>Ann"), await open("Bob")];
    await say(ann, evil);
    await sees(bob, ".message", "bold");
    assert.equal(await bob.locator(".text").innerText(), evil);
    assert.equal(await bob.locator(".name").innerText(), "<i>Ann");
    assert.equal(await bob.locator("#messages :is(img, i, .text b)").count(), 0);
  });

  test("tells who is there, who is typing, and who has gone", async () => {
    const [ann, bob] = [await open("Ann"), await open("Bob")];
    await sees(ann, "#status", "2 here: Ann and Bob");
    await bob.getByLabel("Message", { exact: true }).pressSequentially("hm");
    await sees(ann, "#typing", "Bob is typing");
    assert.equal(await bob.locator("#typing").innerText(), "");
    await bob.context().close();
    await sees(ann, "#status", "1 here: Ann");
    await sees(ann, "#typing", /^$/);
  });

  test("keeps rooms apart, and moves to another one", async () => {
    const ann = await open("Ann", { hash: "#garden" });
    const bob = await open("Bob", { hash: "#cellar" });
    await say(ann, "in the garden");
    await say(bob, "in the cellar");
    await sees(bob, ".own", "in the cellar");
    assert.equal(await bob.locator(".message").count(), 1);
    await bob.getByLabel("Room").fill("garden");
    await bob.getByLabel("Room").press("Enter");
    await sees(bob, ".message", "in the garden");
    assert.equal(await bob.locator(".message").count(), 1);
    assert.equal(new URL(bob.url()).hash, "#garden");
  });

  test("says what the room has refused", async () => {
    const ann = await open("Ann");
    await ann.getByLabel("Message", { exact: true }).evaluate((input) => {
      input.maxLength = 5000;
      input.value = "x".repeat(1001);
    });
    await ann.getByRole("button", { name: "Send" }).click();
    await sees(ann, "#notice", "must not have more than 1000 characters");
  });

  test("comes back after the server was away, and keeps what was said", async () => {
    const [ann, bob] = [await open("Ann"), await open("Bob")];
    await say(ann, "before");
    await sees(bob, ".message", "before");
    await server.stop();
    for (const tab of [ann, bob]) await tab.waitForSelector('[data-line="lost"]');
    await say(ann, "while nobody is there");
    await sees(ann, "#notice", "Not connected");

    server = await serve(APP, { port: server.port });
    for (const tab of [ann, bob]) await tab.waitForSelector('[data-line="open"]');
    await sees(ann, "#status", "2 here");
    await ann.getByRole("button", { name: "Send" }).click(); // it was not lost
    await sees(bob, ".message", "while nobody is there");
    assert.deepEqual(await bob.locator(".text").allInnerTexts(), ["before", "while nobody is there"]);
    assert.equal(await ann.locator("#notice").innerText(), "");
  });

  test("fits a phone, and names each of its fields", async () => {
    const ann = await open("Ann", { viewport: { width: 320, height: 560 } });
    await say(ann, `a long one: ${"x".repeat(300)}`);
    await sees(ann, ".own", "a long one");
    const page = await ann.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - innerWidth,
      unnamed: [...document.querySelectorAll("input")].filter((input) => !input.labels.length).length,
      buttonEnd: document.querySelector("button").getBoundingClientRect().bottom - innerHeight
    }));
    assert.deepEqual({ ...page, buttonEnd: page.buttonEnd <= 0 },
      { overflow: 0, unnamed: 0, buttonEnd: true });
  });
});
