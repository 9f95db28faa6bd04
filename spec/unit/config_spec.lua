local json = require "partylua.json"
local project = require "spec.support.project"

local write = project.write
local loaded = project.loaded
local serving = project.serving
local refused = project.refused
local settings_of = project.settings_of
local refused_file = project.refused_file

local root

before_each(function() root = project.open() end)
after_each(project.close)

describe("a mistake in a configuration file", function()
  it("is shown around a mistake with a caret under it", function()
    local message = refused_file '{\n\t"vars": {"ü": 1}, "port": "many",\n}'
    assert.equal('partylua.json:2:28: port must be a whole number, from 0 to 65535\n'
      .. '   2 | \t"vars": {"ü": 1}, "port": "many",\n'
      .. '     | \t' .. (" "):rep(26) .. '^^^^^^', message)
  end)

  it("is shown in part where a line is long", function()
    local message = refused_file('{"vars": {"A": "' .. ("x"):rep(500) .. '"}, "port": -1}')
    local line, carets = message:match "\n   1 | (.*)\n     | (.*)$"
    assert.is_true(#line <= 80)
    assert.equal("-1", line:sub(carets:find "%^+"))
  end)
end)

describe("the fields of a configuration file", function()
  it("are refused when unknown, with the nearest known one", function()
    local message, hint = refused_file '{ "mian": "app.lua" }'
    assert.matches('partylua.json:1:3: unknown key "mian"', message, 1, true)
    assert.equal("did you mean 'main'?", hint)
    message, hint = refused_file '{ "serve": { "folder": "public" } }'
    assert.matches('partylua.json:1:14: unknown key "folder" in serve', message, 1, true)
    assert.is_nil(hint)
  end)

  it("are refused when of the wrong type, at their place", function()
    local cases = {
      ["[1]"] = "1:1: the file must hold an object, not a list",
      ['{"main": 5}'] = "1:10: main must be a string, not a number",
      ['{"crons": {"every-hour": 5}}'] =
        '1:26: crons."every-hour" must be a string or an object, not a number',
      ['{"crons": "* * * * *"}'] = "1:11: crons must be an object, not a string",
      ['{"serve": false}'] = "1:11: serve must be a string or an object, not true or false",
      ['{"serve": {"browserTTL": "1"}}'] =
        "1:26: serve.browserTTL must be a number or null, not a string",
      ['{"serve": {"edgeTTL": -1}}'] =
        "1:23: serve.edgeTTL must be a number of seconds, 0 or more",
      ['{"build": {"watch": [1]}}'] = "1:22: build.watch[1] must be a string, not a number",
      ['{"trustedProxies": ["::1", "x"]}'] =
        "1:28: trustedProxies[2] must be an address or a range, such as 10.0.0.1 or 10.0.0.0/8",
      ['{"name": "My App"}'] = "1:10: name may only have the characters a-z, 0-9, _ and -",
      ['{"port": 1.5}'] = "1:10: port must be a whole number, from 0 to 65535",
      ['{"host": ""}'] = "1:10: host must be a text that is not empty",
    }
    for text, expected in pairs(cases) do
      assert.equal("partylua.json:" .. expected, refused_file(text):match "^[^\n]*")
    end
  end)

  it("may not be serve.include and serve.exclude", function()
    assert.matches("1:12: serve.include is not implemented",
      refused_file '{"serve": {"include": ["x"]}}', 1, true)
    assert.matches("1:12: serve.exclude is not implemented",
      refused_file '{"serve": {"exclude": []}}', 1, true)
  end)

  it("are named in one warning when they have no effect", function()
    local settings = settings_of [[{ "$schema": "x", "compatibilityDate": "2024-07-18",
      "serve": { "path": ".", "build": "a.js" }, "placement": { "mode": "smart" } }]]
    local names = "compatibilityDate, serve.build, placement"
    assert.same({ "partylua.json: without effect here: " .. names }, settings.warnings)
    assert.same({}, settings_of('{ "main": "app.lua" }').warnings)
  end)

  it("may be every one that PartyKit knows", function()
    write("lobby.lua", "return {}")
    local settings = settings_of [[{
      "name": "my-app", "team": "us", "main": "app.lua", "parties": { "lobby": "lobby.lua" },
      "port": 1234, "preview": "x", "crons": { "hourly": "0 * * * *" },
      "serve": { "path": ".", "build": { "entry": "a.ts" }, "browserTTL": null, "edgeTTL": 60,
                 "singlePageApp": true },
      "persist": false, "vars": { "A": 1 }, "define": { "B": "2" },
      "build": { "command": "make", "cwd": ".", "watch": ["src"], "alias": { "a": "b" } },
      "minify": true, "compatibilityDate": "2024-01-01", "compatibilityFlags": ["x"],
      "ai": { "apiToken": "t" },
      "vectorize": { "docs": "index", "more": { "index_name": "i" } },
      "domain": "d", "logpush": true, "tailConsumers": ["t"], "analytics": "a",
      "bindings": { "r2": { "B": "b" }, "kv": {} }, "placement": { "mode": "smart" },
      "observability": { "enabled": true, "head_sampling_rate": 0.5 } }]]
    assert.equal("my-app", settings.name)
    assert.equal(1234, settings.port)
    assert.same({ hourly = "0 * * * *" }, settings.crons)
    assert.same({ path = root, singlePageApp = true, edgeTTL = 60 }, settings.serve)
    assert.is_false(settings.persist)
    assert.same({ B = "2" }, settings.define)
    assert.equal("make", settings.build.command)
    assert.same({ apiToken = "t" }, settings.ai)
    assert.same({ docs = { name = "index" }, more = { name = "i" } }, settings.vectorize)
  end)

  it("can be blamed after loading", function()
    local settings = settings_of '{\n  "crons": { "every-hour": "0 * * * *" }\n}'
    local failure = settings.blame({ "crons", "every-hour" }, "is never run", "add onCron")
    assert.equal('partylua.json:2:28: crons."every-hour" is never run\n'
      .. '   2 |   "crons": { "every-hour": "0 * * * *" }\n'
      .. "     | " .. (" "):rep(27) .. "^^^^^^^^^^^", failure.message)
    assert.equal("add onCron", failure.hint)
  end)
end)

describe("finding the configuration", function()
  before_each(function() write("app.lua", "return {}") end)

  it("goes upward from the working directory", function()
    local path = write("partylua.json", '{ "name": "above", "main": "app.lua" }')
    write("a/b/x.lua", "")
    local settings = loaded { directory = root .. "/a/b" }
    assert.equal("above", settings.name)
    assert.equal(path, settings.config_file)
    assert.equal(root .. "/app.lua", settings.main)
    assert.equal(root .. "/a/b", settings.directory)
  end)

  it("takes the nearest folder first, and partylua.json first within it", function()
    write("partylua.json", '{ "name": "far", "main": "app.lua" }')
    write("a/app.lua", "return {}")
    write("a/partykit.jsonc", '{ "name": "c", "main": "app.lua" }')
    local function name() return loaded({ directory = root .. "/a" }).name end
    assert.equal("c", name())
    write("a/partykit.json5", '{ "name": "b", "main": "app.lua" }')
    assert.equal("b", name())
    write("a/partykit.json", '{ "name": "a", "main": "app.lua" }')
    assert.equal("a", name())
    write("a/partylua.json", '{ "name": "first", "main": "app.lua" }')
    assert.equal("first", name())
  end)

  it("goes on from the folder of an app that is named, when there is nothing else", function()
    write("far/src/app.lua", "return {}")
    write("far/.env", "WHO=far")
    local path = write("far/partylua.json", '{ "name": "far", "main": "src/app.lua" }')
    local settings = loaded { main = "far/src/app.lua" }
    assert.equal(path, settings.config_file)
    assert.equal("far", settings.env.WHO)
    write("partylua.json", '{ "name": "here", "main": "app.lua" }')
    write(".env", "WHO=here")
    settings = loaded { main = "far/src/app.lua" }
    assert.equal("here", settings.name)
    assert.equal("here", settings.env.WHO)
  end)

  it("falls back on the partykit object of package.json", function()
    write("package.json",
      '{ "name": "Some Package!", "partykit": { "name": "mine", "main": "app.lua" } }')
    assert.equal("mine", loaded().name)
    write("package.json", '{ "partykit": { "nmae": "x" } }')
    assert.matches('package.json:1:17: unknown key "nmae"', refused(), 1, true)
    write("package.json", "{ not ours, and broken")
    assert.is_nil(serving().config_file)
  end)

  it("can be spared by naming the file", function()
    write("partylua.json", '{ "name": "near" }')
    write("etc/live.json", '{ "name": "named", "main": "../app.lua" }')
    local settings = loaded { path = "etc/live.json" }
    assert.equal("named", settings.name)
    assert.equal(root .. "/etc/../app.lua", settings.main)
    assert.matches("cannot read the configuration: .*nope.json: No such file",
      refused { path = "nope.json" })
    assert.equal("etc is a folder, not a file", (refused { path = "etc" }))
  end)
end)

describe("the modules of a configuration", function()
  it("are absolute, relative to the file they are named in", function()
    write("sub/rooms/main.lua", "return {}")
    write("sub/rooms/lobby.lua", "return {}")
    write("sub/partykit.json",
      '{ "main": "./rooms/main.lua", "parties": { "lobby": "rooms/lobby.lua" } }')
    local settings = loaded { path = "sub/partykit.json" }
    assert.equal(root .. "/sub/rooms/main.lua", settings.main)
    assert.same({ lobby = root .. "/sub/rooms/lobby.lua" }, settings.parties)
  end)

  it("have main from the command line first, relative to the working directory", function()
    write("partylua.json", '{ "main": "missing.lua" }')
    write("a/other.lua", "return {}")
    local settings = loaded { directory = root .. "/a", main = "other.lua" }
    assert.equal(root .. "/a/other.lua", settings.main)
  end)

  it("are the Lua files beside TypeScript ones", function()
    write("src/chat.lua", "return {}")
    write("partykit.json", '{ "main": "src/chat.ts", "parties": { "b": "src/chat.js" } }')
    local settings = loaded()
    assert.equal(root .. "/src/chat.lua", settings.main)
    assert.equal(root .. "/src/chat.lua", settings.parties.b)
  end)

  it("are the TypeScript ones where there is no Lua file", function()
    write("src/lobby.tsx", "export default {}")
    write("partykit.json", '{ "main": "src/lobby.tsx", "parties": { "b": "src/gone.ts" } }')
    assert.matches("parties.b names a file that does not exist", refused(), 1, true)
    write("src/gone.cjs", "module.exports = {}")
    write("partykit.json", '{ "main": "src/lobby.tsx", "parties": { "b": "src/gone.cjs" } }')
    local message, hint = refused()
    assert.matches("parties.b is a CommonJS module", message, 1, true)
    assert.matches("import and export", hint, 1, true)
  end)

  it("must exist", function()
    write("partylua.json", '{ "main": "gone.lua" }')
    assert.matches("partylua.json:1:11: main names a file that does not exist: "
      .. root .. "/gone.lua", refused(), 1, true)
    assert.equal("no such file: other.lua", (refused { main = "other.lua" }))
    write("party/app.lua", "return {}")
    local message, hint = refused { main = "party" }
    assert.equal("party is a folder", message)
    assert.equal("did you mean 'party/app.lua'?", hint)
  end)

  it("may not be called main or have odd names", function()
    assert.matches('1:14: parties.main may not be called main',
      refused_file '{"parties": {"main": "app.lua"}}', 1, true)
    assert.matches('1:14: parties.Chat may only have the characters a-z, 0-9, _ and -',
      refused_file '{"parties": {"Chat": "app.lua"}}', 1, true)
    local settings = settings_of '{"parties": {"a-1_b": "app.lua"}}'
    assert.equal(root .. "/app.lua", settings.parties["a-1_b"])
  end)

  it("are missed in one clear message", function()
    local message, hint = refused()
    assert.equal("nothing to serve: no app was named, and there is no partylua.json in "
      .. root .. " or above", message)
    assert.equal("name the app: partylua serve app.lua", hint)
    write("main.lua", "return {}")
    assert.equal("did you mean 'partylua serve main.lua'?", select(2, refused()))
    write("partylua.json", "{}")
    assert.equal('partylua.json: has no "main", and no app was named', (refused()))
  end)
end)

describe("static files", function()
  it("are a folder beside the file, with its options", function()
    write("public/index.html", "")
    assert.same({ path = root .. "/public" }, settings_of('{"serve": "public"}').serve)
    assert.same({ path = root .. "/public", browserTTL = 60, singlePageApp = false },
      settings_of([[{"serve": {
        "path": "./public", "browserTTL": 60, "singlePageApp": false}}]]).serve)
  end)

  it("must be there", function()
    assert.matches("1:11: serve names a folder that does not exist",
      refused_file '{"serve": "public", "main": "app.lua"}', 1, true)
    assert.matches('1:11: serve has no "path"',
      refused_file '{"serve": {}, "main": "app.lua"}', 1, true)
  end)
end)

describe("room.env", function()
  before_each(function() write("app.lua", "return {}") end)

  it("takes vars, .env, .env.local in development, --env-file, --var in turn", function()
    write("partylua.json", [[{ "main": "app.lua",
      "vars": { "A": "vars", "B": "vars", "C": "vars", "D": "vars", "E": "vars" } }]])
    write(".env", "B=.env\nC=.env\nD=.env\nE=.env")
    write(".env.local", "C=.env.local\nD=.env.local\nE=.env.local")
    write("more.env", "D=--env-file\nE=--env-file")
    local request = { dev = true, env_files = { "more.env" }, vars = { "E=--var" } }
    assert.same({ A = "vars", B = ".env", C = ".env.local", D = "--env-file", E = "--var" },
      loaded(request).env)
    request.dev = false
    assert.equal(".env", loaded(request).env.C)
  end)

  it("keeps any JSON of vars, null and lists included", function()
    local settings = settings_of [[{ "vars": {
      "N": 42, "F": true, "O": { "l": [1, 2], "z": null }, "E": [] } }]]
    assert.equal(42, settings.env.N)
    assert.is_true(settings.env.F)
    assert.equal(json.null, settings.env.O.z)
    assert.equal('{"l":[1,2]}', json.encode { l = settings.env.O.l })
    assert.equal("[]", json.encode(settings.env.E))
  end)

  it("finds .env above the working directory", function()
    write(".env", "A=1")
    write("a/b/app.lua", "return {}")
    assert.same({ A = "1" }, loaded({ directory = root .. "/a/b", main = "app.lua" }).env)
  end)

  it("splits --var at the first =", function()
    assert.same({ a = "b=c", empty = "" }, serving({ vars = { "a=b=c", "empty=" } }).env)
    for _, text in ipairs { "abc", "=x", "" } do
      assert.equal('--var must be NAME=value, not "' .. text .. '"',
        (refused { main = "app.lua", vars = { text } }))
    end
  end)

  it("has no values of the process, and reports env files that are wrong", function()
    assert.is_nil(serving().env.PATH)
    assert.matches("gone.env: No such file",
      refused { main = "app.lua", env_files = { "gone.env" } }, 1, true)
    write("bad.env", "A=1\noops")
    assert.equal("bad.env:2: expected NAME=value",
      (refused { main = "app.lua", env_files = { "bad.env" } }))
  end)
end)
