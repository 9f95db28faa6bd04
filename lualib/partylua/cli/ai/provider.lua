--- provider: the configured provider of models, as commands ask it.

local failure = require "partylua.config.failure"
local native = require "partylua.native"

local provider = {}

--- Adds the options that say where the configuration and its variables are.
function provider.add_sources(made)
  made:option("-c --config", "configuration, instead of the nearest partylua.json"):argname "FILE"
  made:option("-v --var", "set a variable that the configuration may name; repeatable")
    :argname("NAME=VALUE"):count "*":target "vars"
  made:option("--env-file", "take the values of a .env file for such variables; repeatable")
    :argname("FILE"):count "*":target "env_files"
  return made
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
---@param result table    of parser.parse
---@param work fun(ai: partylua.Ai)
function provider.run(result, work)
  local made, settings, services = open(result)
  local ok, why
  native.loaded()
  native.run {
    run = function() ok, why = pcall(work, made) end,
    hooks = require "partylua.host",
    limits = settings.limits, services = services,
    fetch_proxy = settings.fetch_proxy, fetch_ca = settings.fetch_ca,
  }
  if ok then return end
  if require("partylua.ai.failure").is(why) then failure.raise(why.message) end
  error(why, 0)
end

return provider
