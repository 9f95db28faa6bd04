// Sees that the load generator notices what it is there to notice: each fault below is put
// into a server that is otherwise right, and the run must fail for the reason expected.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { run } from "./process.mjs";

// Resolved like the peer's own: from its folder, or else from the root of the repository.
const require = createRequire(new URL("../peers/ws/server.mjs", import.meta.url));

const faultEvery = 500; // messages, so that a run is well under way
const late = 5; // messages after the one that comes too late

const once = (connection, at) => ++connection.count % faultEvery === at;

/** A fault of messages: gets the message on its way out and sends it in its own way. */
const messageFaults = {
  "loses a message": {
    expect: /lost or overtaken/,
    deliver: (to, message, send) => once(to, 7) || send(message),
  },
  "doubles a message": {
    expect: /doubled or late/,
    deliver: (to, message, send) => (send(message), once(to, 7) && send(message)),
  },
  "reorders messages": {
    expect: /lost or overtaken/,
    deliver: (to, message, send) => {
      if (once(to, 7)) return (to.kept = message);
      send(message);
      if (to.count % faultEvery === 7 + late && to.kept) send(to.kept);
    },
  },
  "alters a byte": {
    expect: /altered message/,
    deliver: (to, message, send) => {
      const copy = Buffer.from(message);
      if (once(to, 7)) copy[copy.length - 1] ^= 1;
      send(copy);
    },
  },
  "cuts a byte off": {
    expect: /19 bytes instead of 20/,
    deliver: (to, message, send) => send(once(to, 7) ? message.subarray(1) : message),
  },
  "sends text as binary": {
    expect: /got a binary message/,
    deliver: (to, message, send) => send(message, once(to, 7)),
  },
  "sends to another room": {
    expect: /got a message to room/,
    deliver: (to, message, send) => {
      const others = once(to, 7) ? [...to.everybody].filter((other) => other !== to) : [];
      for (const other of others) other.socket.send(message, { binary: false });
      send(message);
    },
  },
  "closes a connection": {
    expect: /was closed by the server with 1011/,
    deliver: (to, message, send) => (once(to, 7) ? to.socket.close(1011) : send(message)),
  },
  "cuts a connection": {
    expect: /without a close frame/,
    deliver: (to, message, send) => (once(to, 7) ? to.socket.terminate() : send(message)),
  },
};

const otherFaults = {
  "answers a GET for another room": { expect: /instead of/, scenario: ["http"], body: () => '{"hello":"x"}' },
  "refuses a handshake": { expect: /handshake was answered with 503/, refuse: () => true },
};

const plain = { deliver: (_, message, send) => send(message) };
const echo = ["echo", "--in-flight", "16"];

function startFaulty({ deliver = plain.deliver, body, refuse }) {
  const { WebSocketServer } = require("ws");
  const everybody = new Set();
  const server = createServer((request, response) => {
    const room = request.url.split("/").at(-1);
    response.end(body?.() ?? JSON.stringify({ hello: room }));
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => {}); // the load generator ends at once when it has seen a fault
    if (refuse?.()) return socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      const connection = { socket: accepted, count: 0, everybody };
      everybody.add(connection);
      accepted.on("close", () => everybody.delete(connection));
      accepted.on("message", (message, isBinary) => {
        const send = (bytes, binary = isBinary) => accepted.send(bytes, { binary });
        deliver(connection, message, send);
      });
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

async function runAgainst(fault) {
  const server = await startFaulty(fault);
  const args = [...(fault.scenario ?? echo), "--connections", "4", "--warmup", "0.1", "--seconds", "0.5"];
  const where = ["--port", String(server.address().port), "--pid", String(process.pid)];
  const result = await run(["build/bench/load", ...args, ...where]);
  server.close();
  server.closeAllConnections();
  return result;
}

async function check(name, fault) {
  const { status, output, errors } = await runAgainst(fault);
  const isRight = fault.expect === undefined
    ? status === 0 && JSON.parse(output).verified > 0
    : status === 1 && fault.expect.test(JSON.parse(output).failed);
  console.log(`${isRight ? "ok    " : "NOT OK"}  a server that ${name}`);
  if (!isRight) console.log(`        status ${status}: ${output}${errors}`);
  return isRight;
}

export async function selfCheck() {
  const cases = {
    "does its job": plain,
    "does its job for GETs": { ...plain, scenario: ["http"] },
    ...messageFaults,
    ...otherFaults,
  };
  let failed = 0;
  for (const [name, fault] of Object.entries(cases)) if (!(await check(name, fault))) failed++;
  console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
