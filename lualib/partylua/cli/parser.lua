--- parser: argparse as this program sets it: failures of ours instead of usage and exit.

local argparse = require "argparse"
local failure = require "partylua.config.failure"
local hint = require "partylua.hint"

local HELP_WIDTH = 96

local parser = {}

--- A parser for the command `name`.
---@param name string
---@param description string
function parser.new(name, description)
  return argparse("partylua " .. name, description)
    :help_max_width(HELP_WIDTH)
    :usage_max_width(HELP_WIDTH)
    :help_description_margin(34)
    :add_help(false)
end

local function flags_of(made)
  local flags = {}
  for _, option in ipairs(made._options) do
    for _, flag in ipairs(option._aliases) do flags[#flags + 1] = flag end
  end
  return flags
end

local function hint_for(made, name, message)
  local flag = message:match "^unknown option '(.-)'"
  local meant = flag and hint.did_you_mean(flag, flags_of(made))
  return meant or ("'partylua help %s' lists its options"):format(name)
end

--- The parsed arguments, or nil when help was asked for and printed.
---@param made table    what parser.new gave, with its options
---@param name string
---@param args string[]
---@return table? result
function parser.parse(made, name, args)
  for _, arg in ipairs(args) do
    if arg == "--" then break end
    if arg == "--help" or arg == "-h" then
      io.stdout:write(made:get_help(), "\n")
      return nil
    end
  end
  local ok, result = made:pparse(args)
  if ok then return result end
  local message = result:match "^[^\n]*" -- argparse's own suggestion stands in a second line
  return failure.raise(("%s: %s"):format(name, message), hint_for(made, name, message))
end

return parser
