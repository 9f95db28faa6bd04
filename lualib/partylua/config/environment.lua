--- environment: `room.env`, gathered from its sources, each stronger than the one before:
--- `vars` of the file, `.env`, `.env.local`, --env-file, --var.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local lazy = require "partylua.lazy"

local dotenv = lazy "partylua.dotenv" ---@module "partylua.dotenv"

local environment = {}

local function merge(into, values)
  for name, value in pairs(values) do into[name] = value end
end

local function add_file(env, path, directory)
  local values, why = dotenv.load(path, fs.display(path, directory))
  if not values then failure.raise(why, nil, "P021") end
  merge(env, values)
end

local function add_nearest(env, name, sources)
  local path = fs.find_upward({ name }, sources.directory)
    or sources.app_folder and fs.find_upward({ name }, sources.app_folder)
  if path then add_file(env, path, sources.directory) end
end

--- PartyKit: the first "=" ends the name, so the value may hold more of them.
local function add_variable(env, text)
  local name, value = text:match "^([^=]+)=(.*)$"
  if not name then
    failure.raise(('--var must be NAME=value, not "%s"'):format(text), nil, "P020")
  end
  env[name] = value
end

---@class partylua.config.EnvironmentSources
---@field vars? table<string, any>
---@field env_files? string[]    relative to the directory
---@field settings? string[]     texts "NAME=value"
---@field directory string       the working directory
---@field app_folder? string     where `.env` is looked for after that
---@field dev? boolean           read `.env.local` too
---@field is_bare? boolean       take `vars` only

---@param sources partylua.config.EnvironmentSources
---@return table<string, any> env
function environment.gather(sources)
  local env, directory = {}, sources.directory
  merge(env, sources.vars or {})
  if sources.is_bare then return env end
  add_nearest(env, ".env", sources)
  if sources.dev then add_nearest(env, ".env.local", sources) end
  for _, path in ipairs(sources.env_files or {}) do
    add_file(env, fs.join(directory, path), directory)
  end
  for _, text in ipairs(sources.settings or {}) do add_variable(env, text) end
  return env
end

return environment
