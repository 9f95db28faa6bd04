local party = require "spec.support.party"
local typescript = require "partylua.typescript"

--- What is found in a project, as "file:line:column: message"; and the findings themselves.
local function check(files, define)
  local folder = party.make_folder()
  for name, text in pairs(files) do party.write_file(name, text, folder) end
  local found = typescript.check(folder .. "/server.ts", folder, define)
  local lines = {}
  for i, each in ipairs(found) do lines[i] = tostring(each) end
  return lines, found
end

local CLASS = "\nexport default class {}"

describe("typescript.check", function()
  it("finds nothing in a program that is right", function()
    assert.same({}, (check {
      ["server.ts"] = [[
        import { a } from "./lib/a.js";
        import data from "./data.json";
        import type { Gone } from "gone";
        const hasBuffer = typeof Buffer !== "undefined" ? Buffer.from("x") : null;
        export default class { a = a; b: Gone = data }
      ]],
      ["lib/a.ts"] = "import server from '../server';\nexport const a = () => server;",
      ["data.json"] = "[1]",
    }))
  end)

  it("runs nothing", function()
    assert.same({}, (check { ["server.ts"] = "throw new Error('it ran');" .. CLASS }))
  end)

  it("finds all that is not supported in a file, in order", function()
    local lines = check { ["server.ts"] = [[
@frozen @sealed({ deep: true }) class A {
  @bound method(@inject() a) { with (a) { b; } }
}
eval("1");
const f = () => eval;]] .. CLASS }
    assert.same({
      "server.ts:1:1: decorators are not supported", "server.ts:1:9: decorators are not supported",
      "server.ts:2:3: decorators are not supported", "server.ts:2:17: decorators are not supported",
      "server.ts:2:32: 'with' is not supported", "server.ts:4:1: eval is not supported",
      "server.ts:5:17: eval is not supported",
    }, lines)
  end)

  it("points at what does not belong in a program, not at what follows", function()
    for source, expected in pairs {
      ["let y = 1;\nlet x = @"] = "server.ts:2:9: the character '@' does not belong here",
      ["let x = @\nlet z = 3;"] = "server.ts:1:9: the character '@' does not belong here",
      ["let x = `a\\u{zz}`;"] = "server.ts:1:11: there is no such escape",
    } do
      assert.same({ expected }, (check { ["server.ts"] = source }))
    end
  end)

  it("finds what is not supported and what is not there together", function()
    assert.same({ "server.ts:1:5: WebAssembly is not supported",
      "server.ts:2:1: 'with' is not supported" },
      (check { ["server.ts"] = "new WebAssembly.Module();\nwith (1) {}" .. CLASS }))
  end)

  it("finds globals that are not there, with what to do instead", function()
    local lines, found = check { ["server.ts"] = [[
const a = Buffer.from("x");
new WebSocketPair();
export default class { b = new Proxy({}, {}); c = __dirname }]] }
    assert.same({
      "server.ts:1:11: Node's Buffer is not there; partylua runs no Node",
      "server.ts:2:5: WebSocketPair is not supported",
      "server.ts:3:32: Proxy is not supported",
      "server.ts:3:51: '__dirname' is not there; partylua runs no Node",
    }, lines)
    for _, each in ipairs(found) do assert.is_string(each.hint) end
    assert.equal("   2 | new WebSocketPair();\n     |     ^^^^^^^^^^^^^",
      found[2].failure.place.excerpt)
  end)

  it("follows imports, static and dynamic, through every file", function()
    local lines = check {
      ["server.ts"] = [[
import { b } from "./b";
import path from "path";
export * from "./none";
const later = import("./later");
export default class { b = [b, path, later] }]],
      ["b.ts"] = "import { c } from './lib/c';\nexport const b = c;\nimport './server';",
      ["lib/c.ts"] = "export const c = (;",
      ["later.ts"] = "import data from './data.json';\nexport const x = data, y = WebAssembly;",
      ["data.json"] = "{ 'a': 1 }",
    }
    table.sort(lines)
    assert.same(4 + 1, #lines, table.concat(lines, "\n"))
    assert.matches("^data.json:1:1: this is no JSON: ", lines[1])
    assert.same({
      "later.ts:2:28: WebAssembly is not supported",
      "lib/c.ts:1:19: expected an expression, found ';'",
      "server.ts:2:18: 'path' is a module of Node, which is not there",
      "server.ts:3:1: cannot find the module './none'",
    }, { unpack(lines, 2) })
  end)

  it("leaves packages alone, unless they are CommonJS modules", function()
    local lines = check {
      ["node_modules/good/index.js"] = "export const a = () => Buffer.from('x');",
      ["node_modules/bad/index.js"] = "exports.a = 1;",
      ["server.ts"] = "import { a } from 'good';\nimport * as bad from 'bad';\n"
        .. "export default class { a = [a, bad] }",
    }
    assert.same({
      "node_modules/bad/index.js:1:1: this package is a CommonJS module, which is not loaded",
    }, lines)
  end)

  it("misses the default export", function()
    assert.same({ "server.ts:1:1: this must export the party's class as its default" },
      (check { ["server.ts"] = "export class A {}" }))
    assert.same({}, (check { ["server.ts"] = "class A {}\nexport { A as default };" }))
  end)

  it("knows what the configuration defines", function()
    local source = "export const a = Buffer.from, b = __dirname;" .. CLASS
    assert.same({}, (check({ ["server.ts"] = source },
      { ["Buffer.from"] = "atob", __dirname = '"/"' })))
  end)
end)
