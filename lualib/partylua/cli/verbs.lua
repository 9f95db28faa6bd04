--- verbs: a command that is several, such as `partylua storage list`: the next word says which.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"

local verbs = {}

---@class partylua.cli.Verb
---@field summary string
---@field run fun(args: string[])
---@field help fun(): string

---@class partylua.cli.VerbsGiven
---@field name string
---@field summary string
---@field usage string    what stands behind VERB
---@field about string    a sentence or two for its help
---@field verbs string[]    in the order of the help
---@field get fun(verb: string): partylua.cli.Verb    called when one is needed, for one of them
---@field further? fun(word: string): partylua.cli.Verb?    those that are not listed

local function overview(given)
  local lines = { ("Usage: partylua %s VERB%s …"):format(given.name, given.usage), "",
    given.about, "" }
  for _, word in ipairs(given.verbs) do
    lines[#lines + 1] = ("   %-10s %s"):format(word, given.get(word).summary)
  end
  return ("%s\n\n'partylua help %s VERB' says more about each.")
    :format(table.concat(lines, "\n"), given.name)
end

local function find(given, word)
  for _, known in ipairs(given.verbs) do
    if known == word then return given.get(word) end
  end
  local unlisted = word and given.further and given.further(word)
  if unlisted then return unlisted end
  local message = word and ("%s: there is no '%s'"):format(given.name, word)
    or ("%s: what is to be done is missing"):format(given.name)
  return failure.raise(message, word and hint.did_you_mean(word, given.verbs)
    or ("'partylua help %s' lists what there is"):format(given.name))
end

--- The command made of them.
---@param given partylua.cli.VerbsGiven
---@return partylua.cli.Command
function verbs.command(given)
  return {
    summary = given.summary,
    parts = given.verbs,
    help = function(word)
      if word then return find(given, word).help() end
      return overview(given)
    end,
    run = function(args)
      find(given, args[1]).run { unpack(args, 2) }
      return 0
    end,
  }
end

return verbs
