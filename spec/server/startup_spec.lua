local Process = require "spec.support.process"
local party = require "spec.support.party"

describe("partylua serve ends with one message", function()
  local folder
  before_each(function() folder = party.make_folder() end)

  --- What it says on its way out; nothing of ours may show in it.
  local function complaint(arguments, files)
    for name, text in pairs(files or {}) do party.write_file(name, text, folder) end
    local argv = { party.program, "serve", "--port", "0", "--log-format", "text" }
    for _, argument in ipairs(arguments or { "app.lua" }) do argv[#argv + 1] = argument end
    local code, output = Process.run(argv, folder)
    assert.equal(1, code)
    assert.not_matches("traceback", output, 1, true)
    assert.not_matches("partylua/[%w/]+%.lua", output)
    return output
  end

  --- The complaint about an app.
  local function about(source, more)
    local files = { ["app.lua"] = source }
    for name, text in pairs(more or {}) do files[name] = text end
    return complaint(nil, files)
  end

  it("without the app", function()
    assert.equal("partylua: no such file: app.lua\n", complaint())
    assert.matches("^partylua: partylua.json:1:24: parties.user names a file that does not exist: ",
      about("return {}", { ["partylua.json"] = '{ "parties": { "user": "user.lua" } }' }))
  end)

  it("about a syntax error", function()
    assert.equal("partylua: app.lua:2:3: syntax error: '=' expected near 'y'\n"
      .. "   2 | x y\n     |   ^\n", about "local x = 1\nx y\nreturn {}")
  end)

  it("about an error while the app is loaded, with the places of the app", function()
    assert.equal("partylua: app.lua:2:3: app.lua failed while loading: no way\n"
      .. "   2 |   error 'no way'\n     |   ^^^^^^^^^^^^^^\n"
      .. "\tapp.lua:2: in function 'fail'\n\tapp.lua:4: in main chunk\n",
      about "local function fail()\n  error 'no way'\nend\nfail()\nreturn {}")
    assert.matches("^partylua: app.lua:1:11: app.lua failed while loading: attempt to [^\n]+\n"
      .. "   1 | local x = nothing.there return {}\n     |           ^^^^^^^\n",
      about "local x = nothing.there return {}")
  end)

  it("about a timer that is started while the app is loaded", function()
    for _, call in ipairs { "after", "every" } do
      local message = about(("require('partylua').%s(1, print)\nreturn {}"):format(call))
      assert.matches("^partylua: app.lua:1:1: app.lua failed while loading: a timer cannot start "
        .. "before the server does: start it in a hook\n", message)
    end
  end)

  it("about a module that is missing", function()
    assert.matches("^partylua: app.lua:1:23: app.lua failed while loading: module 'gone' not found",
      about "local gone = require 'gone'\nreturn gone")
  end)

  it("about an app that is no class", function()
    assert.equal("partylua: app.lua:1:1: app.lua must return the party's class, a table; "
      .. "it returned nothing\n   1 | local App = {}\n     | ^^^^^^^^^^^^^^\n"
      .. "  hint: end the file with 'return Name'\n", about "local App = {}")
  end)

  it("about a misspelt hook", function()
    for name, meant in pairs { onMesage = "onMessage", onconnect = "onConnect",
      on_close = "onClose", OnStart = "onStart", getConnectiontags = "getConnectionTags" } do
      assert.equal(("partylua: app.lua:2:14: party main: '%s' is not a hook\n"
        .. "   2 | function App:%s() end\n     |              %s\n  hint: did you mean '%s'?\n")
        :format(name, name, ("^"):rep(#name), meant),
        about(("local App = {}\nfunction App:%s() end\nreturn App"):format(name)))
    end
  end)

  it("about a hook declared with a dot", function()
    assert.equal("partylua: app.lua:2:14: party main: "
      .. "the hook 'onMessage' must be declared with ':'\n"
      .. "   2 | function App.onMessage(message, conn) end\n     |              ^^^^^^^^^\n"
      .. "  hint: write function Name:onMessage(...) instead of Name.onMessage(...), "
      .. "so that it gets self\n",
      about "local App = {}\nfunction App.onMessage(message, conn) end\nreturn App")
  end)

  it("about a hook that is no function", function()
    assert.equal("partylua: app.lua:1:10: party main: onStart should be a function, got string\n"
      .. "   1 | return { onStart = 'soon' }\n     |          ^^^^^^^\n",
      about "return { onStart = 'soon' }")
  end)

  it("about options that are none", function()
    assert.matches("^partylua: app.lua:1:10: party main: options should be a table",
      about "return { options = true }")
  end)

  it("about two parties of one name", function()
    assert.equal("partylua: party user is defined twice: in app.lua and in user.lua\n", about(
      "local party = require 'partylua'\nreturn party.app { main = {}, parties = { user = {} } }",
      { ["user.lua"] = "return {}", ["partylua.json"] = '{ "parties": { "user": "user.lua" } }' }))
  end)

  it("about an unknown key of the configuration, with its place", function()
    assert.matches("^partylua: partylua.json:2:3: [^\n]*prot[^\n]*\n.*did you mean[^\n]*port",
      about("return {}", { ["partylua.json"] = '{\n  "prot": 80\n}' }))
  end)

  it("about a port that is in use", function()
    local other = party.serve "return {\n}"
    local output = complaint({ "app.lua", "--port", tostring(other.port) },
      { ["app.lua"] = "return {}" })
    assert.equal(("partylua: cannot listen on 127.0.0.1 port %d: %s\n  hint: %s\n"):format(
      other.port, "Address already in use",
      "another program listens there; choose another port with --port"), output)
    other:stop()
  end)

  it("about an address that is none, or not of this machine", function()
    local files = { ["app.lua"] = "return {}" }
    assert.matches("cannot listen on localhost port 0: [^\n]+\n  hint: %-%-host takes a numeric",
      complaint({ "app.lua", "--host", "localhost" }, files))
    assert.matches("cannot listen on 192.0.2.1 port 0: [^\n]+\n  hint: this machine has no such",
      complaint({ "app.lua", "--host", "192.0.2.1" }, files))
  end)
end)

describe("partylua serve warns", function()
  it("of hooks that are never called where they stand", function()
    local _, folder = party.write_file("app.lua", "return {}")
    party.write_file("user.lua", "local User = {}\nfunction User:onFetch() end\n"
      .. "function User:constructor() self.onBeforeConnect = print end\nreturn User", folder)
    party.write_file("partylua.json", '{ "parties": { "user": "user.lua" } }', folder)
    local server = party.serve("app.lua", nil, folder)
    server:expect_log "warn app: party user: onFetch is called on the main party only, "
    server:connect "/parties/user/x"
    server:expect_log "warn app: party user: onBeforeConnect on the room's object is never called"
    server:stop()
  end)
end)

describe("partylua serve listens", function()
  it("on IPv6 when it is told to", function()
    local process = Process.start({ party.program, "serve", "--port", "0", "--host", "::1",
      "--log-format", "text", (party.write_file("app.lua", "return {}")) })
    assert.is_truthy(process:expect "url=http://%[::1%]:(%d+)")
    process:kill()
  end)
end)
