// curl, over HTTP/1.1 as most programs speak it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { spawn } from "node:child_process";
import { serve, within } from "../support/server.mjs";

const KIB = 1024;

// As the app sums up what it was sent.
const sumOf = (bytes) => bytes.reduce((sum, byte) => (sum * 31 + byte) % 65521, 0);

describe("curl", { timeout: 60_000 }, () => {
  let server, room;

  before(async () => {
    server = await serve("spec/node/app.lua", { args: ["--body-bytes", "2MiB"] });
    room = `${server.url}/parties/main/garden`;
  });
  after(() => server.stop());

  // Runs curl with what it finds on its standard input; gives what it printed, and what --verbose
  // told of the headers.
  async function curl(args, input = "") {
    const child = spawn("curl", ["--silent", "--show-error", "--verbose", "--noproxy", "*", ...args]);
    const printed = { stdout: [], stderr: [] };
    for (const name of ["stdout", "stderr"]) child[name].on("data", (data) => printed[name].push(data));
    child.stdin.on("error", () => {}); // a refusal may come before all was read
    child.stdin.end(input);
    const code = await within("curl", new Promise((done) => child.once("close", done)), 20);
    const told = String(Buffer.concat(printed.stderr));
    const heads = told.split("\n").filter((line) => line.startsWith("< HTTP/")).map((line) => line.slice(2).trim());
    return { code, told, heads, output: Buffer.concat(printed.stdout) };
  }

  const json = (answer) => JSON.parse(answer.output);

  test("gets an answer", async () => {
    const answer = await curl([`${room}/a%20b?x=1&y=%C3%BC`]);
    assert.equal(answer.code, 0);
    assert.deepEqual(answer.heads, ["HTTP/1.1 200 OK"]);
    const { method, path, query, agent } = json(answer);
    assert.deepEqual([method, path, query], ["GET", "/parties/main/garden/a%20b", { x: "1", y: "ü" }]);
    assert.match(agent, /^curl\//);
    assert.match(answer.told, /^< Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/im);
  });

  test("uses one connection for several requests", async () => {
    const format = "%{num_connects} %{http_code}\\n";
    const answer = await curl(["-o", "/dev/null", "-o", "/dev/null", "-o", "/dev/null",
      "-w", format, room, `${room}/stream`, `${server.url}/nothing/here`]);
    assert.equal(String(answer.output), "1 200\n0 200\n0 404\n");
  });

  test("uses one connection for uploads of each kind, too", async () => {
    const body = "x".repeat(100 * KIB);
    const answer = await curl([
      "-w", " %{num_connects}\n", "--data-binary", "@-", `${room}/upload`,
      "--next", "-sS", "--noproxy", "*", "-w", " %{num_connects}\n", "-d", "small", `${room}/upload`
    ], body);
    const [first, second] = String(answer.output).trim().split("\n");
    assert.match(first, /"bytes":102400.* 1$/);
    assert.match(second, /"bytes":5.* 0$/);
  });

  test("gets the head alone for HEAD", async () => {
    const answer = await curl(["-w", "%{num_connects}", "--head", room, "--next", "-sS", "--noproxy",
      "*", "-w", "%{num_connects}", "-o", "/dev/null", room]);
    assert.equal(answer.code, 0);
    assert.match(String(answer.output), /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(String(answer.output), /^content-length: [1-9]\d*\r$/im);
    assert.match(String(answer.output), /\r\n\r\n10$/); // a second request on the same connection
  });

  for (const size of [0, 1, 1500, 300 * KIB, 2048 * KIB]) {
    test(`uploads ${size} bytes in chunks`, async () => {
      const body = Buffer.alloc(size, "chunky bits, ");
      const answer = await curl(["-H", "Transfer-Encoding: chunked", "-T", "-", `${room}/upload`], body);
      assert.match(answer.told, /> Transfer-Encoding: chunked/);
      const { bytes, sum } = json(answer);
      assert.deepEqual([bytes, sum], [size, sumOf(body)]);
    });
  }

  test("is told to continue before it sends a large body", async () => {
    const body = Buffer.alloc(1100 * KIB, "much ");
    const answer = await curl(["-H", "Expect: 100-continue", "--expect100-timeout", "15",
      "-w", "\n%{time_total}", "--data-binary", "@-", `${room}/upload`], body);
    assert.match(answer.told, /> Expect: 100-continue/);
    assert.deepEqual(answer.heads, ["HTTP/1.1 100 Continue", "HTTP/1.1 200 OK"]);
    const [seen, seconds] = String(answer.output).split("\n");
    assert.deepEqual([JSON.parse(seen).bytes, JSON.parse(seen).sum], [body.length, sumOf(body)]);
    assert.ok(Number(seconds) < 14, `${seconds} s: it was sent without being asked for`);
  });

  test("is told to continue for a body of little more than a kibibyte", async () => {
    const answer = await curl(["-H", "Expect: 100-continue", "--expect100-timeout", "15",
      "-d", "y".repeat(1100), `${room}/upload`]);
    assert.deepEqual(answer.heads, ["HTTP/1.1 100 Continue", "HTTP/1.1 200 OK"]);
    assert.equal(json(answer).bytes, 1100);
  });

  test("is refused a body that is too large, before it is sent", async () => {
    const answer = await curl(["-H", "Expect: 100-continue", "--expect100-timeout", "15",
      "-w", "%{http_code} %{size_upload}", "-o", "/dev/null", "--data-binary", "@-", `${room}/upload`],
    Buffer.alloc(2 * KIB * KIB + 1));
    assert.deepEqual(answer.heads, ["HTTP/1.1 413 Content Too Large"]);
    assert.equal(String(answer.output), "413 0");
  });

  test("is refused a body in chunks that turns out too large", async () => {
    const answer = await curl(["-w", "%{http_code}", "-o", "/dev/null",
      "-H", "Transfer-Encoding: chunked", "-T", "-", `${room}/upload`], Buffer.alloc(3 * KIB * KIB));
    assert.equal(String(answer.output), "413");
  });

  test("gets a body in chunks", async () => {
    const answer = await curl(["--no-buffer", `${room}/stream`]);
    assert.match(answer.told, /^< transfer-encoding: chunked/im);
    assert.equal(String(answer.output), "piece 1\npiece 2\npiece 3\n");
  });

  test("gets a body without chunks over HTTP/1.0", async () => {
    const answer = await curl(["--http1.0", `${room}/stream`]);
    assert.doesNotMatch(answer.told, /^< transfer-encoding/im);
    assert.equal(String(answer.output), "piece 1\npiece 2\npiece 3\n");
  });

  test("sends forms of both kinds", async () => {
    const plain = await curl(["--data-urlencode", "name=Ann & Bob", "--data-urlencode", "say=ü+ü",
      `${room}/form`]);
    assert.deepEqual(json(plain), [{ name: "name", text: "Ann & Bob" }, { name: "say", text: "ü+ü" }]);
    const parts = await curl(["-F", "name=Ann", "-F", "file=@-;filename=notes \"1\".txt;type=text/x-notes",
      `${room}/form`], "line 1\r\nline 2\n");
    assert.deepEqual(json(parts), [
      { name: "name", text: "Ann" },
      { name: "file", text: "line 1\r\nline 2\n", file: 'notes "1".txt', type: "text/x-notes" }
    ]);
  });

  test("is answered over HTTP/1.1 when it would like HTTP/2", async () => {
    const answer = await curl(["--http2", room]);
    assert.match(answer.told, /> Upgrade: h2c/);
    assert.deepEqual(answer.heads, ["HTTP/1.1 200 OK"]);
    assert.equal(json(answer).method, "GET");
  });

  test("may use any method", async () => {
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const answer = await curl(["-X", method, "-d", "body", room]);
      assert.deepEqual([json(answer).method, json(answer).body], [method, "body"]);
    }
  });

  test("follows the form of a proxy's request", async () => {
    const answer = await curl(["--noproxy", "", "--proxy", server.url, "http://else.where/parties/main/hall"]);
    assert.equal(json(answer).path, "/parties/main/hall");
  });
});
