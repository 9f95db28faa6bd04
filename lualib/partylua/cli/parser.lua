--- parser: argparse as this program sets it: failures of ours instead of usage and exit.

local argparse = require "argparse"
local failure = require "partylua.config.failure"
local hint = require "partylua.hint"
local options = require "partylua.config.options"
local units = require "partylua.config.units"

local HELP_WIDTH = 96

local parser = {}

--- While a parser of all commands is made: the words of the command that is to be added, and
--- below what.
local placed

--- A parser for the command `name`.
---@param name string
---@param description string
function parser.new(name, description)
  local made
  if placed then
    made = placed.parent:command(placed.word, placed.summary or description)
    placed.made = made
  else
    made = argparse("partylua " .. name, description)
  end
  return made
    :help_max_width(HELP_WIDTH)
    :usage_max_width(HELP_WIDTH)
    :help_description_margin(34)
    :add_help(false)
end

--- A parser for the program itself, which takes commands below it.
function parser.root()
  return argparse("partylua"):add_help(false)
end

--- Adds the parser that `build` makes by `new` below another, under a word.
---@param above table    of `root` or `below`
---@param word string
---@param summary? string    in place of the description
---@param build fun()
---@return table made
function parser.below(above, word, summary, build)
  placed = { parent = above, word = word, summary = summary }
  local ok, why = pcall(build)
  local made = placed.made
  placed = nil
  if not ok then error(why, 0) end
  return made or above:command(word, summary):add_help(false) -- one that takes no options
end

--- The line of help of an option, with unit, bounds and default.
local function help_text(option)
  local kind = units.kinds[option.kind]
  local text = option.help
  if option.kind == "list" then
    text = text .. "; repeatable"
  elseif kind then
    text = ("%s; %s to %s"):format(text, kind.show(option.least), kind.show(option.most))
    if option.off then text = ("%s, 0: %s"):format(text, option.off) end
  elseif option.choices then
    text = ("%s: %s"):format(text, table.concat(option.choices, ", "))
  end
  local default = option.shown_default or options.show(option, option.default)
  return ("%s (default: %s)"):format(text, default)
end

local function add_option(made, option)
  local kind = units.kinds[option.kind]
  local names = options.flag(option)
  if option.short then names = option.short .. " " .. names end
  local added = made:option(names, help_text(option))
    :argname(option.argname or kind and kind.argname or "WORD")
    :target(option.name)
  -- Shells complete them; what else is given is refused by whoever reads it, with a hint.
  if placed and option.choices then added:choices(option.choices) end
  return option.kind == "list" and added:count "*" or added
end

--- Adds options of partylua.config.options, and returns what argparse made of them.
---@param list partylua.config.Option[]
function parser.add_options(made, list)
  local added = {}
  for i, option in ipairs(list) do added[i] = add_option(made, option) end
  return added
end

--- The texts that were given for them, by option name.
---@param result table    of parser.parse
---@param list partylua.config.Option[]
---@return table<string, string>
function parser.flags(result, list)
  local flags = {}
  for _, option in ipairs(list) do
    local given = result[option.name]
    if type(given) == "table" then given = given[1] and table.concat(given, ",") or nil end
    flags[option.name] = given
  end
  return flags
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
