--- The built program as a Lua interpreter; what it says and how it parses is in unit/cli_spec.

local Process = require "spec.support.process"
local party = require "spec.support.party"

--- Runs a line of shell in which `partylua` is the program under test.
local function shell(line, folder)
  local code, output = Process.run({ "sh", "-c",
    ('partylua() { %q "$@"; }\n%s'):format(party.program, line) }, folder)
  return code, output
end

describe("partylua, as an interpreter,", function()
  it("runs a file with its arguments", function()
    local _, folder = party.write_file("a.lua", "print(arg[0], #arg, ...)")
    assert.same({ 0, "a.lua\t2\tone\t--port\n" }, { shell("partylua a.lua one --port", folder) })
  end)

  it("runs a script that names it in its first line", function()
    local path, folder = party.write_file("script", ("#!%s\nprint(...)"):format(party.program))
    os.execute(("chmod +x %q"):format(path))
    assert.same({ 0, "x\n" }, { shell("./script x", folder) })
  end)

  it("runs code, and then a file in the same state", function()
    local _, folder = party.write_file("a.lua", "print(x)")
    assert.same({ 0, "7\n" }, { shell("partylua -e 'x = 7' a.lua", folder) })
  end)

  it("runs what comes in on standard input", function()
    assert.same({ 0, "3\ta\n" }, { shell "echo 'print(1 + 2, ...)' | partylua - a" })
  end)

  it("ends with the code of os.exit, and with 1 after an error", function()
    assert.same({ 7, "" }, { shell "partylua -e 'os.exit(7)'" })
    local code, output = shell "partylua -e 'error \"boom\"'"
    assert.equal(1, code)
    assert.matches("^partylua: %(command line%):1: boom\nstack traceback:", output)
  end)

  it("runs LUA_INIT before, unless -E says not to", function()
    assert.same({ 0, "init\ncode\n" },
      { shell [[LUA_INIT='print "init"' partylua -e 'print "code"']] })
    assert.same({ 0, "code\n" },
      { shell [[LUA_INIT='print "init"' partylua -E -e 'print "code"']] })
  end)

  it("has its own modules, C modules for Lua 5.1, and LuaJIT's", function()
    local code, output = shell [[partylua -l partylua -e '
      local party = require "partylua"
      print(party.json.encode(require "cjson".decode "[1]"), require "lpeg".match("a", "ab"))
      print(require "string.buffer".new():put("x"):tostring(), jit ~= nil)']]
    assert.same({ 0, "[1]\t2\nx\ttrue\n" }, { code, output })
  end)

  it("says so where something would have to wait for a server", function()
    local code, output = shell [[partylua -e 'require "partylua".sleep(1)']]
    assert.equal(1, code)
    assert.matches("party%.sleep", output)
  end)

  it("collects garbage", function()
    local code, output = shell [[partylua -e '
      for i = 1, 2e5 do local t = { ("x"):rep(1000) .. i } end
      print(collectgarbage "count" < 100 * 1024)']]
    assert.same({ 0, "true\n" }, { code, output })
  end)

  it("is the interpreter of busted, and ends with its count of failures", function()
    local _, folder = party.write_file("spec/a_spec.lua", [[
      describe("a", function()
        it("runs here", function() assert.truthy(require("partylua.native").version) end)
        it("fails", function() assert.is_true(false) end)
      end)]])
    local code, output = Process.run({ "busted", "--lua=" .. party.program, "-o", "TAP" }, folder)
    assert.equal(1, code)
    assert.matches("ok 1 %- a runs here", output)
    assert.matches("not ok 2 %- a fails", output)
  end)
end)
