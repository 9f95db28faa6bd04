// origin -- the other server of the specs on fetch: every manner, good and bad, has a path.
//
// It prints "http=PORT https=PORT raw=PORT" and serves until it is stopped. The raw port
// speaks no HTTP of its own: it sends what the request's path says.
//
//   node origin.mjs [KEY CERT]
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { connect, createServer as createRawServer } from "node:net";
import { WebSocketServer } from "ws";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";

const [key, cert] = process.argv.slice(2);
const connections = new Set(); // of the http port, those that are open
let connected = 0; // so far
let active = 0; // of /hold, now
let mostActive = 0;
const gone = []; // paths of requests whose connection broke before their end
const log = []; // paths in the order they came

function readBody(request) {
  return new Promise((done) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => done(Buffer.concat(chunks)));
    request.on("error", () => done(null));
  });
}

const pairs = (raw) => raw.reduce((list, text, i) => (i % 2 ? list.at(-1).push(text) : list.push([text.toLowerCase()]), list), []);

const CODINGS = { gzip: gzipSync, deflate: deflateSync, raw: deflateRawSync };
const waiting = new Map(); // /wait/NAME: answers that /go/NAME releases

const routes = {
  async echo(request, response) {
    const body = await readBody(request);
    if (body === null) return;
    const text = JSON.stringify({
      method: request.method, url: request.url, headers: pairs(request.rawHeaders), body: body.toString("latin1"),
    });
    response.writeHead(200, { "content-type": "application/json", "x-served": "yes" });
    response.end(request.method === "HEAD" ? undefined : text);
  },
  headers(request, response) {
    response.writeHead(203, "Just So", [
      ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-Many", "one"], ["X-Many", "two"], ["X-Empty", ""],
    ].flat());
    response.end("body");
  },
  status(request, response, code) {
    response.writeHead(Number(code));
    response.end();
  },
  // /redirect/CODE/PATH: PATH percent-encoded
  redirect(request, response, code, location) {
    response.writeHead(Number(code), { location: decodeURIComponent(location) });
    response.end("moved");
  },
  loop(request, response) {
    response.writeHead(302, { location: "/loop" });
    response.end();
  },
  coded(request, response, coding) {
    response.writeHead(200, { "content-encoding": coding === "raw" ? "deflate" : coding });
    response.end(CODINGS[coding]("plain text ".repeat(1000)));
  },
  bomb(request, response) {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
  },
  broken(request, response) {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.end("this is not gzip at all");
  },
  large(request, response, bytes) {
    let left = Number(bytes);
    const piece = Buffer.alloc(65536, "x");
    (function more() {
      while (left > 0) {
        const part = left < piece.length ? piece.subarray(0, left) : piece;
        left -= part.length;
        if (!response.write(part)) return void response.once("drain", more);
      }
      response.end();
    })();
  },
  // Sends the first piece, and the second when /go/NAME was asked for.
  wait(request, response, name) {
    waiting.set(name, response);
    response.write("first,");
  },
  go(request, response, name) {
    waiting.get(name)?.end("second");
    response.end(waiting.delete(name) ? "went" : "nobody");
  },
  // Answers with each piece of the body as it comes.
  mirror(request, response) {
    response.writeHead(200);
    response.flushHeaders();
    request.on("data", (chunk) => response.write(chunk));
    request.on("end", () => response.end());
  },
  stall() {},
  half(request, response) {
    response.writeHead(200, { "content-length": 100 });
    response.write("only this");
    setImmediate(() => response.socket.destroy());
  },
  drop(request) {
    request.socket.destroy();
  },
  early(request, response) {
    response.writeHead(413, { connection: "close" });
    response.end("too much");
  },
  hold(request, response) {
    active += 1;
    mostActive = Math.max(mostActive, active);
    setTimeout(() => {
      active -= 1;
      response.end("held");
    }, 5);
  },
  stats(request, response) {
    response.end(JSON.stringify({ connected, open: connections.size, mostActive, gone, log, pingBytes }));
  },
  text(request, response, text) {
    response.end(decodeURIComponent(text));
  },
};

