--- completion: bash, zsh and fish complete what we have told them.

local Process = require "spec.support.process"
local command = require "spec.support.command"
local commands = require "partylua.cli.commands"

--- What bash would offer for a line, whose last word is being written.
local function completed(line)
  local words = {}
  for word in (line .. "|"):gsub(" ", "| "):gmatch "%s?([^|]*)|" do
    words[#words + 1] = ("'%s'"):format(word)
  end
  local script = command.write("complete.sh", ([[
source ./completion.bash
COMP_WORDS=(%s)
COMP_CWORD=%d
_partylua
printf '%%s ' "${COMPREPLY[@]}"
]]):format(table.concat(words, " "), #words - 1))
  local pipe = io.popen(("cd '%s' && bash --norc complete.sh 2>&1"):format(script:match "^(.*)/"))
  local output = pipe:read "*a"
  pipe:close()
  return (output:gsub("%s+$", ""))
end

--- Every option that the help of a command, or of a part of one, names: words and the option.
local function each_option(visit)
  for _, name in ipairs(commands.names) do
    local parts = commands.get(name).parts or {}
    for i = 0, #parts do
      local words = i == 0 and name or name .. " " .. parts[i]
      local help = command.ok { "help", name, parts[i] }
      for option in help:gmatch "\n +%-?%l?,? ?(%-%-[%l-]+)" do visit(words, option, help) end
    end
  end
end

local function is_there(shell)
  return os.execute(("command -v %s >/dev/null"):format(shell)) == 0
end

describe("partylua completion", function()
  before_each(function()
    command.open()
    command.write("completion.bash", command.ok { "completion", "bash" })
  end)

  it("makes bash complete commands", function()
    assert.equal("check", completed "partylua ch")
    assert.equal(table.concat(commands.names, " "), completed "partylua ")
  end)

  it("makes bash complete the options of each command", function()
    assert.equal("--message-bytes", completed "partylua serve --mess")
    assert.equal("--json", completed "partylua check --js")
    assert.equal("", completed "partylua version --mess")
    each_option(function(words, option)
      assert.equal(option, completed(("partylua %s %s"):format(words, option)):match "^%S*")
    end)
  end)

  it("makes bash complete parts of commands, and what an option takes", function()
    for _, name in ipairs { "storage", "vectorize", "room", "ai" } do
      assert.equal(table.concat(commands.get(name).parts, " "),
        completed(("partylua %s "):format(name)))
    end
    assert.equal("--prefix", completed "partylua storage list --pre")
    assert.equal("game", completed "partylua init --template ga")
    assert.equal("warn", completed "partylua serve --log-level w")
    assert.equal("restore", completed "partylua help rest")
  end)

  it("refuses other shells", function()
    assert.matches("^partylua: completion: argument 'shell' must be one of 'bash', 'zsh', 'fish'\n",
      command.refused { "completion", "tcsh" })
    assert.matches("^partylua: completion: missing argument 'shell'\n",
      command.refused { "completion" })
  end)
end)

-- Nothing is printed by it but its words, so what zsh and fish have made of a line can be seen.
local ECHO = "partylua() { print -r -- \"<${(j:|:)@}>\" }\n"

describe("the completion of zsh", function()
  if not is_there "zsh" then
    return pending "no zsh is installed; scripts/setup test installs one"
  end
  local zsh

  --- The words of a command line after the tab key.
  local function completed_by_zsh(line)
    zsh.output = ""
    zsh:press(line .. "\t\n")
    return (zsh:expect "<([^\n]*)>\r?\n.*ready> $":gsub("|", " "))
  end

  setup(function()
    local folder = command.open()
    command.write("_partylua", command.ok { "completion", "zsh" })
    command.write("setup.zsh", "PS1='ready> '\nunsetopt prompt_cr prompt_sp\n"
      .. "unset zle_bracketed_paste\nfpath=($PWD $fpath)\n"
      .. "autoload -Uz compinit\ncompinit -u -D\n" .. ECHO)
    zsh = Process.start({ "env", "TERM=dumb", "HOME=" .. folder, "zsh", "-f" }, folder, true)
    zsh:press "source ./setup.zsh\n"
    zsh:expect "ready> $"
  end)

  teardown(function() zsh:kill() end)

  it("knows commands and parts of them", function()
    for _, name in ipairs(commands.names) do
      local parts = commands.get(name).parts or {}
      for _, part in ipairs(parts) do
        local words = ("%s %s"):format(name, part)
        assert.equal(words, completed_by_zsh("partylua " .. words:sub(1, -2)))
      end
    end
    assert.equal("check", completed_by_zsh "partylua ch")
    assert.equal("help restore", completed_by_zsh "partylua help rest")
  end)

  it("knows the options of each, and what an option takes", function()
    local tried = {}
    each_option(function(words, option, help)
      -- What several commands share is tried with two of them.
      tried[option] = (tried[option] or 0) + 1
      if tried[option] > 2 then return end
      local short = option:sub(1, -2)
      local _, count = help:gsub("%f[%-]" .. short:gsub("%-", "%%-"), "")
      if count > 1 then return end -- the beginning of another one, too
      assert.equal(("%s %s"):format(words, option),
        completed_by_zsh(("partylua %s %s"):format(words, short)))
    end)
    assert.equal("init --template game", completed_by_zsh "partylua init --template ga")
    assert.equal("serve --log-level warn", completed_by_zsh "partylua serve --log-level w")
    assert.equal("version --mess", completed_by_zsh "partylua version --mess")
  end)

  it("knows files where something of the user's is meant", function()
    command.write("notes.txt", "")
    assert.equal("restore notes.txt", completed_by_zsh "partylua restore no")
  end)
end)

describe("the completion of fish", function()
  if not is_there "fish" then
    return pending "no fish is installed; scripts/setup test installs one"
  end
  local folder

  --- What fish offers for lines, without its descriptions: a text for each.
  local function offered(lines)
    local script = {}
    for i, line in ipairs(lines) do
      script[i] = ("echo '= %s'; complete -C '%s' | string split -f1 \\t"):format(line, line)
    end
    table.insert(script, 1, "source ./partylua.fish")
    table.insert(script, "true\n")
    command.write("ask.fish", table.concat(script, "\n"))
    local code, output = Process.run({ "env", "HOME=" .. folder, "fish", "ask.fish" }, folder)
    assert.equal(0, code, output)
    local found = {}
    for line, text in (output .. "= "):gmatch "= ([^\n]*)\n(.-)%f[=]" do
      found[line] = " " .. text:gsub("\n", " ")
    end
    return found
  end

  setup(function()
    folder = command.open()
    command.write("partylua.fish", command.ok { "completion", "fish" })
  end)

  it("knows commands, and parts of them", function()
    local lines = { "partylua " }
    for _, name in ipairs { "storage", "vectorize", "room", "ai" } do
      lines[#lines + 1] = ("partylua %s "):format(name)
    end
    local found = offered(lines)
    for _, name in ipairs(commands.names) do
      assert.truthy(found["partylua "]:find((" %s "):format(name), 1, true), name)
      for _, part in ipairs(commands.get(name).parts or {}) do
        local text = found[("partylua %s "):format(name)]
        assert.truthy(text:find((" %s "):format(part), 1, true), name .. " " .. part)
      end
    end
  end)

  it("knows the options of each, and what an option takes", function()
    local lines, options = {
      "partylua init --template ", "partylua serve --log-level w", "partylua version --mess",
    }, {}
    each_option(function(words, option)
      local line = ("partylua %s --"):format(words)
      if not options[line] then
        options[line], lines[#lines + 1] = {}, line
      end
      table.insert(options[line], option)
    end)
    local found = offered(lines)
    for line, list in pairs(options) do
      for _, option in ipairs(list) do
        assert.truthy(found[line]:find((" %s "):format(option), 1, true), line .. " " .. option)
      end
    end
    assert.truthy(found["partylua init --template "]:find(" game ", 1, true))
    assert.equal(" warn ", found["partylua serve --log-level w"])
    assert.equal(" ", found["partylua version --mess"])
  end)
end)
