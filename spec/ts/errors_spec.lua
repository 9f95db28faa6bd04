local party = require "spec.support.party"

describe("an error of a program in TypeScript", function()
  local server
  setup(function()
    local _, folder = party.write_file("server.ts", [[
import type * as Party from "partykit/server";

export default class implements Party.Server {
  helper(x: any) {
    return x.a.b;
  }

  async later() {
    await null;
    throw new RangeError("later");
  }

  async onRequest(req: Party.Request) {
    switch (new URL(req.url).pathname.split("/").pop()) {
      case "index": this.helper({}); break;
      case "async": await this.later(); break;
      case "timer": setTimeout(() => { this.helper({}); }, 1); break;
      case "reject": Promise.reject(new Error("nobody wants it")); break;
      case "call": (this as any).nope(); break;
    }
    return new Response("ok");
  }
}
]])
    server = party.serve("server.ts", nil, folder)
  end)
  teardown(function() server:stop() end)

  for name, place in pairs {
    index = 'at=server.ts:5 err="Cannot read properties of undefined',
    async = 'at=server.ts:10 err=later source="throw new RangeError',
    timer = "hook=party.after at=server.ts:5",
    reject = 'uncaught: Error: nobody wants it     at server.ts:18',
    call = 'at=server.ts:19 err="nope is not a function"',
  } do
    it("is logged with its place in the source: " .. name, function()
      server:get("/parties/main/a/" .. name)
      party.eventually("it is logged", function() return server:log():find(place, 1, true) end)
    end)
  end
end)