// As a proxy: what it is asked for, it makes up. It connects to itself, whatever is named.
function answerAsProxy(request, response) {
  log.push(`proxy ${request.url}`);
  response.end(`proxied ${request.url}`);
}

function tunnel(request, socket) {
  log.push(`tunnel ${request.url}`);
  const inner = connect(ports[1], "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connected\r\n\r\n");
    inner.pipe(socket).pipe(inner);
  });
  inner.on("error", () => socket.destroy());
  socket.on("error", () => inner.destroy());
}

function serve(request, response) {
  if (request.url.startsWith("http://")) return answerAsProxy(request, response);
  const [name, ...rest] = request.url.slice(1).split("?")[0].split("/");
  request.on("error", () => {});
  response.on("error", () => {});
  if (name !== "stats") log.push(request.url);
  response.on("close", () => {
    if (!response.writableFinished) gone.push(request.url);
  });
  if (!routes[name]) {
    response.writeHead(404);
    return void response.end("no such route");
  }
  routes[name](request, response, ...rest);
}

const RAW = {
  "/garbage": "\x01\x02 this is no HTTP\r\n\r\n",
  "/old": "just a body, as HTTP/0.9 has it",
  "/switch": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n",
  "/interim": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nok",
  "/folded": "HTTP/1.1 200 OK\r\nX-A: one\r\n two\r\nContent-Length: 2\r\n\r\nok",
  "/control": "HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 2\r\n\r\nok",
  "/trailer": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-After: 1\r\n\r\n",
  "/chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n",
  "/many": "HTTP/1.1 200 OK\r\n" + "X-A: b\r\n".repeat(300) + "\r\n",
  "/long": "HTTP/1.1 200 OK\r\n" + `X-A: ${"b".repeat(60000)}\r\n`.repeat(3) + "\r\n",
  "/interims": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(5000),
};

const raw = createRawServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (bytes) => {
    const path = bytes.toString("latin1").split(" ")[1];
    if (path === "/nothing") return void socket.end();
    socket.end(Buffer.from(RAW[path] ?? "", "latin1"));
  });
});

// /ws/MANNER: a WebSocket of the package ws, or by hand what one should not be.
const sockets = new WebSocketServer({ noServer: true });
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// Pings without an end, or nearly, by one who reads none of the answers.
const PINGS = Buffer.concat(Array(500).fill(Buffer.concat([Buffer.from([0x89, 125]), Buffer.alloc(125)])));
const PING_BYTES_MAX = 128 * 1024 * 1024;
let pingBytes = 0;

function ping(socket) {
  socket.pause();
  socket.write(PINGS, (error) => {
    pingBytes += PINGS.length;
    if (!error && pingBytes < PING_BYTES_MAX) ping(socket);
  });
}

function upgrade(request, socket, head) {
  const [, , manner, more] = request.url.split("/");
  const key = request.headers["sec-websocket-key"] + (manner === "accept" ? "x" : "");
  if (manner === "echo") {
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
      ws.send(request.headers["x-mark"] ?? "no mark");
    });
    return;
  }
  socket.on("error", () => {});
  const lines = [
    "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade",
    `Upgrade: ${manner === "other" ? "h2c" : "websocket"}`,
    `Sec-WebSocket-Accept: ${createHash("sha1").update(key + GUID).digest("base64")}`,
  ];
  if (manner === "extension") lines.push("Sec-WebSocket-Extensions: permessage-deflate");
  if (manner === "protocol") lines.push("Sec-WebSocket-Protocol: mine");
  socket.write(lines.join("\r\n") + "\r\n\r\n");
  if (manner === "raw") socket.write(Buffer.from(more, "hex"));
  if (manner === "cut") socket.end();
  if (manner === "pings") ping(socket);
}

function listen(server) {
  server.on("upgrade", upgrade);
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));
}

const http = createServer(serve);
http.keepAliveTimeout = 60000;
http.on("connect", tunnel);
http.on("connection", (socket) => {
  connected += 1;
  connections.add(socket);
  socket.on("close", () => connections.delete(socket));
});
const https = key ? createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, serve) : null;
const ports = [await listen(http), https ? await listen(https) : 0, await listen(raw)];
console.log(`http=${ports[0]} https=${ports[1]} raw=${ports[2]}`);
