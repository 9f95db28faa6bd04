// The TypeScript of a new project, as an editor sees it: with the types that come along.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import ts from "typescript";
import { program } from "../support/server.mjs";

describe("the template typescript", () => {
  const folder = mkdtempSync(join(tmpdir(), "partylua-init-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  // What TypeScript says about the project, with `edit` done to its server.
  function complaints(edit = (text) => text) {
    const config = ts.readConfigFile(join(folder, "tsconfig.json"), ts.sys.readFile);
    const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, folder);
    const host = ts.createCompilerHost(parsed.options);
    const read = host.readFile;
    host.readFile = (name) => name.endsWith("/server.ts") ? edit(read(name)) : read(name);
    const made = ts.createProgram(parsed.fileNames, parsed.options, host);
    return ts.getPreEmitDiagnostics(made)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  }

  test("is well typed, and a wrong call is noticed", () => {
    execFileSync(program, ["init", "--template", "typescript", "--yes"], { cwd: folder });
    assert.deepEqual(complaints(), []);
    const wrong = complaints((text) => text.replace("connection.send(", "connection.sned("));
    assert.equal(wrong.length, 1);
    assert.match(wrong[0], /'sned' does not exist/);
  });
});
