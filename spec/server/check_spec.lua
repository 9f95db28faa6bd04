--- check: what `partylua check` finds, with its place; each code of docs/errors.md has a case here.

local Process = require "spec.support.process"
local command = require "spec.support.command"
local json = require "partylua.json"
local codes = require "partylua.check.codes"
local party = require "spec.support.party"

--- What is found in a folder with these files: the document of --json, and the exit code.
local function check(files, arguments, options)
  command.open(files)
  local code, output = command.run({ "check", "--json", unpack(arguments or {}) }, options)
  return json.decode(output), code
end

--- One app of one file.
local function lua(text, more)
  local files = { ["app.lua"] = text, ["partylua.json"] = '{ "main": "app.lua" }' }
  for name, each in pairs(more or {}) do files[name] = each end
  return files
end

local function with_config(text)
  return { ["app.lua"] = "local App = {}\nfunction App:onStart() end\nreturn App\n",
    ["partylua.json"] = text }
end

--- Files, then where the finding points and what it says; by code.
local CASES = {
  P001 = { { ["app.lua"] = "return {}", ["partylua.json"] = (" "):rep(1024 * 1024 + 1) },
    nil, "partylua.json: is larger than 1048576 bytes" },
  P002 = { with_config '{\n  "main" "app.lua"\n}', "partylua.json:2:10",
    "expected ':' after the key, found \"" },
  P003 = { with_config '{ "main": "app.lua", "prot": 1 }', "partylua.json:1:22",
    'unknown key "prot"', hint = "did you mean 'port'?" },
  P004 = { with_config '{ "main": "app.lua", "vars": 1 }', "partylua.json:1:30",
    "vars must be an object, not a number" },
  P005 = { with_config '{ "main": "app.lua", "port": 70000 }', "partylua.json:1:30",
    "port must be a whole number, from 0 to 65535" },
  P006 = { with_config '{ "main": "app.lua", "serve": { "path": ".", "include": [] } }',
    "partylua.json:1:46", "serve.include is not implemented, here and in PartyKit" },
  P007 = { with_config '{ "main": "app.lua", "team": "us" }', "partylua.json:1:22",
    "team is without effect here", warns = true },
  P008 = { with_config '{}', nil, 'partylua.json: has no "main", and no app was named' },
  P009 = { with_config '{ "main": "app.lua", "serve": "public" }', "partylua.json:1:31",
    "serve names a folder that does not exist: " },
  P010 = { with_config '{ "main": "app.lua", "parties": { "a": "a.lua" } }',
    "partylua.json:1:40", "parties.a names a file that does not exist: " },
  P011 = { lua("return require('partylua').app { main = {}, parties = { user = {} } }", {
    ["user.lua"] = "return {}", ["partylua.json"] =
      '{ "main": "app.lua", "parties": { "user": "user.lua" } }' }),
    nil, "party user is defined twice: in app.lua and in user.lua" },
  P012 = { lua "local App = {}\nfunction App:onMesage() end\nreturn App", "app.lua:2:14",
    "party main: 'onMesage' is not a hook", hint = "did you mean 'onMessage'?" },
  P013 = { lua "local App = {}\n\nfunction App.onConnect(conn) end\nreturn App", "app.lua:3:14",
    "party main: the hook 'onConnect' must be declared with ':'",
    hint = "write function Name:onConnect(...) instead of Name.onConnect(...), "
      .. "so that it gets self" },
  P014 = { lua "-- onStart\nreturn { onStart = 1 }", "app.lua:2:10",
    "party main: onStart should be a function, got number" },
  P015 = { lua("return {}", { ["partylua.json"] =
    '{ "main": "app.lua", "parties": { "user": "user.lua" } }',
    ["user.lua"] = "local User = {}\nfunction User:onFetch() end\nreturn User" }),
    "user.lua:2:15", "party user: onFetch is called on the main party only, not here",
    warns = true },
  P016 = { lua "return { options = true }", "app.lua:1:10",
    "party main: options should be a table such as { hibernate = true }, got boolean" },
  P017 = { lua "local App = {}\n", "app.lua:1:1",
    "app.lua must return the party's class, a table; it returned nothing",
    hint = "end the file with 'return Name'" },
  P018 = { lua("local App = {}\nfunction App:constructor()\n  self.onBeforeConnect = print\nend\n"
    .. "return App"), "app.lua:3:8",
    "party main: onBeforeConnect on the room's object is never called: declare it on the class",
    warns = true },
  P020 = { lua "return {}", nil, 'PARTYLUA_PORT must be a whole number, from 0 to 65535, not "x"',
    options = { variables = { "PARTYLUA_PORT=x" } } },
  P021 = { lua("return {}", { [".env"] = "A=1\nwhat\n" }), ".env:2", "expected NAME=value" },
  P022 = { lua "local x = 1\nx y\n", "app.lua:2:3", "syntax error: '=' expected near 'y'" },
  P023 = { lua "local user\nlocal name = user.name\nreturn {}", "app.lua:2:14",
    "app.lua failed while loading: attempt to index local 'user' (a nil value)" },
  P024 = { lua "local gone = require 'gone'\nreturn {}", "app.lua:1:23",
    "app.lua failed while loading: module 'gone' not found",
    hint = "it is looked for as gone.lua beside the app" },
  P030 = { with_config '{ "main": "app.lua", "crons": { "a": "* * * * *" } }',
    "partylua.json:1:31", "crons are configured and never run: app.lua has no onCron",
    warns = true },
  P031 = { with_config '{ "main": "app.lua", "crons": { "a": "0 * * *" } }',
    "partylua.json:1:38", "crons.a has 4 fields, a cron line has 5",
    hint = "minute hour day-of-month month day-of-week" },
  P032 = { with_config '{ "main": "app.lua", "crons": { "a": { "timezone": "UTC" } } }',
    "partylua.json:1:38", 'crons.a has no "schedule"' },
  P033 = { with_config '{ "main": "app.lua", "cronTimezone": "Mars/North" }',
    "partylua.json:1:38", 'cronTimezone names a time zone that is not known here: "Mars/North"' },
  P040 = { { ["server.ts"] = "export default class {\n  onConnect( {}\n}\n" }, "server.ts:3:1",
    "expected ')'", arguments = { "server.ts" } },
  P041 = { { ["server.ts"] = "with (x) {}\nexport default class {}\n" }, "server.ts:1:1",
    "'with' is not supported", hint = "name the object in each place",
    arguments = { "server.ts" } },
  P042 = { { ["server.ts"] = 'import { a } from "./a";\na();\nexport default class {}\n' },
    "server.ts:1:19", "cannot find the module './a'",
    hint = "the file is looked for beside the one that imports it",
    arguments = { "server.ts" } },
}

