// origin -- a server that room modules fetch from: what the outside is to them.
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const WORDS = ["Rooms", " are", " small", " worlds", "."];

async function bodyOf(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const json = (outgoing, value, status = 200) =>
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

const routes = {
  /** What came in. */
  async echo(incoming, outgoing) {
    const { method, url, headers } = incoming;
    const body = await bodyOf(incoming);
    json(outgoing, { method, url, type: headers["content-type"], key: headers["x-key"], body });
  },

  /** The words of an answer, as events of a language model. */
  async completions(incoming, outgoing) {
    const { messages } = JSON.parse(await bodyOf(incoming));
    if (incoming.headers.authorization !== "Bearer secret") {
      return json(outgoing, { error: { message: "bad key" } }, 401);
    }
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    for (const word of [...WORDS, ` (${messages.length})`]) {
      outgoing.write(`data: ${JSON.stringify({ choices: [{ delta: { content: word } }] })}\n\n`);
      await sleep(2);
    }
    outgoing.end("data: [DONE]\n\n");
  },

  /** Answers after the client has given up. */
  slow(_incoming, outgoing) {
    const timer = setTimeout(() => outgoing.end("late"), 60000);
    outgoing.on("close", () => clearTimeout(timer));
  },

  moved(_incoming, outgoing) {
    outgoing.writeHead(302, { location: "/echo?moved=1" }).end();
  },

  teapot(_incoming, outgoing) {
    outgoing.writeHead(418, { "content-type": "text/plain", "x-brew": "no" }).end("short and stout");
  },

  bytes(_incoming, outgoing) {
    outgoing.writeHead(200, { "content-type": "application/octet-stream" });
    outgoing.end(Buffer.from([0, 1, 2, 250, 255]));
  },
};

/** Starts it on a free port: { url, host, stop() }. */
export async function start() {
  const server = http.createServer((incoming, outgoing) => {
    const route = routes[/^\/(\w+)/.exec(incoming.url)?.[1]];
    if (route) route(incoming, outgoing);
    else json(outgoing, { error: "not found" }, 404);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${server.address().port}`;
  async function stop() {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  return { url: `http://${host}`, host, stop };
}
