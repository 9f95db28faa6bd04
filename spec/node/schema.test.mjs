// The JSON Schema of partylua.json, held against the server's own rules with ajv.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import Ajv from "ajv";
import { program, root } from "../support/server.mjs";

const schema = JSON.parse(execFileSync(program, ["schema"], { encoding: "utf8" }));
const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, strictTypes: false });
const accepts = ajv.compile(schema);

// What the server's rules find wrong in each document: lists of { code, message }.
function judge(documents) {
  const output = execFileSync(program, [resolve(root, "spec/node/schema_judge.lua")], {
    encoding: "utf8",
    input: documents.map((each) => JSON.stringify(each) + "\n").join(""),
    maxBuffer: 1 << 28
  });
  const answers = output.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(answers.length, documents.length);
  return answers;
}

// What JSON Schema cannot say of a text: bounds of amounts with units, which zones there are, what
// a cron line means, and what an address is.
const isBeyond = ({ code, message }, value) =>
  typeof [value].flat()[0] === "string" && (code === "P031" || code === "P033" ||
    (code === "P005" && /such as|from .* to |an address|seconds|a URL|a host/.test(message)));

const VALUES = [
  null, true, false, 0, 1, -1, 0.5, 1.5, 20, 1e12, "", "x", "a b", "A", "main", "public", "info",
  "json", "pretty", "loud", "64KiB", "64 kib", "1.5s", "10s", "2min", "5 parsecs", "0", "10", "010",
  "127.0.0.1", "10.0.0.0/8", "0 * * * *", "0 * * *", "0 0 30 2 *", "@daily", "@never", "? ? ? ? ?",
  "UTC", "Mars/North", "http://127.0.0.1:8080", "a\nb", [], ["x"], ["10.0.0.0/8"], [1], [[]], {},
  { x: 1 }, { x: "y" }, { path: "public" }, { schedule: "0 * * * *" }, { timezone: "UTC" },
  { main: "a.lua" }, { "my-room": "a.lua" }, { "My Room": "a.lua" }, { "X-A": "b" }, { "X A": "b" }
];

// The paths of all keys, those of maps with a key of their own.
function paths(node, path = []) {
  const found = [];
  for (const [key, value] of Object.entries(node.properties ?? {})) {
    found.push([...path, key], ...paths(value, [...path, key]));
  }
  if (typeof node.additionalProperties === "object") {
    found.push([...path, "some"], ...paths(node.additionalProperties, [...path, "some"]));
  }
  return found;
}

// `{ a: { b: value } }`; what is needed beside it is there.
function nested([key, ...rest], value) {
  const inner = rest.length === 0 ? value : nested(rest, value);
  const beside = rest.length === 1 && key === "serve" ? { path: "public" } : {};
  const needed = rest.length === 1 && key === "some" ? { schedule: "0 * * * *" } : {};
  return { [key]: rest.length === 0 ? inner : { ...beside, ...needed, ...inner } };
}

function documents() {
  const all = [{ document: {} }, { document: { nme: "x" } }, { document: { limits: { port: 1 } } }];
  for (const path of paths(schema)) {
    for (const value of VALUES) all.push({ document: nested(path, value), value });
    all.push({ document: nested([...path, "nme"], 1) });
  }
  return all;
}

// The configurations of the examples have comments and trailing commas.
const readLoosely = (path) =>
  JSON.parse(readFileSync(path, "utf8").replace(/\/\/.*/g, "").replace(/,(\s*[}\]])/g, "$1"));

describe("partylua schema", () => {
  const all = documents();
  const answers = judge(all.map(({ document }) => document));

  test("is a JSON Schema with a word on each key", () => {
    assert.equal(schema.$schema, "http://json-schema.org/draft-07/schema#");
    for (const path of paths(schema)) {
      let node = schema;
      for (const key of path) node = node.properties?.[key] ?? node.additionalProperties;
      const isOurs = path.length === 1 || ["serve", "limits", "fetch"].includes(path[0]);
      if (isOurs && node !== false && path[1] !== "some" && path[2] !== "some") {
        assert.ok(node.description, path.join("."));
      }
    }
  });

  test("takes every document that the server takes", () => {
    let taken = 0;
    all.forEach(({ document }, i) => {
      if (answers[i].length > 0) return;
      taken++;
      assert.ok(accepts(document), `${JSON.stringify(document)}: ${ajv.errorsText(accepts.errors)}`);
    });
    assert.ok(taken > 200, `${taken} documents taken`);
  });

  test("refuses what the server refuses, but for what it cannot say", () => {
    let refused = 0;
    all.forEach(({ document, value }, i) => {
      const found = answers[i].filter((each) => !isBeyond(each, value));
      if (found.length === 0) return;
      refused++;
      assert.ok(!accepts(document), `${JSON.stringify(document)}: ${JSON.stringify(found)}`);
    });
    assert.ok(refused > 1000, `${refused} documents refused`);
  });

  test("refuses numbers that are out of bounds, and texts that are no amounts", () => {
    for (const [key, value] of [["port", 65536], ["port", -1], ["port", 1.5], ["port", "x"]]) {
      assert.ok(!accepts({ [key]: value }), `${key} ${value}`);
    }
    for (const [key, value] of [["message-bytes", 0], ["message-bytes", "5 parsecs"],
      ["message-bytes", 2 ** 40], ["ping-interval", 86401], ["idle-timeout", 0.001]]) {
      assert.ok(!accepts({ limits: { [key]: value } }), `${key} ${value}`);
    }
  });

  test("takes the configurations of the examples", () => {
    for (const name of ["chat", "cursors", "lobby", "poll"]) {
      const document = readLoosely(resolve(root, `examples/${name}/partylua.json`));
      assert.ok(accepts(document), `${name}: ${ajv.errorsText(accepts.errors)}`);
    }
  });
});
