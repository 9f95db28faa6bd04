local json = require "partylua.json"
local file = require "pl.file"
local typescript = require "spec.support.typescript"

--- What Node answered to each piece is recorded by record.mjs beside this file.
local cases = json.decode(file.read "spec/ts/language-tests.json")

for _, compiles in ipairs { true, false } do
  describe("the language, with the JIT " .. (compiles and "on" or "off"), function()
    setup(function()
      if not compiles then jit.off() end
      jit.flush()
    end)
    teardown(function() jit.on() end)

    for _, case in ipairs(cases) do
      it("answers what Node does: " .. case.name, function()
        assert.same(case.expect, typescript.run(case.code))
      end)
    end
  end)
end
