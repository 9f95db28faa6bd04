local Process = require "spec.support.process"
local party = require "spec.support.party"

--- Writes a project: texts by the names of files. Returns its folder.
local function project(files)
  local folder = party.make_folder()
  for name, text in pairs(files) do party.write_file(name, text, folder) end
  return folder
end

local function config(text) return { "--config", text .. "/partykit.json" } end

describe("a project in TypeScript", function()
  local server

  --- Serves it; what it is asked for is in the room "a" of its main party.
  local function serve(files)
    files["partykit.json"] = files["partykit.json"] or '{ "main": "src/server.ts" }'
    local folder = project(files)
    server = party.serve("src/server.ts", config(folder), folder)
  end

  local function answer(path)
    local response = server:get("/parties/main/a" .. (path or ""))
    assert.equal(200, response.status, response.body)
    return response.body
  end

  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  it("imports by the paths and the baseUrl of tsconfig.json, comments and all", function()
    serve {
      ["tsconfig.json"] = [[{
        // what the editor reads, too
        "extends": "./config/base",
        "compilerOptions": { "paths": {
          "@/*": ["./src/*"], "@lib/special": ["./src/lib/other.ts"],
          "@lib/*": ["./none/*", "./src/lib/*"],
        }, },
      }]],
      ["config/base.json"] = '{ "compilerOptions": { "baseUrl": "..", "strict": true } }',
      ["src/lib/greet.ts"] = "export const greet = (name: string) => `hello ${name}`;",
      ["src/lib/other.ts"] = "export default 'special';",
      ["src/names/index.ts"] = "export const NAME = 'index';",
      ["shared/limits.ts"] = "export enum Limit { Most = 7 }",
      ["src/server.ts"] = [[
        import type * as Party from "partykit/server";
        import { greet } from "@lib/greet";
        import special from "@lib/special";
        import { NAME } from "@/names";
        import { Limit } from "shared/limits";
        import type { Nothing } from "@/not/there";
        export default class Server implements Party.Server {
          onRequest = () => new Response([greet("you"), special, NAME, Limit.Most].join());
        }
      ]],
    }
    assert.equal("hello you,special,index,7", answer())
  end)

  it("imports JSON as a default and by name", function()
    serve {
      ["src/data.json"] = '{ "list": [1, { "a": null }], "name": "Jörg", "two words": true }',
      ["src/server.ts"] = [[
        import data, { name } from "./data.json";
        import * as all from "./data.json" with { type: "json" };
        export default class { onRequest() {
          return new Response(`${JSON.stringify(data)} ${name} ${all.name === name}`);
        } }
      ]],
    }
    assert.equal('{"list":[1,{"a":null}],"name":"Jörg","two words":true} Jörg true', answer())
  end)

  it("imports packages of ES modules from node_modules", function()
    serve {
      ["node_modules/plain/package.json"] = '{ "main": "lib/cjs.js", "module": "lib/main.mjs" }',
      ["node_modules/plain/lib/main.mjs"] = "export { default } from './deep.mjs';",
      ["node_modules/plain/lib/deep.mjs"] = "let n = 0;\nexport default () => ++n;",
      ["node_modules/@scope/pkg/package.json"] = [[{ "exports": {
        ".": { "types": "./index.d.ts", "node": "./node.cjs", "import": "./index.js" },
        "./sub": ["./sub.js"], "./features/*": "./src/*.js" } }]],
      ["node_modules/@scope/pkg/index.js"] = [[
        import count from "plain";
        export const twice = () => [count(), count()];
        export var late = 1;
        export function change() { late = 2; }
      ]],
      ["node_modules/@scope/pkg/sub.js"] =
        "export const sub = typeof Buffer !== 'undefined' ? 1 : 2;",
      ["node_modules/@scope/pkg/src/one.js"] =
        "export * from '../index.js'; export const one = 'one';",
      ["src/server.ts"] = [[
        import { twice, late, change } from "@scope/pkg";
        import { sub } from "@scope/pkg/sub";
        import * as features from "@scope/pkg/features/one";
        change();
        const lazy = import("plain");
        export default class { async onRequest() {
          const { default: count } = await lazy;
          const list = [...twice(), count(), late, sub, features.one, features.late];
          return new Response(list.join());
        } }
      ]],
    }
    assert.equal("1,2,3,2,2,one,2", answer())
  end)

  it("replaces what the configuration defines", function()
    serve {
      ["partykit.json"] = [[{ "main": "src/server.ts", "define": {
        "API": "\"https://api.example.com\"", "process.env.MODE": "'test'",
        "LIMITS": { "most": [1, 2] },
        "DEBUG": false, "shadowed": "1" } }]],
      ["src/server.ts"] = [[
        declare const API: string, LIMITS: { most: number[] };
        declare const DEBUG: boolean, shadowed: number;
        export default class { onRequest() {
          const inner = ((shadowed: string) => shadowed)("mine");
          if (DEBUG) throw new Error();
          const list = [API, process.env.MODE, LIMITS.most.length, typeof API, inner, shadowed];
          return new Response(list.join());
        } }
      ]],
    }
    assert.equal("https://api.example.com,test,2,string,mine,1", answer())
  end)

  it("has parties in Lua and in TypeScript that reach each other", function()
    serve {
      ["partykit.json"] = '{ "main": "src/server.ts", "parties": { "lua": "src/lua.lua" } }',
      ["src/lua.lua"] = [[
        local party = require "partylua"
        local Lua = {}
        function Lua:onRequest(request)
          if request.method == "POST" then
            return party.Response("lua got " .. request:text())
          end
          local main = self.room.context.parties.main:get "b"
          return main:fetch("/named", { method = "PUT", body = "from lua" })
        end
        return Lua
      ]],
      ["src/server.ts"] = [[
        import type * as Party from "partykit/server";
        export default class Main implements Party.Server {
          constructor(readonly room: Party.Room) {}
          async onRequest(req: Party.Request) {
            const text = await req.text();
            if (req.method === "PUT") return new Response(`${this.room.id} got ${text}`);
            const lua = this.room.context.parties.lua.get("x");
            const said = await (await lua.fetch({ method: "POST", body: "hi" })).text();
            return new Response(`${said}; ${await (await lua.fetch()).text()}`);
          }
        }
      ]],
    }
    assert.equal("lua got hi; b got from lua", answer())
  end)

  it("stores values that a Lua party reads, and reads what a Lua party stored", function()
    local data = party.make_folder() .. "/data"
    local function play(files, path)
      local folder = project(files)
      local app = files["app.lua"] and "app.lua" or "app.ts"
      server = party.serve(app, { "--data", data }, folder)
      local body = answer(path)
      server:stop()
      server = nil
      return body
    end
    local ts = { ["app.ts"] = [[
      import type * as Party from "partykit/server";
      export default class implements Party.Server {
        constructor(readonly room: Party.Room) {}
        async onRequest(req: Party.Request) {
          const { storage } = this.room;
          if (req.url.endsWith("/write")) {
            const plain = { b: 1, a: [true, "x", null, 2.5] };
            await storage.put({ plain, text: "grüße", date: new Date(1e12) });
            return new Response("written");
          }
          const fromLua: any = await storage.get("lua");
          const date = await storage.get<Date>("date");
          const keys = [...(await storage.list()).keys()];
          return Response.json({ fromLua, keys, year: date!.getUTCFullYear() });
        }
      }
    ]] }
    local lua = { ["app.lua"] = [[
      local party = require "partylua"
      local App = {}
      function App:onRequest()
        local storage = self.room.storage
        local plain = storage:get "plain"
        local empty = party.json.array {}
        storage:put("lua", { list = { 1, 2, { deep = "yes" } }, n = 5, empty = empty })
        local a = plain.a
        return party.Response(("%s %d %s %s %s %s"):format(storage:get "text", plain.b,
          tostring(a[1]), a[2], tostring(a[3] == party.json.null), a[4]))
      end
      return App
    ]] }
    assert.equal("written", play(ts, "/write"))
    assert.equal("grüße 1 true x true 2.5", play(lua))
    assert.equal('{"fromLua":{"empty":[],"list":[1,2,{"deep":"yes"}],"n":5},'
      .. '"keys":["date","lua","plain","text"],"year":2001}', play(ts, "/read"))
  end)
end)

