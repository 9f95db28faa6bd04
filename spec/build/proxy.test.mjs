// proxy -- the configurations of docs/deployment.md in the proxies they are for, with the server
// behind them. Only names, ports and certificates are others.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import { blocks } from "../support/page.mjs";
import { root as sources, serve, within } from "../support/server.mjs";

const PAGE = "docs/deployment.md";
const NAME = "rooms.example.com";
const CLIENT = "127.0.0.2"; // the proxy asks from 127.0.0.1

const APP = `
local party = require "partylua"
local App = {}

function App:onRequest(request)
  if request.query.stream then
    return party.Response(function(write)
      write "first"
      while not self.goes_on do party.sleep(0.01) end
      write " last"
    end)
  end
  self.goes_on = true
  if request.method == "POST" then return party.Response(tostring(#request:text())) end
  return party.Response(request.address .. " " .. request.url)
end

function App:onMessage(message, sender) sender:send(message) end

return App
`;

const scratch = mkdtempSync(join(tmpdir(), "partylua-proxy-"));
const certificate = join(scratch, "certificate.pem");
const key = join(scratch, "key.pem");
let server;

before(async () => {
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
    "-nodes", "-days", "1", "-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME}`,
    "-keyout", key, "-out", certificate], { stdio: "ignore" });
  writeFileSync(join(scratch, "app.lua"), APP);
  server = await serve(join(scratch, "app.lua"), {
    args: ["--ping-interval", "300ms", "--trusted-proxies", "127.0.0.1"]
  });
});

after(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

// A port that was free a moment ago: a proxy says nowhere which one it took.
const freePort = () => new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

// The text with each replacement made exactly once.
function changed(text, changes) {
  for (const [from, to] of changes) {
    assert.equal(text.split(from).length, 2, `${from} is there once`);
    text = text.replace(from, to);
  }
  return text;
}

const PROXIES = {
  nginx: {
    // Silence lasts for a second here, and pings come more often than that, as in the text.
    configure: (block, port) => `
      daemon off;
      pid ${scratch}/nginx.pid;
      error_log stderr;
      events { worker_connections 256; }
      http {
        access_log off;
        ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${scratch}/${kind};`).join("\n")}
        ${changed(block, [
    ["listen 443 ssl http2", `listen 127.0.0.1:${port} ssl http2`],
    ["server 127.0.0.1:1999", `server 127.0.0.1:${server.port}`],
    ["/etc/ssl/rooms.example.com.pem", certificate],
    ["/etc/ssl/rooms.example.com.key", key],
    ["proxy_read_timeout 90s", "proxy_read_timeout 1s"],
    ["proxy_send_timeout 90s", "proxy_send_timeout 1s"]
  ])}
      }`,
    program: "build/deps/nginx/usr/sbin/nginx",
    check: ["-t", "-q"],
    run: [],
    options: (file) => ["-e", "stderr", "-p", scratch, "-c", file]
  },
  caddy: {
    configure: (block, port) => `{
	admin off
	auto_https disable_redirects
}
${changed(block, [
    [`${NAME} {\n`, `https://${NAME}:${port} {\n\tbind 127.0.0.1\n\ttls ${certificate} ${key}\n`],
    ["127.0.0.1:1999", `127.0.0.1:${server.port}`]
  ])}\n`,
    program: "build/deps/caddy/usr/bin/caddy",
    check: ["validate"],
    run: ["run"],
    options: (file) => ["--adapter", "caddyfile", "--config", file]
  }
};

for (const [name, proxy] of Object.entries(PROXIES)) {
  describe(`${name}, as ${PAGE} has it`, () => {
    const home = join(scratch, `${name}-home`);
    let child, port, log = "";

    before(async () => {
      const found = blocks(PAGE, name);
      assert.equal(found.length, 1);
      port = await freePort();
      mkdirSync(home);
      const file = join(home, "config");
      writeFileSync(file, proxy.configure(found[0].text, port));
      const options = { cwd: sources, env: { PATH: process.env.PATH, HOME: home } };
      const of = (words) => [proxy.program, [...words, ...proxy.options(file)],
        { ...options, stdio: ["ignore", "ignore", "pipe"] }];
      execFileSync(...of(proxy.check));
      child = spawn(...of(proxy.run));
      process.once("exit", () => child.kill("SIGKILL"));
      child.stderr.setEncoding("utf8").on("data", (text) => { log += text; });
      await within(`${name} to answer`, (async () => {
        for (;;) {
          assert.equal(child.exitCode, null, log);
          const answer = await ask("/parties/main/first").catch(() => undefined);
          if (answer?.status === 200) return;
          await new Promise((done) => setTimeout(done, 50));
        }
      })(), 20);
    });

    after(async () => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await within(`the end of ${name}`, ended, 20).finally(() => child.kill("SIGKILL"));
    });

    // A request; `onPiece` hears pieces of the body as they come.
    const ask = (path, options) => new Promise((done, reject) => {
      const { method = "GET", body, headers, onPiece } = options ?? {};
      const sent = request({
        host: "127.0.0.1", localAddress: CLIENT, port, path, method, servername: NAME,
        rejectUnauthorized: false, headers: { host: NAME, ...headers }
      }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece) => {
          text += piece;
          onPiece?.(piece);
        });
        answer.once("end", () => done({ status: answer.statusCode, text }));
        answer.once("error", reject);
      });
      sent.once("error", reject);
      sent.end(body);
    });

    const connect = () => new WebSocket(`wss://127.0.0.1:${port}/parties/main/ws`, {
      servername: NAME, rejectUnauthorized: false, headers: { host: NAME }
    });

    test("says who asks and how, whatever the client claims", async () => {
      const headers = { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "gopher" };
      const { text } = await ask("/parties/main/a", { headers });
      assert.equal(text.replace(`:${port}`, ""), `${CLIENT} https://${NAME}/parties/main/a`);
    });

    test("passes messages on, and waits through the silence between pings", async () => {
      const socket = connect();
      try {
        const echo = (words) => within("the echo", new Promise((done, reject) => {
          socket.once("message", (data) => done(String(data)));
          socket.once("close", () => reject(new Error("closed")));
          socket.send(words);
        }));
        await within("the opening", new Promise((done, reject) => {
          socket.once("open", done).once("error", reject);
        }));
        assert.equal(await echo("hello"), "hello");
        const pings = new Promise((done) => {
          let left = 8; // more than two seconds
          socket.on("ping", () => --left === 0 && done());
        });
        await within("pings", pings, 20);
        assert.equal(await echo("still here"), "still here");
      } finally {
        socket.terminate();
      }
    });

    test("sends a streamed answer on as it comes", async () => {
      const path = `/parties/main/${name}-stream`;
      let heard;
      const first = new Promise((done) => { heard = done; });
      const whole = ask(`${path}?stream=1`, { onPiece: heard });
      assert.equal(await within("the first piece", first), "first");
      await ask(path); // only now does the answer go on
      assert.equal((await within("the rest", whole)).text, "first last");
    });

    test("takes bodies as large as the server does, and no larger ones", async () => {
      const megabytes = (count) => Buffer.alloc(count * 1024 * 1024, "x");
      const fits = await ask("/parties/main/a", { method: "POST", body: megabytes(15) });
      assert.equal(fits.text, String(15 * 1024 * 1024));
      const refused = await ask("/parties/main/a", { method: "POST", body: megabytes(17) })
        .catch((error) => ({ status: error.code }));
      assert.ok([413, "EPIPE", "ECONNRESET"].includes(refused.status), `${refused.status}`);
    });
  });
}
