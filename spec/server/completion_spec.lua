--- completion: bash completes what we have told it.

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
    for _, name in ipairs(commands.names) do
      local help = command.ok { "help", name }
      for option in help:gmatch "\n +%-?%l?,? ?(%-%-[%l-]+)" do
        assert.equal(option, completed(("partylua %s %s"):format(name, option)):match "^%S*")
      end
    end
  end)

  it("makes bash complete parts of commands, and what an option takes", function()
    assert.equal("list get put delete export import", completed "partylua storage ")
    assert.equal("--prefix", completed "partylua storage list --pre")
    assert.equal("game", completed "partylua init --template ga")
    assert.equal("restore", completed "partylua help rest")
  end)

  it("writes for zsh and fish as well", function()
    local zsh, fish = command.ok { "completion", "zsh" }, command.ok { "completion", "fish" }
    assert.matches("^#compdef partylua\n", zsh)
    for _, name in ipairs(commands.names) do
      assert.truthy(zsh:find(('"%s'):format(name), 1, true), name .. " for zsh")
      assert.truthy(fish:find(("a '%s'"):format(name), 1, true) or name == "help",
        name .. " for fish")
    end
  end)

  it("refuses other shells", function()
    assert.matches("^partylua: completion: argument 'shell' must be one of 'bash', 'zsh', 'fish'\n",
      command.refused { "completion", "tcsh" })
    assert.matches("^partylua: completion: missing argument 'shell'\n",
      command.refused { "completion" })
  end)
end)
