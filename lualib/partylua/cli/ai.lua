--- ai: `partylua ai models` and `partylua ai run`: the configured provider from the command line.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"
local native = require "partylua.native"
local parser = require "partylua.cli.parser"

local ai = { summary = "list the models of the configured provider, and run one" }

local VERBS = { "models", "run" }

local function add_sources(made)
  made:option("-c --config", "configuration, instead of the nearest partylua.json"):argname "FILE"
  made:option("-v --var", "set a variable that the configuration may name; repeatable")
    :argname("NAME=VALUE"):count "*":target "vars"
  made:option("--env-file", "take the values of a .env file for such variables; repeatable")
    :argname("FILE"):count "*":target "env_files"
  return made
end

local function models_parser()
  local made = parser.new("ai models", "List the models that the provider has.")
  made:usage "Usage: partylua ai models [options]"
  made:option("--search", "only models with this in their name"):argname "TEXT"
  made:flag("--json", "the list as JSON")
  return add_sources(made)
end

local function run_parser()
  local made = parser.new("ai run", "Run a model, and print its answer while it comes.")
  made:usage "Usage: partylua ai run MODEL [options] [PROMPT]"
  made:epilog "Without PROMPT and --inputs, the prompt is read from standard input."
  made:argument("model", "as code would name it"):argname "MODEL"
  made:argument("prompt", "what it is asked"):argname("PROMPT"):args "?"
  made:option("--inputs", "inputs of any task as JSON, instead of a prompt"):argname "JSON"
  made:option("--system", "what a chat begins with"):argname "TEXT"
  made:option("--output", "file for the answer, such as an image"):argname "FILE"
  made:flag("--json", "the whole result as JSON")
  return add_sources(made)
end

local PARSERS = { models = models_parser, run = run_parser }

--- All verbs, or one.
---@param name? string
---@return string
function ai.help(name)
  if name and PARSERS[name] then return PARSERS[name]():get_help() end
  return "Usage: partylua ai VERB …\n\nWhat \"ai\" of the configuration names.\n\n"
    .. "   models     list the models that the provider has\n"
    .. "   run        run a model, and print its answer\n\n"
    .. "'partylua help ai VERB' says more about each."
end

--- The object that rooms have as context.ai, and what native.run has to know.
local function open(result)
  local settings, message, meant = require("partylua.config").ai {
    path = result.config, vars = result.vars, env_files = result.env_files, flags = {},
  }
  if not settings then return failure.raise(message, meant) end
  local made, services =
    require("partylua.ai.binding").make(settings.ai, settings.env, settings.blame)
  if made then return made, settings, services end
  return failure.raise('no model provider is configured',
    'partylua.json needs the key "ai"; see docs/ai.md')
end

--- Calls `work` where it may wait, and raises what it raises.
local function run_task(result, work)
  local made, settings, services = open(result)
  local ok, why
  native.loaded()
  require("partylua.native").run {
    run = function() ok, why = pcall(work, made) end,
    hooks = require "partylua.host",
    limits = settings.limits, services = services,
    fetch_proxy = settings.fetch_proxy, fetch_ca = settings.fetch_ca,
  }
  if ok then return end
  if require("partylua.ai.failure").is(why) then failure.raise(why.message) end
  error(why, 0)
end

---@param args string[]
---@return integer exit_code
function ai.run(args)
  local name = args[1]
  if not PARSERS[name] then
    local message = name and ("ai: there is no '%s'"):format(name)
      or "ai: what is to be done is missing"
    failure.raise(message, name and hint.did_you_mean(name, VERBS)
      or "'partylua help ai' lists what there is")
  end
  local result = parser.parse(PARSERS[name](), "ai " .. name, { unpack(args, 2) })
  if not result then return 0 end
  local work = require("partylua.cli.ai." .. name)
  run_task(result, function(made) work(made, result) end)
  return 0
end

return ai
