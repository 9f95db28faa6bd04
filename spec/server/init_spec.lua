--- init: each template makes a project that is checked, served and tested at once.

local command = require "spec.support.command"
local dir = require "pl.dir"
local file = require "pl.file"
local json = require "partylua.json"
local party = require "spec.support.party"
local path = require "pl.path"
local templates = require "partylua.templates"

local FOLDER = "lualib/partylua/templates"

--- Runs a program in a folder; its exit code and what it said.
local function run_in(folder, line)
  local pipe = io.popen(("cd '%s' && %s 2>&1; echo \"code $?\""):format(folder, line))
  local output, code = pipe:read("*a"):match "^(.*)code (%d+)\n$"
  pipe:close()
  return tonumber(code), output
end

for _, template in ipairs(templates.all) do
  describe("the template " .. template.name, function()
    local folder
    before_each(function()
      folder = command.open()
      command.ok { "init", "my-app", "--template", template.name, "--yes" }
      folder = folder .. "/my-app"
    end)

    it("is a project in which nothing is wrong", function()
      local code, output = run_in(folder, party.program .. " check --strict --json")
      assert.equal(0, code, output)
      local app = json.decode(output).app
      assert.is_true(#app.parties[1].hooks > 2)
      assert.equal("public", app.serve)
    end)

    it("is served at once, with its page and its room", function()
      local server = party.serve_project(folder)
      local page = server:get "/"
      assert.equal(200, page.status)
      assert.matches("<title>my-app</title>", page.body, 1, true)
      for _, name in ipairs { "page.js", "page.css", "base.css", "line.js" } do
        assert.equal(200, server:get("/" .. name).status, name)
      end
      local socket = server:connect "/parties/main/lobby?voter=tester00"
      assert.is_string(json.decode(socket:receive()).type)
      server:stop()
    end)

    it("has specs that pass, in memory and over sockets, and in plain busted", function()
      local bin = folder .. "/../bin"
      assert(os.execute(("mkdir %q && ln -s %q %q/partylua"):format(bin, party.program, bin)) == 0)
      for _, line in ipairs { "partylua test", "partylua test --real", "busted" } do
        local code, output = run_in(folder, ("PATH=%q:$PATH %s"):format(bin, line))
        assert.equal(0, code, line .. output)
        assert.matches("[1-9]%d* successes / 0 failures / 0 errors", output)
      end
    end)

    it("is written as its own luacheck settings ask", function()
      local code, output = run_in(folder, "luacheck --quiet .")
      assert.equal(0, code, output)
    end)

    it("has nothing left to fill in, and names its own files alone", function()
      for _, each in ipairs(dir.getallfiles(folder)) do
        assert.not_matches("{{", file.read(each), 1, true)
      end
      local readme = file.read(folder .. "/README.md")
      assert.matches("^# my%-app\n", readme)
      for name in readme:gmatch "%]%(([^)]+)%)" do
        assert.truthy(path.exists(folder .. "/" .. name), name .. " is named and not there")
      end
    end)

    it("has all files of its folder, and no others", function()
      local listed = {}
      for _, name in ipairs(template.files) do listed[name] = true end
      local root = ("%s/%s/"):format(FOLDER, template.name)
      for _, each in ipairs(dir.getallfiles(root)) do
        local name = each:gsub("/+", "/"):sub(#root + 1)
        assert.truthy(listed[name], name .. " is in the folder and not in the list")
      end
    end)
  end)
end

describe("partylua init", function()
  local folder
  before_each(function() folder = command.open() end)

  it("writes settings for editors, linters, busted and git", function()
    command.ok { "init", "--yes" }
    local luarc = json.decode(command.read ".luarc.json")
    assert.equal("LuaJIT", luarc["runtime.version"])
    assert.truthy(path.exists(luarc["workspace.library"][1] .. "/server.lua"))
    assert.matches('lua = "partylua"', command.read ".busted", 1, true)
    assert.matches('std = "luajit"', command.read ".luacheckrc", 1, true)
    assert.matches(".partylua/", command.read ".gitignore", 1, true)
    local schema = json.decode(command.read "partylua.schema.json")
    assert.same(json.decode(command.ok { "schema" }), schema)
    assert.equal("./partylua.schema.json", json.decode(command.read "partylua.json")["$schema"])
  end)

  it("writes the scripts with which shells complete commands", function()
    command.ok { "init", "--yes" }
    local names = { bash = "partylua.bash", zsh = "_partylua", fish = "partylua.fish" }
    for shell, name in pairs(names) do
      local script = command.read(".partylua/completion/" .. name)
      assert.equal(command.ok { "completion", shell }, script)
    end
  end)

  it("says what to do next", function()
    assert.equal([[
made my-app from the template chat

  cd my-app
  partylua dev        http://127.0.0.1:1999/
  partylua check      what is wrong, without serving
  partylua test       run the specs

bash completes partylua's commands after 'source .partylua/completion/partylua.bash'; scripts for
zsh and fish are beside it, and 'partylua completion SHELL' prints each.
]], command.ok { "init", "my-app", "--yes" })
  end)

  it("calls the project by its folder, with the characters that a name may have", function()
    local names = { ["sub/My App!"] = "my-app", ["./plain/"] = "plain", ["…"] = "app" }
    for given, name in pairs(names) do
      command.ok { "init", given, "--yes" }
      assert.equal(name, json.decode(command.read(given .. "/partylua.json")).name)
    end
  end)

  it("goes without questions where nobody could answer them", function()
    command.ok { "init", "a" }
    assert.matches("people talk", command.ok { "help", "init" })
    assert.truthy(command.read "a/app.lua")
  end)

  it("asks at a terminal, and does what is answered", function()
    local function at_terminal(arguments, answers)
      local line = ("printf '%s' | script -qec '%s %s' /dev/null"):format(answers, party.program,
        arguments)
      return run_in(folder, line)
    end
    local code, output = at_terminal("init one", "game\\ny\\n")
    assert.equal(0, code, output)
    assert.matches("made one from the template game", output, 1, true)
    assert.truthy(command.read "one/app.lua")
    code, output = at_terminal("init two --template poll", "n\\n")
    assert.equal(1, code)
    assert.matches("nothing was written", output, 1, true)
    assert.is_nil(command.read "two/app.lua")
    code, output = at_terminal("init two", "cht\\n")
    assert.equal(1, code)
    assert.matches("there is no template 'cht'%s+hint: did you mean 'chat'", output)
  end)

  it("writes nothing with --dry-run, and says what it would", function()
    local output = command.ok { "init", "my-app", "--dry-run", "--template", "typescript" }
    assert.matches("^my%-app from the template typescript would have:\n  .busted\n", output)
    assert.matches("\n  server.ts\n", output, 1, true)
    assert.is_nil(command.read "my-app/server.ts")
  end)

  it("never overwrites: one file that is there, and nothing is written", function()
    command.write("app.lua", "mine")
    assert.equal("partylua: init: nothing was written, as this is in this folder already: app.lua\n"
      .. "  hint: name a new folder: partylua init my-app\n", command.refused { "init", "--yes" })
    assert.equal("mine", command.read "app.lua")
    assert.is_nil(command.read "partylua.json")
    assert.matches("already: app.lua", command.refused { "init", "--dry-run" }, 1, true)
  end)

  it("works in a folder that has other files", function()
    command.write("notes.txt", "mine")
    command.ok { "init", "--yes" }
    assert.equal("mine", command.read "notes.txt")
  end)

  it("refuses with one message what cannot be done", function()
    command.write("file", "")
    for _, case in ipairs {
      { { "init", "--template", "caht" }, "init: argument for option '--template' must be one of "
        .. "'chat', 'cursors', 'poll', 'game', 'typescript'\n" },
      { { "init", "file" }, "init: file is there already, and no folder\n" },
      { { "init", "file/below" }, "init: cannot write file: Not a directory\n" },
      { { "init", "" }, "init: the name of a folder is expected, such as my-app\n" },
      { { "init", "a\nb" }, "init: the name of a folder is expected, such as my-app\n" },
      { { "init", "a", "b" }, "init: too many arguments\n" },
      { { "init", "--tempalte", "chat" }, "init: unknown option '--tempalte'\n" },
      { { "init", "--yes", ("x"):rep(300) }, "init: cannot write " },
    } do
      local message = command.refused(case[1])
      assert.equal("partylua: " .. case[2], message:sub(1, #case[2] + 10))
    end
  end)
end)

describe("partylua types", function()
  before_each(function() command.open() end)

  it("writes a .luarc.json, and leaves alone one that is there", function()
    assert.equal("wrote .luarc.json\n", command.ok { "types", "--write" })
    assert.equal(command.ok { "types", "--luarc" }, command.read ".luarc.json")
    command.write(".luarc.json", "{}")
    assert.matches("^partylua: .luarc.json is there already\n  hint: put \"/.*/types\" under",
      command.refused { "types", "--write" })
    assert.equal("{}", command.read ".luarc.json")
  end)

  it("names the folder of the definitions", function()
    local folder = command.ok { "types" }:gsub("\n", "")
    assert.truthy(path.exists(folder .. "/server.lua"))
  end)
end)
