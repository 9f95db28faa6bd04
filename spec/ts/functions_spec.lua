local typescript = require "spec.support.typescript"

describe("the text of a function", function()
  it("is what the program says, types and all", function()
    assert.same({ '"function f(a: number): number { return a }"', '"(a?: string) => a"' },
      typescript.run [[
        function f(a: number): number { return a }
        out(String(f));
        out(String((a?: string) => a));
      ]])
  end)

  it("of a member begins behind what belongs to the class", function()
    assert.same({ '"async s(a) { }"', '"*g() { }"' }, typescript.run [[
      class A { private static async s(a) { } public *g() { } }
      out(String(A.s));
      out(String(A.prototype.g));
    ]])
  end)

  it("of a class is all of it, whichever of its members is found", function()
    for _, text in ipairs {
      "class A { m() { } }", "class A { x = 1 }", "class A { static s() { } }",
      "class A extends Object { constructor() { super() } }",
    } do
      assert.same({ '"' .. text .. '"' }, typescript.run(text .. " out(String(A))"))
    end
  end)

  it("does not change what an error is called", function()
    assert.same({ '"Cannot read properties of undefined (this)"' }, typescript.run [[
      function f(this: any) { return this.x }
      try { f() } catch (e) { out(e.message) }
    ]])
  end)
end)
