--- help: `partylua help [command]`.

local commands = require "partylua.cli.commands"
local failure = require "partylua.config.failure"
local hint = require "partylua.hint"

local help = { summary = "explain a command" }

local function overview()
  local lines = {
    "Usage: partylua COMMAND …",
    "       partylua [-e CODE] [-l MODULE] [FILE.lua | -] [args …]",
    "",
    "Commands:",
  }
  for _, name in ipairs(commands.names) do
    lines[#lines + 1] = ("   %-10s %s"):format(name, commands.get(name).summary)
  end
  return table.concat(lines, "\n")
    .. "\n\nA file is run as the Lua interpreter would run it.\n"
    .. "'partylua help COMMAND' says more about a command."
end

--- Raises a failure for a word that nothing would be said about.
local function check_parts(name, part, rest)
  local command = commands.get(name)
  local excess = rest or part and not command.parts and part
  if not excess then return end
  local whole = rest and name .. " " .. part or name
  failure.raise(("no help on '%s' of '%s'"):format(excess, whole),
    ("'partylua help %s' says all there is"):format(whole))
end

local function text_for(name, part, rest)
  if name == nil then return overview() end
  if commands.has(name) then
    check_parts(name, part, rest)
    return commands.get(name).help(part)
  end
  if commands.left_out[name] then
    return ("There is no command '%s'.\n%s."):format(name, commands.left_out[name])
  end
  return failure.raise(("no help on '%s'"):format(name),
    hint.did_you_mean(name, commands.names) or "'partylua help' lists the commands")
end

function help.help()
  return "Usage: partylua help [COMMAND [VERB]]\n\nExplain a command, or list them all."
end

---@param args string[]
---@return integer exit_code
function help.run(args)
  io.stdout:write(text_for(unpack(args, 1, 3)), "\n")
  return 0
end

return help
