// The inspector in a browser: what it shows of a server, and what it does to it.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import WebSocket from "ws";
import { serve, within } from "../support/server.mjs";
import { launch, openTab } from "./browser.mjs";

const APP = "spec/browser/inspected/app.lua";

describe("the inspector", { timeout: 180_000 }, () => {
  let browser, server, page, admin, sockets;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    server = await serve(APP, { args: ["--admin", "127.0.0.1:0"] });
    admin = await within("the admin address", (async () => {
      for (;;) {
        const found = /admin: listening url="(\S+)"/.exec(server.log());
        if (found) return new URL(found[1]);
        await new Promise((resume) => setImmediate(resume));
      }
    })());
    sockets = [];
    page = undefined;
  });
  afterEach(async () => {
    const faults = page?.faults ?? [];
    await page?.context().close();
    for (const socket of sockets) socket.terminate();
    await server.stop();
    assert.deepEqual(faults, []);
  });

  async function open(hash = "", selector = "nav a") {
    page = await openTab(browser, `${admin.href}${hash}`, selector);
  }

  // A client of the room, with what it has heard.
  async function join(id, room = "lobby") {
    const socket = new WebSocket(`ws://${server.host}/parties/main/${room}?_pk=${id}`);
    const heard = [];
    let wake = () => {};
    socket.on("message", (data) => {
      heard.push(String(data));
      wake();
    });
    sockets.push(socket);
    await within("a connection", new Promise((done, fail) => {
      socket.once("open", done);
      socket.once("error", fail);
    }));
    async function hears(text) {
      await within(`"${text}"`, (async () => {
        while (!heard.includes(text)) await new Promise((resume) => { wake = resume; });
      })());
    }
    return { socket, hears, send: (text) => socket.send(text) };
  }

  const sees = (selector, text) => page.locator(selector).filter({ hasText: text }).first().waitFor();

  test("shows totals that move, and takes the token out of the address", async () => {
    await open();
    assert.doesNotMatch(page.url(), /token/);
    const ann = await join("ann");
    await sees('[data-card="connections"]', "1");
    for (let i = 0; i < 20; i++) ann.send(`message ${i}`);
    await ann.hears("message 19");
    await page.waitForFunction(() => {
      const path = document.querySelector(".chart path");
      return path?.getAttribute("d")?.includes("L");
    });
    await sees('[data-card="rooms in memory"]', "1");
    await sees(".chart", "Memory");
    await page.reload(); // the tab remembers the token
    await sees('[data-card="connections"]', "1");
  });

  test("asks for a token when it has none, or a wrong one", async () => {
    page = await openTab(browser, admin.origin, 'input[type="password"]');
    await page.getByLabel("Token").fill("wrong-wrong-wrong-wrong");
    await page.getByRole("button", { name: "Open" }).click();
    await sees("#notice", "token is missing or wrong");
    await page.getByLabel("Token").fill(admin.searchParams.get("token"));
    await page.getByRole("button", { name: "Open" }).click();
    await sees("nav a", "Rooms");
    page.faults = page.faults.filter((fault) => !/401/.test(fault)); // which the browser notes
  });

  test("lists rooms, and leads to one", async () => {
    await join("ann");
    await join("bob", "second");
    await open("#/rooms", '[data-room="main/second"]');
    await page.getByLabel("Search").fill("lob");
    await page.waitForSelector('[data-room="main/second"]', { state: "detached" });
    await page.getByRole("link", { name: "lobby" }).click();
    await page.waitForSelector('[data-conn="ann"]');
    await sees('[data-conn="ann"]', "guest ann");
    await sees("[data-state]", "awake, 1 connections");
  });

  test("speaks to everyone and to one, and closes one", async () => {
    const [ann, bob] = [await join("ann"), await join("bob")];
    await open("#/room/main/lobby", '[data-conn="bob"]');
    await page.getByLabel("Message", { exact: true }).fill("to all of you");
    await page.getByRole("button", { name: "Broadcast" }).click();
    await ann.hears("to all of you");
    await bob.hears("to all of you");
    await page.locator('[data-conn="bob"]').getByLabel("Text").fill("only bob");
    await page.locator('[data-conn="bob"]').getByRole("button", { name: "Send" }).click();
    await bob.hears("only bob");
    const closed = new Promise((done) => ann.socket.once("close", done));
    await page.locator('[data-conn="ann"]').getByRole("button", { name: "Close" }).click();
    assert.equal(await within("the close", closed), 1000);
    await page.waitForSelector('[data-conn="ann"]', { state: "detached" });
  });

  test("shows messages as they come and go, binary ones and ends too", async () => {
    const ann = await join("ann");
    await open("#/room/main/lobby", '.bar [role="status"]');
    await sees(".bar .hint", "watching");
    ann.send("hello <b>there</b>");
    await sees('.log [data-type="message"]', "hello <b>there</b>");
    assert.equal(await page.locator(".log b").count(), 0);
    await sees('.log [data-type="message"]', "⇒");
    ann.socket.send(Buffer.from([0, 255]));
    await sees('.log [data-type="message"]', "00ff");
    await page.getByLabel("Filter").fill("no such text");
    await page.locator(".log div:visible").first().waitFor({ state: "detached" });
    await page.getByLabel("Filter").fill("");
    ann.socket.close(1000);
    await sees('.log [data-type="close"]', "1000");
  });

  test("edits what a room stores, and the room sees it", async () => {
    const ann = await join("ann");
    ann.send("one");
    await ann.hears("one");
    await open("#/room/main/lobby", '[data-key="total"]');
    await page.locator('[data-key="total"]').getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Value as JSON").fill("not json");
    await page.getByRole("button", { name: "Save" }).click();
    await sees("dialog [role=alert]", "no JSON");
    await page.getByLabel("Value as JSON").fill("41");
    await page.getByRole("button", { name: "Save" }).click();
    await sees('[data-key="total"]', "41");
    ann.send("two");
    await ann.hears("two");
    ann.send("total");
    await ann.hears("total 42");
    await page.getByRole("button", { name: "New entry" }).click();
    await page.getByLabel("Key", { exact: true }).fill("a new key");
    await page.getByLabel("Value as JSON").fill('{"list":[1,"x"]}');
    await page.getByRole("button", { name: "Save" }).click();
    await sees('[data-key="a new key"]', '{"list":[1,"x"]}');
    await page.locator('[data-key="a new key"]').getByRole("button", { name: "Edit" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.waitForSelector('[data-key="a new key"]', { state: "detached" });
    page.once("dialog", (dialog) => dialog.accept("main/lobby"));
    await page.getByRole("button", { name: "Delete everything" }).click();
    await page.waitForSelector("[data-key]", { state: "detached" });
    ann.send("total");
    await ann.hears("total 0");
  });

  test("fires and cancels an alarm", async () => {
    const ann = await join("ann");
    ann.send("alarm");
    await open("#/room/main/lobby", "[data-alarm]");
    await sees("[data-alarm]", "in 3");
    await page.getByRole("button", { name: "Cancel" }).click();
    await sees("[data-alarm]", "no alarm is set");
    ann.send("alarm");
    await sees("[data-alarm]", "in 3");
    await page.getByRole("button", { name: "Fire now" }).click();
    await ann.hears("the alarm has gone off");
    await sees("[data-alarm]", "no alarm is set");
  });

  test("puts a room to sleep, and shows it", async () => {
    const ann = await join("ann");
    await open("#/room/main/lobby", "[data-state]");
    await page.getByRole("button", { name: "Hibernate" }).click();
    await sees("[data-state]", "hibernating, 1 connections");
    ann.send("wake up");
    await ann.hears("wake up");
    await sees("[data-state]", "awake");
  });

  test("shows errors with their source", async () => {
    const ann = await join("ann");
    ann.send("boom");
    await open("#/errors", "article");
    await sees("article", "the room was told to fail");
    await sees("article", 'if message == "boom" then error');
    await sees("article", "inspected/app.lua:13");
  });

  test("has a playground of clients that talk, leave and come back", async () => {
    await open("#/playground", "main form");
    for (const id of ["one", "two"]) {
      await page.getByLabel("Id", { exact: true }).fill(id);
      await page.getByRole("button", { name: "Add client" }).click();
      await page.getByRole("region", { name: `Client ${id}` }).locator("b.open").waitFor();
    }
    const [one, two] = ["one", "two"].map((id) =>
      page.getByRole("region", { name: `Client ${id}` }));
    await one.getByLabel("Message", { exact: true }).fill("hello from one");
    await one.getByRole("button", { name: "Send" }).click();
    await two.locator('[data-mark="←"]').filter({ hasText: "hello from one" }).waitFor();
    await two.getByRole("button", { name: "Leave" }).click();
    await two.locator('[data-mark="×"]').filter({ hasText: "1000" }).waitFor();
    await two.getByRole("button", { name: "Join again" }).click();
    await two.locator("b.open").waitFor();
    await page.getByLabel("Method").selectOption("POST");
    await page.getByLabel("Path").fill("/here?a=1");
    await page.getByLabel("Body").fill("some text");
    await page.getByRole("button", { name: "Send request" }).click();
    await sees("pre", "POST /parties/main/lobby/here some text");
  });

  test("sees requests of all rooms live", async () => {
    await open("#/live", '.bar [role="status"]');
    await sees(".bar .hint", "watching");
    await fetch(`${server.url}/nothing-here`);
    await sees('.log [data-type="request"]', "/nothing-here 404");
  });

  test("asks nothing of another host", async () => {
    const context = await browser.newContext();
    page = await context.newPage();
    page.faults = [];
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).host));
    await page.goto(admin.href);
    await page.waitForSelector('[data-card="connections"]');
    assert.deepEqual([...new Set(asked)], [admin.host]);
  });
});
