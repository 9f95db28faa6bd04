--- What a start loads. Each module costs every start, of servers and of commands, so the lists here
--- are meant to be shortened; whoever adds to them has asked whether it can wait (lazy.lua).

local Process = require "spec.support.process"
local json = require "partylua.json"
local party = require "spec.support.party"

--- Sorted names, without the prefix that all have.
local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  table.sort(list)
  return list
end

-- Of `require "partylua"` and of what runs an app.
local APP = words [[
  partylua app application assets async binary bindings body bounds cf class config.failure
  connection context cors fs headers host json json.encode json.limits json.shape lazy log native
  parcel parties request response room server sources storage storage.entries storage.limits
  storage.prefixes storage.transaction typescript value
]]

-- Of the command, when there is no configuration file.
local COMMAND = words [[
  argparse admin binary class cli cli.commands cli.parser cli.serve config config.environment
  config.failure config.file config.modules config.options config.units cors data_folder fs hint
  json json.encode json.limits json.shape lazy native parcel reload serving value
]]

local LOADED = [[
local function loaded()
  local names = {}
  for name in pairs(package.loaded) do
    if name:find "^partylua" or name == "argparse" then
      names[#names + 1] = (name:gsub("^partylua%.", ""))
    end
  end
  table.sort(names)
  return names
end
]]

-- Runs the command as the program does, up to where it would open the server, and lets it say that
-- it listens.
local SERVE = LOADED .. [[
local native = require "partylua.native"
for name in pairs(package.loaded) do
  if name:find "^partylua%." and name ~= "partylua.native" then package.loaded[name] = nil end
end
function native.serve(options)
  local report = require("partylua.parcel").pack { app = "app.lua", parties = {}, crons = {} }
  options.on_listening("127.0.0.1", 1, nil, report)
  print(table.concat(loaded(), "\n"))
  return 0
end
os.exit(require "partylua.cli" { "serve", "app.lua", "--log-level", "warn" })
]]

describe("partylua serve", function()
  it("loads in the app's state what it needs for a first answer, and nothing else", function()
    local server = party.serve("local party = require 'partylua'\n" .. LOADED .. [[
      local Room = {}
      function Room:onMessage(message) self.room:broadcast(message) end
      function Room:onRequest() return party.Response.json(loaded()) end
      return Room
    ]])
    assert.same(APP, json.decode(server:get("/parties/main/a").body))
    server:stop()
  end)

  it("loads for the command what it needs to listen, and nothing else", function()
    local path, folder = party.write_file("list.lua", SERVE)
    party.write_file("app.lua", "return {}", folder)
    local code, output = Process.run({ party.program, path }, folder)
    assert.equal(0, code, output)
    assert.same(COMMAND, words(output))
  end)

  it("compiles what an app runs while it is loaded, and later", function()
    local server = party.serve [[
      local party = require "partylua"
      local Room, at_load = {}, jit.status()
      function Room:onRequest() return party.Response.json { at_load, (jit.status()) } end
      return Room
    ]]
    assert.equal("[true,true]", server:get("/parties/main/a").body)
    server:stop()
  end)

  it("finds its own modules first, also those that it loads late", function()
    local _, folder = party.write_file("partylua/url.lua", "error 'this is not ours'")
    local path = party.write_file("app.lua", [[
      local party = require "partylua"
      return { onRequest = function(self) -- luacheck: ignore self
        return party.Response(party.URL("http://a/b").pathname)
      end }
    ]], folder)
    local server = party.serve(path)
    assert.equal("/b", server:get("/parties/main/a").body)
    server:stop()
  end)

  it("takes a module of that name that the library does not have from where others are", function()
    local _, folder = party.write_file("partylua/extra.lua", "return 'extra'")
    local path = party.write_file("app.lua", [[
      local party, extra = require "partylua", require "partylua.extra"
      return { onRequest = function(self) return party.Response(extra) end } -- luacheck: ignore
    ]], folder)
    local server = party.serve(path)
    assert.equal("extra", server:get("/parties/main/a").body)
    server:stop()
  end)
end)

describe("the interpreter", function()
  it("collects and compiles", function()
    local _, output = Process.run { party.program, "-e", [[
      local weak = setmetatable({ {} }, { __mode = "v" })
      local text
      for i = 1, 1e6 do text = "garbage " .. i end
      print(jit.status(), weak[1], text)
    ]] }
    assert.matches("^true.*\tnil\tgarbage 1000000\n$", output)
  end)
end)
