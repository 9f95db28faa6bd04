// types.test -- partykit-server.d.ts fits what people write: the rooms of this folder and the
// servers of the conformance kit have no type error with it, and wrong ones have.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = fileURLToPath(new URL(".", import.meta.url));
const declarations = `${here}../../lualib/partylua/types/partykit-server.d.ts`;

const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.dom.asynciterable.d.ts"],
  types: [],
  strict: true,
  noEmit: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
};

/** Each has one fault, and what the compiler says about it. */
const WRONG = [
  ["room.broadcast({ a: 1 })", /'a' does not exist in type 'ArrayBuffer/],
  ["room.broadcast('x', 'id')", /not assignable to parameter of type 'string\[\]'/],
  ["room.id = 'x'", /read-only property/],
  ["room.getConnection(7)", /not assignable to parameter of type 'string'/],
  ["const n: number = await room.storage.get<number>('a')", /'number \| undefined'/],
  ["room.storage.list({ prefx: 'a' })", /'prefx' does not exist/],
  ["room.getConnection<{ n: number }>('a')!.state!.n = 1", /read-only property/],
  ["room.nothing", /Property 'nothing' does not exist/],
  ["class A implements Party.Server { onMessage(message: number) {} }", /'number'/],
  ["class B { static onFetch() { return 7; } }; B satisfies Party.Worker", /satisfy/],
].map(([code, message], i) => ({
  code, message, file: `${here}wrong-${i}.ts`,
  text: `import type * as Party from "partykit/server";
    export default async function f(room: Party.Room) { ${code}; }`,
}));

const modulesIn = (folder) => readdirSync(folder)
  .filter((each) => each.endsWith(".ts")).map((each) => `${folder}/${each}`);

/** What the compiler says, by file; one program for all, as most of its time is the library's. */
function compile(files, made) {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = host;
  const find = (file) => made.find((each) => each.file === file);
  host.fileExists = (file) => Boolean(find(file)) || fileExists(file);
  host.getSourceFile = (file, ...rest) => find(file)
    ? ts.createSourceFile(file, find(file).text, OPTIONS.target) : getSourceFile(file, ...rest);
  const roots = [declarations, ...files, ...made.map((each) => each.file)];
  const program = ts.createProgram(roots, OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => ({
    file: file?.fileName ?? "",
    line: file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0,
    text: ts.flattenDiagnosticMessageText(messageText, "\n"),
  }));
}

describe("partykit-server.d.ts", () => {
  let found;
  before(() => {
    found = compile([...modulesIn(`${here}rooms`), ...modulesIn(`${here}../conformance/kit/servers`)], WRONG);
  });

  it("fits the rooms of spec/ts and the servers of the conformance kit, and itself", () => {
    const made = new Set(WRONG.map((each) => each.file));
    const shown = found.filter(({ file }) => !made.has(file))
      .map(({ file, line, text }) => `${file.split("/").pop()}:${line}: ${text}`);
    assert.deepEqual(shown, []);
  });

  for (const { code, message, file } of WRONG) {
    it(`refuses ${code}`, () => {
      const errors = found.filter((each) => each.file === file);
      assert.equal(errors.length, 1, errors.map((each) => each.text).join("\n"));
      assert.match(errors[0].text, message);
    });
  }
});
