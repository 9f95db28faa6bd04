--- completion: `partylua completion SHELL` prints what makes a shell complete our commands.

local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local completion = { summary = "print a script that makes a shell complete commands and options" }

local SHELLS = { "bash", "zsh", "fish" }

local function build_parser()
  local made = parser.new("completion", "Print a script that makes a shell complete partylua's "
    .. "commands and options.")
  made:argument("shell", "bash, zsh or fish"):argname("SHELL"):choices(SHELLS)
  made:epilog("What it prints belongs into a file:\n"
    .. "   bash   ~/.local/share/bash-completion/completions/partylua\n"
    .. "   zsh    _partylua in a folder of fpath\n"
    .. "   fish   ~/.config/fish/completions/partylua.fish")
  made:flag("-h --help", "show this")
  return made
end

function completion.help()
  return build_parser():get_help()
end

--- One parser with all commands below it, from which argparse writes the scripts.
local function whole_parser()
  local commands = require "partylua.cli.commands"
  local root = parser.root()
  for _, name in ipairs(commands.names) do
    local command = commands.get(name)
    if name == "help" then
      root:add_help_command { description = command.summary, add_help = false }
    else
      local made = parser.below(root, name, command.summary, function() command.help() end)
      for _, part in ipairs(command.parts or {}) do
        parser.below(made, part, nil, function() command.help(part) end)
      end
    end
  end
  return root
end

local SCRIPTS = {
  bash = function(root) return root:get_bash_complete() end,
  zsh = function(root) return root:get_zsh_complete() end,
  fish = function(root) return root:get_fish_complete() end,
}

--- The script for a shell.
---@param shell "bash"|"zsh"|"fish"
---@return string
function completion.script(shell)
  return SCRIPTS[shell](whole_parser())
end

---@param args string[]
---@return integer exit_code
function completion.run(args)
  local result = parser.parse(build_parser(), "completion", args)
  if not result then return 0 end
  output.write(completion.script(result.shell))
  output.finish()
  return 0
end

return completion
