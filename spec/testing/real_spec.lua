--- Specs that were written for memory hold over sockets as well.

local Process = require "spec.support.process"
local dir = require "pl.dir"
local party = require "spec.support.party"
local path = require "pl.path"

local specs = { "spec/testing/chat_spec.lua" }
for _, folder in ipairs(dir.getdirectories "examples") do
  local spec = folder .. "/spec/app_spec.lua"
  if path.isfile(spec) then specs[#specs + 1] = spec end
end
table.sort(specs)

describe("partylua test --real", function()
  for _, spec in ipairs(specs) do
    it("passes " .. spec, function()
      local code, output = Process.run({ party.program, "test", "--real", spec })
      assert.equal(0, code, output)
      assert.matches("%d+ success[es]* / 0 failures / 0 errors", output)
    end)
  end

  it("finds the examples", function()
    assert.is_true(#specs >= 6, table.concat(specs, ", "))
  end)
end)
