--- check: finds nothing wrong with what works: the examples, and the conformance parties.

local Process = require "spec.support.process"
local dir = require "pl.dir"
local file = require "pl.file"
local json = require "partylua.json"
local party = require "spec.support.party"
local path = require "pl.path"

local function check(folder, arguments)
  local argv = { party.program, "check", "--json", unpack(arguments) }
  local code, output = Process.run(argv, folder)
  local report = json.decode(output)
  return code, report, output
end

describe("partylua check finds nothing wrong with", function()
  for _, app in ipairs(dir.getallfiles("examples", "*app.lua")) do
    local folder = path.dirname(app)
    it(folder, function()
      local arguments = { "--strict" }
      if not path.isfile(folder .. "/partylua.json") then arguments[2] = "app.lua" end
      local code, report, output = check(folder, arguments)
      assert.equal(0, code, output)
      assert.is_true(#report.app.parties[1].hooks > 0)
    end)
  end

  it("the conformance parties in Lua, all that they are", function()
    local code, report, output = check("spec/conformance", {})
    assert.equal(0, code, output)
    assert.is_true(#report.app.parties > 15)
  end)

  it("the conformance parties in TypeScript, nor with their hooks", function()
    local count = 0
    for _, name in ipairs(dir.getallfiles("spec/conformance/kit", "*.ts")) do
      if file.read(name):find "export default" then
        count = count + 1
        local code, report, output = check(".", { name })
        assert.equal(0, code, name .. output)
        for _, found in ipairs(report.findings) do assert.is_true(found.code ~= "P018", name) end
      end
    end
    assert.is_true(count > 15)
  end)
end)
