// container -- a server that runs in a root (root.mjs), reached from outside.
import assert from "node:assert/strict";
import WebSocket from "ws";
import { Root } from "./root.mjs";
import { within } from "./server.mjs";

const SECONDS = 30;

/** Starts a server there, the first process of its own, and waits until it listens. */
export async function serveIn(root, words, options) {
  const child = root.start(words, options);
  let log = "";
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = new Promise((done) => child.once("close", (code, signal) => done(code ?? signal)));
  const listening = new Promise((done, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        log += text;
        const found = /url=http:\/\/[\d.]+:(\d+)/.exec(log);
        if (found) done(Number(found[1]));
      });
    }
    ended.then((code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
  });

  /** Ends it as its manager would; gives its exit code. */
  async function stop() {
    const first = Root.first(child);
    if (first > 0) process.kill(first, "SIGTERM");
    return within("the server's end", ended, SECONDS).finally(() => child.kill("SIGKILL"));
  }

  try {
    const port = await within("the server's start", listening, SECONDS);
    return { port, child, url: `http://127.0.0.1:${port}`, log: () => log, stop };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** Says something in a room of examples/echo, over HTTP and WebSocket, and hears it back. */
export async function checkEcho(port) {
  const path = "/parties/main/here";
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: "by HTTP" });
  assert.equal(await answer.text(), "by HTTP");
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  const heard = new Promise((done, reject) => {
    socket.on("open", () => socket.send("by WebSocket"));
    socket.on("message", (data) => done(String(data)));
    socket.on("error", reject);
  });
  assert.equal(await within("the echo", heard).finally(() => socket.terminate()), "by WebSocket");
}
