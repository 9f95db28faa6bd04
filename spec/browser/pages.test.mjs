// The pages of examples/poll, lobby, search and assistant in a browser: each once, with two tabs.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { startInference } from "../support/inference-process.mjs";
import { serve } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

describe("the pages of", { timeout: 60_000 }, () => {
  let browser, server;
  let tabs = [];

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  afterEach(async () => {
    for (const tab of tabs) await tab.context().close();
    await server.stop();
    for (const tab of tabs) assert.deepEqual(tab.faults, []);
    tabs = [];
  });

  async function open(url, selector) {
    const tab = await openTab(browser, url, selector);
    tabs.push(tab);
    return tab;
  }

  const sees = (tab, selector, text) => tab.locator(selector).filter({ hasText: text }).waitFor();

  test("poll: one makes a poll, both vote, and each once", async () => {
    server = await serve("examples/poll/app.lua");
    const ann = await open(server.url, "#new:not([hidden])");
    await ann.getByLabel("Question").fill("Tea or <b>coffee</b>?");
    await ann.getByLabel("Options").fill("Tea\n\n  Coffee\n");
    await ann.getByRole("button", { name: "Make the poll" }).click();
    await sees(ann, "#question", "Tea or <b>coffee</b>?");
    const bob = await open(ann.url(), "#poll:not([hidden])");
    await bob.getByRole("button", { name: "Coffee" }).click();
    await sees(ann, "#total", "1 vote");
    await ann.getByRole("button", { name: "Coffee" }).click();
    await sees(bob, "#total", "2 votes");
    await bob.getByRole("button", { name: "Tea" }).click();
    await sees(bob, "#notice", "you have voted already");
    assert.deepEqual(await bob.locator("#options b").allInnerTexts(), ["0", "2"]);
  });

  test("lobby: one enters a room, the other sees it listed and follows", async () => {
    server = await serve("examples/lobby/app.lua");
    const [ann, bob] = [await open(server.url, "#none:not([hidden])"), await open(server.url, "#none")];
    await ann.getByLabel("Enter a room").fill("garden");
    await ann.getByRole("button", { name: "Enter" }).click();
    await sees(bob, "#rooms li", "1 person");
    await bob.getByRole("link", { name: "garden" }).click();
    await sees(ann, "#people", "Here: 2");
    await sees(ann, "#rooms li", "2 people");
    await bob.getByRole("button", { name: "Wave" }).click();
    await sees(ann, "#waves", "Somebody waves");
    await bob.getByRole("link", { name: "Leave" }).click();
    await sees(ann, "#people", "Here: 1");
  });

  test("search: one adds notes, the other finds the one that is like what he types", async () => {
    server = await serve("examples/search/app.lua");
    const [ann, bob] = [await open(server.url, "#new"), await open(server.url, "#new")];
    for (const text of ["a <b>recipe</b> for soup", "the bicycle needs oil"]) {
      await ann.getByLabel("New note").fill(text);
      await ann.getByRole("button", { name: "Add it" }).click();
      await sees(ann, "#notes li", text);
    }
    await sees(bob, "#notes li", "a <b>recipe</b> for soup");
    await bob.getByLabel("Find notes like").fill("receipe");
    await sees(bob, "#heading", "Like what you type");
    await sees(bob, "#notes li", "%");
    assert.equal(await bob.locator("#notes li").count(), 1);
    assert.match(await bob.locator("#notes li span").innerText(), /recipe/);
    await bob.getByRole("button", { name: "Remove" }).click();
    await ann.locator("#notes li").filter({ hasText: "recipe" }).waitFor({ state: "detached" });
  });

  test("assistant: both see the answer while it is written, and one stops it", async () => {
    const inference = await startInference("wait-page");
    server = await serve("examples/assistant/app.lua", { args: inference.args });
    try {
      const ann = await open(server.url, "#messages");
      const bob = await open(server.url, "#messages");
      await sees(ann, "#status", "2 here");
      await ann.getByRole("textbox", { name: "Message" }).fill("@assistant <b>hello</b>?");
      await ann.getByRole("button", { name: "Send" }).click();
      await sees(bob, "li.other .text", "@assistant <b>hello</b>?");
      for (const tab of [ann, bob]) await sees(tab, "li.model.writing .text", "first");
      await bob.getByRole("button", { name: "Stop the answer" }).click();
      for (const tab of [ann, bob]) await tab.locator("#stop").waitFor({ state: "hidden" });
      assert.equal(await ann.locator("li.model .text").innerText(), "first ");
    } finally {
      inference.stop();
    }
  });
});