describe("partylua serve refuses a project in TypeScript", function()
  --- What it says on its way out.
  local function complaint(files)
    local folder = project(files)
    local argv = { party.program, "serve", "server.ts", "--port", "0", "--log-format", "text" }
    local code, output = Process.run(argv, folder)
    assert.equal(1, code, output)
    assert.not_matches("traceback", output, 1, true)
    return output
  end

  it("at the place of an import that leads nowhere, with a hint", function()
    local output = complaint {
      ["server.ts"] = "import { a } from './lib';\nexport default class { a = a }",
      ["lib.ts"] = "import fs from 'node:fs';\nexport const a = fs.readFileSync('x');",
    }
    assert.equal("partylua: lib.ts:1:16: 'node:fs' is a module of Node, which is not there\n"
      .. "   1 | import fs from 'node:fs';\n     |                ^^^^^^^^^\n"
      .. "  hint: import a JSON file, or use room.storage\n", output)
    local source = "import { z } from 'zod/v4';\nexport default class { a = z }"
    output = complaint { ["server.ts"] = source }
    assert.matches("server.ts:1:19: cannot find the module 'zod/v4'\n", output, 1, true)
    assert.matches("hint: packages are found in node_modules: npm install zod\n", output, 1, true)
  end)

  it("at the place of WebAssembly", function()
    local output = complaint {
      ["server.ts"] = "export default class {}\nconst wasm = (WebAssembly as any).compile('x');",
    }
    assert.matches("^partylua: server.ts:2:15: WebAssembly is not supported\n", output)
    assert.matches("\n  hint: do it in TypeScript", output, 1, true)
  end)

  it("at a CommonJS package", function()
    assert.matches("node_modules/old/index.js:1:1: this package is a CommonJS module", complaint {
      ["node_modules/old/index.js"] = "module.exports = { a: require('./b') };",
      ["server.ts"] = "import old from 'old';\nexport default class { a = old }",
    }, 1, true)
  end)

  it("whose definitions are no expressions", function()
    assert.matches('"define": API must be a JavaScript expression, got https://x', complaint {
      ["partykit.json"] = '{ "define": { "API": "https://x" } }',
      ["server.ts"] = "export default class {}",
    }, 1, true)
  end)

  it("that throws while it is loaded, with the places of its own", function()
    assert.equal("partylua: lib.ts:2:3: server.ts failed while loading: TypeError: no\n"
      .. "   2 |   throw new TypeError('no');\n     |   ^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
      .. "    at lib.ts:2\n    at server.ts:2\n", complaint {
        ["lib.ts"] = "export function f() {\n  throw new TypeError('no');\n}",
        ["server.ts"] = "import { f } from './lib';\nf();\nexport default class {}",
      })
  end)

  it("without a default export", function()
    assert.matches("^partylua: server.ts must export the party's class as its default\n",
      complaint { ["server.ts"] = "export class Server {}" })
  end)
end)