local function place_of(found)
  if not found.file then return nil end
  local parts = { found.file, found.line, found.column }
  return table.concat(parts, ":")
end

describe("partylua check finds", function()
  for code, title in pairs(codes) do
    it(title .. ", as " .. code, function()
      local case = assert(CASES[code], code .. " has no case here")
      local report, exit_code = check(case[1], case.arguments, case.options)
      local found = assert(report.findings[1], "nothing was found")
      assert.equal(code, found.code)
      assert.equal(case[2], place_of(found))
      assert.equal(case[3], found.message:sub(1, #case[3]))
      assert.equal(case.hint or found.hint, found.hint)
      assert.equal(case.warns and "warning" or "error", found.severity)
      assert.equal(case.warns and 0 or 1, exit_code)
      assert.equal(1, #report.findings)
    end)
  end
end)

describe("partylua check", function()
  it("finds everything at once, in the order of files and places", function()
    local report, code = check {
      ["app.lua"] = "local App = {}\nfunction App:onMesage() end\nfunction App.onStart() end\n"
        .. "return App",
      ["user.lua"] = "return",
      ["partylua.json"] = '{\n  "prot": 1,\n  "main": "app.lua",\n  "port": "x",\n'
        .. '  "parties": { "a": "a.lua", "user": "user.lua" },\n'
        .. '  "crons": { "x": "*", "y": { "schedule": "99 * * * *" } }\n}',
    }
    local found = {}
    for i, each in ipairs(report.findings) do found[i] = place_of(each) .. " " .. each.code end
    assert.same({ "app.lua:2:14 P012", "app.lua:3:14 P013", "partylua.json:2:3 P003",
      "partylua.json:4:11 P005", "partylua.json:5:21 P010", "partylua.json:6:19 P031",
      "partylua.json:6:44 P031", "user.lua:1:1 P017" }, found)
    assert.equal(8, report.errors)
    assert.equal(1, code)
    assert.equal(json.null, report.app)
  end)

  it("finds what only shows when a key is used", function()
    local report = check(with_config '{ "main": "app.lua", "ai": { "provider": "openai" } }')
    assert.equal("partylua.json:1:28 P005", place_of(report.findings[1]) .. " "
      .. report.findings[1].code)
    assert.equal('ai has no "baseUrl"', report.findings[1].message)
  end)

  it("tells a file that may not be read from one that is not there", function()
    -- Without a terminal /dev/tty is there and cannot be opened, whoever asks.
    local code, output = Process.run { "setsid", "-w", party.program, "check", "/dev/tty" }
    assert.equal(1, code)
    assert.matches("error[P010]: cannot read /dev/tty: No such device or address", output, 1, true)
  end)

  it("looks at each file that TypeScript imports before anything runs", function()
    local report = check({
      ["server.ts"] = 'import { a } from "./a";\nimport { b } from "./b";\nimport "node:fs";\n'
        .. 'console.log("ran", a, b);\nexport default class {\n  onConect() {}\n'
        .. "  async onBeforeConnect() {}\n  static onMessage() {}\n}\n",
      ["a.ts"] = "export const a = 1;\nwith (a) {}\n",
      ["b.ts"] = 'import "./server";\nexport const b = eval("1");\n',
    }, { "server.ts" })
    local found = {}
    for i, each in ipairs(report.findings) do found[i] = place_of(each) .. " " .. each.code end
    assert.same({ "a.ts:2:1 P041", "b.ts:2:18 P041", "server.ts:3:1 P042", "server.ts:6:3 P012",
      "server.ts:7:9 P018" }, found)
    assert.equal("import a JSON file, or use room.storage", report.findings[3].hint)
  end)

  it("reports what keeps TypeScript from being read, whatever it is", function()
    for source, place in pairs {
      ['import x = require("y");'] = "server.ts:1:12 P041", ["export = 5;"] = "server.ts:1:8 P041",
      ["class A { accessor x = 1 }"] = "server.ts:1:20 P041",
    } do
      local report = check({ ["server.ts"] = source }, { "server.ts" })
      assert.equal(place, place_of(report.findings[1]) .. " " .. report.findings[1].code)
    end
  end)

  it("says where, shows the line, points, and says what to do", function()
    command.open(lua "local App = {}\nfunction App:onMesage(message, sender)\nend\nreturn App")
    local code, output, errors = command.run { "check" }
    assert.equal("error[P012]: party main: 'onMesage' is not a hook\n  app.lua:2:14\n"
      .. "   2 | function App:onMesage(message, sender)\n"
      .. "     |              ^^^^^^^^ did you mean 'onMessage'?\n\n1 error\n", output)
    assert.equal("", errors)
    assert.equal(1, code)
  end)

  it("puts a hint that is long on a line of its own", function()
    command.open(lua "local App = {}\nfunction App.onStart() end\nreturn App")
    local _, output = command.run { "check" }
    assert.matches("| +^^^^^^^\n  hint: write function Name:onStart", output, 1)
  end)

  it("lists what there is when nothing is wrong", function()
    command.open {
      ["app.lua"] = "local App = { options = { hibernate = true } }\nfunction App:onStart() end\n"
        .. "function App:onCron() end\nreturn App",
      ["user.lua"] = "return {}", ["public/index.html"] = "", [".env"] = "SECRET=hush",
      ["partylua.json"] = [[{ "main": "app.lua", "parties": { "user": "user.lua" },
        "serve": "public", "crons": { "leap": "0 12 29 2 *",
        "day": { "schedule": "@daily", "timezone": "Europe/Berlin" } } }]],
    }
    local output = command.ok { "check" }
    assert.matches("^Parties\n  main  app%.lua   onStart onCron, hibernates\n"
      .. "  user  user%.lua  no hooks\n\nCrons\n"
      .. "  day   @daily       Europe/Berlin  next 20%d%d%-%d%d%-%d%dT2[23]:00:00Z\n"
      .. "  leap  0 12 29 2 %*  UTC            next 20%d%d%-02%-29T12:00:00Z\n\n"
      .. "Also\n  config        partylua%.json\n  static files  public\n"
      .. "  variables     SECRET\n\nno problems found\n$", output)
    assert.not_matches("hush", output)
    local report = json.decode(command.ok { "check", "--json" })
    assert.is_true(report.ok)
    assert.same({ name = "main", file = "app.lua", hooks = { "onStart", "onCron" },
      hibernates = true }, report.app.parties[1])
    assert.equal("Europe/Berlin", report.app.crons[1].timezone)
    assert.same({ "SECRET" }, report.app.variables)
  end)

  it("lists the hooks that a class in TypeScript has, and no others", function()
    local function hooks(text)
      local report = check({ ["server.ts"] = text }, { "server.ts" })
      return report.app.parties[1].hooks
    end
    assert.same({ "onMessage", "onFetch" },
      hooks "export default class {\n onMessage() {}\n static onFetch() {}\n}\n")
    assert.same({ "constructor", "onStart" },
      hooks "class A {\n constructor(readonly room: any) {}\n onStart() {}\n}\nexport default A;\n")
  end)

  it("counts warnings as errors with --strict alone", function()
    command.open(with_config '{ "main": "app.lua", "team": "us" }')
    assert.matches("^warning%[P007%].*\nParties\n.*\n1 warning\n$", command.ok { "check" })
    local code, output = command.run { "check", "--strict" }
    assert.equal(1, code)
    assert.matches("\n1 warning\n$", output)
    local report = json.decode((select(2, command.run { "check", "--strict", "--json" })))
    assert.is_false(report.ok)
  end)

  it("keeps what an app prints out of its own output", function()
    command.open(lua "print('one', nil)\nio.write 'two\\n'\nio.stdout:write 'three\\n'\nreturn {}")
    local code, output, errors = command.run { "check", "--json" }
    assert.equal(0, code)
    assert.is_true(json.decode(output).ok)
    assert.equal("one\tnil\ntwo\nthree\n", errors)
  end)

  it("opens no port and no data folder", function()
    command.open(lua "return {}")
    command.ok { "check", "--port", "1", "--data", "data" }
    assert.is_nil(command.read "data/data.mdb")
    assert.is_nil(command.read ".partylua/state/data.mdb")
  end)

  it("looks at the command line as 'serve' would", function()
    command.open { ["app.lua"] = "return {}" }
    local code, output = command.run { "check", "app.lua", "--port", "x", "--var", "x" }
    assert.equal(1, code)
    assert.matches("error%[P020%]: %-%-port must be a whole number", output)
    assert.matches('error%[P020%]: %-%-var must be NAME=value, not "x"', output)
  end)

  it("refuses what it does not know, with one message", function()
    command.open {}
    assert.equal("partylua: check: unknown option '--jsom'\n  hint: did you mean '--json'?\n",
      command.refused { "check", "--jsom" })
    assert.equal("partylua: check: too many arguments\n"
      .. "  hint: 'partylua help check' lists its options\n",
      command.refused { "check", "a.lua", "b.lua" })
  end)
end)
