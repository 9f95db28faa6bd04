local dir = require "pl.dir"
local file = require "pl.file"
local path = require "pl.path"
local json = require "partylua.json"
local options = require "partylua.config.options"

-- The specs change the working directory, and commands are loaded when they are first run.
package.path = (";" .. package.path):gsub(";%./", ";" .. path.currentdir() .. "/"):sub(2)
  .. ";./?.lua"

--- Stands in for io.stdout or io.stderr and keeps what is written.
local function recorder()
  local parts = {}
  return {
    write = function(self, ...)
      for i = 1, select("#", ...) do parts[#parts + 1] = tostring((select(i, ...))) end
      return self
    end,
    flush = function() return true end,
    text = function() return table.concat(parts) end,
  }
end

local root, home, streams, served, answer, arg_before

before_each(function()
  root, home, arg_before = os.tmpname(), path.currentdir(), _G.arg
  os.remove(root)
  dir.makepath(root)
  path.chdir(root)
  served, answer = nil, function() return 0 end
  package.loaded["partylua.native"] = {
    version = "1.2.3",
    luajit = "LuaJIT 2.1",
    executable = "/opt/bin/partylua",
    lualib = "/opt/lualib",
    loaded = function() end,
  }
  package.loaded["partylua.serving"] = {
    run = function(settings)
      served = settings
      return answer()
    end,
  }
end)

after_each(function()
  path.chdir(home)
  dir.rmtree(root)
  _G.arg = arg_before
  package.loaded["partylua.native"] = nil
  package.loaded["partylua.serving"] = nil
end)

--- Runs the program; returns its exit code, its output and its errors.
local function run(...)
  local run_cli = require "partylua.cli"
  local argv = { ... }
  local out, err = io.stdout, io.stderr
  streams = { out = recorder(), err = recorder() }
  io.stdout, io.stderr = streams.out, streams.err -- luacheck: ignore 122
  local ok, code = pcall(run_cli, argv)
  io.stdout, io.stderr = out, err -- luacheck: ignore 122
  assert(ok, code)
  return code, streams.out:text(), streams.err:text()
end

--- What `partylua …` says on standard error; it must have ended with 1 and printed nothing.
local function complaint(...)
  local code, out, err = run(...)
  assert.equal(1, code)
  assert.equal("", out)
  return err
end

describe("partylua serve", function()
  before_each(function() file.write("app.lua", "return {}") end)

  it("hands the settings to the application and ends with its answer", function()
    answer = function() return 7 end
    assert.same({ 7, "", "" }, { run("serve", "app.lua", "--port", "0") })
    assert.equal(root .. "/app.lua", served.main)
    assert.equal(0, served.port)
    assert.equal(root, served.directory)
  end)

  it("takes every option in every spelling", function()
    file.write("a.env", "FROM_A=1")
    file.write("b.env", "FROM_B=2")
    file.write("my.json", '{ "vars": { "FROM_FILE": true } }')
    local code = run("serve", "-p", "1", "--host=::1", "-c", "my.json", "--data", "d",
      "--env-file", "a.env", "--env-file=b.env", "-v", "X=1", "--var=Y=2=3", "-vZ=",
      "--log-level", "debug", "--log-format", "json", "--drain-timeout", "2.5",
      "--dev-endpoints", "./app.lua")
    assert.equal(0, code)
    assert.same({ FROM_FILE = true, FROM_A = "1", FROM_B = "2", X = "1", Y = "2=3", Z = "" },
      served.env)
    assert.same({ 1, "::1", "debug", "json", 2500, true },
      { served.port, served.host, served.log_level, served.log_format,
        served.drain_timeout_ms, served.dev_endpoints })
    assert.same({ root .. "/my.json", root .. "/d", root .. "/app.lua" },
      { served.config_file, served.data, served.main })
  end)

  it("has an option for each limit", function()
    for _, option in ipairs(options.limits) do
      local is_duration = option.kind == "duration"
      local text, expected = tostring(option.least), option.least
      if is_duration then text, expected = "11", 11000 end
      assert.same({ 0, "", "" }, { run("serve", "app.lua", options.flag(option), text) })
      assert.equal(expected, served.limits[options.setting(option)])
    end
  end)

  it("says one line about what it cannot understand", function()
    assert.equal("partylua: serve: unknown option '--prot'\n  hint: did you mean '--port'?\n",
      complaint("serve", "--prot", "1"))
    assert.equal("partylua: serve: option '--port' requires an argument\n"
      .. "  hint: 'partylua help serve' lists its options\n", complaint("serve", "--port"))
    assert.equal("partylua: serve: too many arguments\n"
      .. "  hint: 'partylua help serve' lists its options\n",
      complaint("serve", "app.lua", "other.lua"))
    assert.equal('partylua: --port must be a whole number, from 0 to 65535, not "x"\n',
      complaint("serve", "app.lua", "-p", "x"))
    assert.equal('partylua: --var must be NAME=value, not "x"\n',
      complaint("serve", "app.lua", "-v", "x"))
    assert.equal("partylua: no such file: gone.lua\n", complaint("serve", "gone.lua"))
  end)

  it("guesses the app when none is named", function()
    assert.equal("partylua: nothing to serve: no app was named, "
      .. "and there is no partylua.json in " .. root .. " or above\n"
      .. "  hint: did you mean 'partylua serve app.lua'?\n", complaint "serve")
    assert.is_nil(served)
  end)

  it("points into the configuration file", function()
    file.write("partylua.json", '{\n  "main": "app.lua",\n  "port": true\n}')
    assert.equal("partylua: partylua.json:3:11: "
      .. "port must be a number or a string, not true or false\n"
      .. '   3 |   "port": true\n     |           ^^^^\n', complaint "serve")
  end)

  it("warns once of fields without effect, and serves", function()
    file.write("partylua.json", '{ "main": "app.lua", "minify": true, "team": "x" }')
    local warning = "partylua: warning: partylua.json: without effect here: minify, team\n"
    assert.same({ 0, "", warning }, { run "serve" })
  end)

  it("prints what the application raises for the user as one message", function()
    answer = function() error { message = "port 80 is in use", hint = "try --port" } end
    assert.equal("partylua: port 80 is in use\n  hint: try --port\n",
      complaint("serve", "app.lua"))
  end)

  it("marks any other error as a fault of the program", function()
    answer = function() error "oops" end
    local err = complaint("serve", "app.lua")
    assert.matches("^partylua: internal error: .*cli_spec.lua:%d+: oops\nstack traceback:", err)
  end)

  it("reads options from the environment", function()
    local variables = { PARTYLUA_PORT = "8080", PARTYLUA_MESSAGE_BYTES = "2KiB" }
    local getenv = stub(os, "getenv", function(name) return variables[name] end)
    finally(function() getenv:revert() end)
    run("serve", "app.lua")
    assert.same({ 8080, 2048 }, { served.port, served.limits.message_bytes })
  end)

  it("prints its help", function()
    for _, words in ipairs { { "serve", "--help" }, { "serve", "-h" }, { "help", "serve" } } do
      local code, out, err = run(unpack(words))
      assert.same({ 0, "" }, { code, err })
      for _, option in ipairs(options.all) do
        assert.matches(options.flag(option), out, 1, true)
      end
    end
    assert.is_nil(served)
  end)
end)

describe("partylua", function()
  it("prints its version", function()
    assert.same({ 0, "partylua 1.2.3 (LuaJIT 2.1)\n", "" }, { run "version" })
    assert.same({ 0, "partylua 1.2.3 (LuaJIT 2.1)\n", "" }, { run "--version" })
    assert.same({ 0, "partylua 1.2.3 (LuaJIT 2.1)\n", "" }, { run "-v" })
    assert.same({ 1, "", "partylua: version: unknown option '--short'\n"
      .. "  hint: 'partylua help version' lists its options\n" }, { run("version", "--short") })
  end)

  it("prints where the types are", function()
    assert.same({ 0, "/opt/lualib/partylua/types\n", "" }, { run "types" })
  end)

  it("prints what an editor's configuration needs for the types", function()
    local code, out, err = run("types", "--luarc")
    assert.same({ 0, "" }, { code, err })
    local luarc = json.decode(out)
    assert.equal("LuaJIT", luarc["runtime.version"])
    assert.same({ "/opt/lualib/partylua/types" }, luarc["workspace.library"])
    assert.equal("partylua: types: too many arguments\n"
      .. "  hint: 'partylua help types' lists its options\n", complaint("types", "x"))
    assert.matches("too many arguments", complaint("types", "--luarc", "x"))
  end)

  it("explains each command behind --help too", function()
    for _, name in ipairs { "serve", "ts2lua", "types", "version", "help" } do
      local _, text = run("help", name)
      for _, flag in ipairs { "--help", "-h" } do
        assert.same({ 0, text, "" }, { run(name, flag) })
      end
    end
  end)

  it("prints an overview when nothing is asked of it", function()
    local _, overview = run "help"
    for _, arguments in ipairs { {}, { "--help" }, { "-h" } } do
      local code, out = run(unpack(arguments))
      assert.equal(0, code)
      assert.equal(overview, out)
    end
    for _, name in ipairs { "serve", "ts2lua", "types", "version", "help" } do
      assert.matches("\n   " .. name .. " ", overview, 1, true)
      assert.matches("^Usage: partylua " .. name, (select(2, run("help", name))))
    end
  end)

  it("explains the commands of PartyKit that it leaves out", function()
    for _, name in ipairs { "deploy", "login", "list", "env" } do
      local code, out = run("help", name)
      assert.equal(0, code)
      assert.matches("^There is no command '" .. name .. "'%.\n%S", out)
      assert.matches("partylua: there is no command '" .. name .. "'\n  hint: ",
        complaint(name), 1, true)
    end
  end)

  it("suggests the command that was meant", function()
    assert.equal("partylua: unknown command 'sevre'\n  hint: did you mean 'serve'?\n",
      complaint "sevre")
    assert.equal("partylua: unknown command 'xyz'\n"
      .. "  hint: 'partylua help' lists the commands\n", complaint "xyz")
    assert.equal("partylua: no help on 'sevre'\n  hint: did you mean 'serve'?\n",
      complaint("help", "sevre"))
  end)

  it("says that a file or folder cannot be run", function()
    assert.equal("partylua: no such file: gone.lua\n", complaint "gone.lua")
    assert.equal("partylua: no such file: a/b\n", complaint "a/b")
    assert.matches("^partylua: . is a folder\n", complaint ".")
  end)
end)

describe("the interpreter", function()
  after_each(function() _G.seen = nil end)

  it("runs a file with its arguments", function()
    file.write("script", "#!/usr/bin/env partylua\nseen = { arg = arg, ... }")
    assert.same({ 0, "", "" }, { run("script", "one", "--port", "-e") })
    assert.same({ "one", "--port", "-e", arg = {
      [-1] = "/opt/bin/partylua", [0] = "script", "one", "--port", "-e",
    } }, _G.seen)
  end)

  it("runs -e and -l in order, and then the file", function()
    file.write("script.lua", "seen[#seen + 1] = arg[0] .. ' ' .. arg[-1] .. ' ' .. arg[-6]")
    file.write("extra.lua", "seen[#seen + 1] = 'extra'")
    assert.same({ 0, "", "" },
      { run("-e", "seen = { 'first' }", "-lextra", "-eseen[#seen + 1] = 'third'",
        "--", "script.lua") })
    assert.same({ "first", "extra", "third", "script.lua -- /opt/bin/partylua" }, _G.seen)
    package.loaded.extra = nil
  end)

  it("runs code alone, with the program at the start of arg", function()
    assert.equal(0, (run("-e", "seen = arg")))
    assert.same({ [-3] = "/opt/bin/partylua", [-2] = "-e", [-1] = "seen = arg" }, _G.seen)
  end)

  it("takes false, nil and no arguments through to the script", function()
    file.write("s.lua", "seen = select('#', ...)")
    run "s.lua"
    assert.equal(0, _G.seen)
    run("s.lua", "")
    assert.equal(1, _G.seen)
  end)

  it("shows an uncaught error with the frames of the script and no others", function()
    file.write("s.lua", [[
      local function inner() error "boom" end
      local function outer() inner() end
      outer()]])
    assert.equal("partylua: s.lua:1: boom\nstack traceback:\n\t[C]: in function 'error'\n"
      .. "\ts.lua:1: in function 'inner'\n\ts.lua:2: in function 'outer'\n"
      .. "\ts.lua:3: in main chunk\n", complaint "s.lua")
    assert.equal("partylua: (command line):1: x\nstack traceback:\n\t[C]: in function 'error'\n"
      .. "\t(command line):1: in main chunk\n", complaint("-e", "error 'x'"))
  end)

  it("shows both ends of a deep stack", function()
    local err = complaint("-e", "local function down(n) if n == 0 then error 'deep' end "
      .. "down(n - 1) return n end down(100)")
    assert.equal(23, select(2, err:gsub("\n\t", ""))) -- 22 frames, and dots between them
    assert.matches("\n\t%.%.%.\n", err)
    assert.matches("in main chunk\n$", err)
  end)

  it("names a stack overflow, from any depth that it started at", function()
    for depth = 0, 12 do
      local code = "local function r() return 1 + r() end "
        .. "local function at(n) if n == 0 then return r() end return 1 + at(n - 1) end "
      assert.matches("^partylua: [^\n]*stack overflow",
        complaint("-e", code .. "at(" .. depth .. ")"))
    end
  end)

  it("survives an error value that cannot speak", function()
    assert.matches("^partylua: %(error object is a table value%)\n", complaint("-e",
      "error(setmetatable({}, { __tostring = function() error 'no' end }))"))
  end)

  it("shows error values that are not text", function()
    assert.matches("^partylua: %(error object is a table value%)\n",
      complaint("-e", "error {}"))
    assert.matches("^partylua: speaking\n", complaint("-e",
      "error(setmetatable({}, { __tostring = function() return 'speaking' end }))"))
    assert.matches("^partylua: of mine\nstack traceback:",
      complaint("-e", "error { message = 'of mine' }"))
    assert.matches("^partylua: 42\n", complaint("-e", "error(42, 0)"))
  end)

  it("ends in silence with 1 after error(nil)", function()
    assert.equal("", complaint("-e", "error()"))
  end)

  it("shows a syntax error without a traceback", function()
    file.write("s.lua", "local x = 1\nx x\n")
    assert.equal("partylua: s.lua:2: '=' expected near 'x'\n", complaint "s.lua")
    assert.equal("partylua: (command line):1: unexpected symbol near '='\n",
      complaint("-e", "x = = 1"))
  end)

  it("stops at the first error", function()
    complaint("-e", "error 'x'", "-e", "seen = true")
    assert.is_nil(_G.seen)
  end)

  it("names a module that is missing, and a script", function()
    assert.matches("^partylua: module 'no_such_module' not found:",
      complaint("-l", "no_such_module"))
    assert.matches("^partylua: cannot open the script gone%.lua",
      complaint("-e", "", "gone.lua"))
  end)

  it("refuses options it does not know or that lack a value", function()
    local usage = "\n  hint: the options before a script are "
      .. "-e CODE, -l MODULE, -v, -E, - and --\n"
    assert.equal("partylua: unknown option '-z'" .. usage, complaint "-z")
    assert.equal("partylua: unknown option '--nope'" .. usage, complaint "--nope")
    assert.equal("partylua: option '-e' needs an argument" .. usage, complaint "-e")
  end)

  it("runs LUA_INIT first unless -E is given", function()
    file.write("init.lua", "seen = (seen or '') .. 'file '")
    local init = "seen = (seen or '') .. 'init '"
    local getenv = stub(os, "getenv", function(name)
      return name == "LUA_INIT" and init or nil
    end)
    finally(function() getenv:revert() end)
    run("-e", "seen = seen .. 'code'")
    assert.equal("init code", _G.seen)
    init, _G.seen = "@init.lua", nil
    run("-e", "seen = seen .. 'code'")
    assert.equal("file code", _G.seen)
    _G.seen = nil
    run("-E", "-e", "seen = (seen or '') .. 'code'")
    assert.equal("code", _G.seen)
  end)

  it("tells somebody who runs a room how to serve it", function()
    file.write("app.lua", "return { onConnect = function() end }")
    assert.same({ 0, "", "partylua: app.lua returned a room and ended; "
      .. "to serve it: partylua serve app.lua\n" }, { run "app.lua" })
    file.write("module.lua", "return { on = function() end, once = 1, onX = 2 }")
    assert.same({ 0, "", "" }, { run "module.lua" })
  end)
end)
