--- context: what hooks are given beside their subject: lobbies, room.context, ExecutionContext.
---
--- One application serves in a process, so what all rooms share (env, assets) lives here, set
--- once before anything is served.

local assets = require "partylua.assets"
local bindings = require "partylua.bindings"
local lazy = require "partylua.lazy"
local native = require "partylua.native"
local parties = require "partylua.parties"

local vectorize = lazy "partylua.vectorize" ---@module "partylua.vectorize"

local context = {}

--- What every lobby and room.context has.
local shared = { env = {}, bindings = bindings.make() }

local has_warned = false

--- Counting is left to whoever wants it: PartyKit's own development server does nothing either, and
--- says so once.
shared.analytics = {
  writeDataPoint = function()
    if has_warned then return end
    has_warned = true
    native.log("warn", "app", "analytics.writeDataPoint does nothing here")
  end,
}

shared.assets = assets.public

local options = {}

--- Sets what the application brings.
---@param settings partylua.Settings
---@param ai? partylua.Ai
function context.configure(settings, ai)
  options = settings
  shared.env = settings.env or {}
  shared.bindings = bindings.make(settings.bindings)
  assets.configure(settings.serve, settings.live)
  shared.vectorize = settings.vectorize and vectorize.bind(settings.vectorize, settings.limits)
  shared.ai = ai
end

--- Puts something in the place of what the configuration binds, for tests; nil takes it away.
---@param key "ai"|"vectorize"
---@param value any
function context.replace(key, value)
  shared[key] = value
end

--- The buckets and namespaces that the configuration declares.
---@return { r2?: table<string, any>, kv?: table<string, any> }
function context.declared_bindings()
  return options.bindings or {}
end

--- Whether PartyKit's development endpoints are answered.
---@return boolean
function context.has_dev_endpoints()
  return options.dev_endpoints == true
end

--- Schedules by cron name.
---@return table<string, string>
function context.crons()
  return options.crons or {}
end

--- One of the things every room and lobby has: env, assets, ai, analytics, bindings.
---@param key string
---@return any
function context.shared(key)
  return shared[key]
end

--- A holder's own `ai`, which remembers its last request; nil when none is configured.
---@param holder table
---@return partylua.Ai?
function context.make_ai(holder)
  local made = shared.ai and require "partylua.ai"(shared.ai)
  rawset(holder, "ai", made)
  return made
end

-- Lobbies --------------------------------------------------------------------------------------

local lobby_fields = {}

function lobby_fields.__index(self, key)
  if key == "parties" then
    local made = parties.for_host(rawget(self, "host"))
    rawset(self, "parties", made)
    return made
  end
  if key == "ai" then return context.make_ai(self) end
  return shared[key]
end

--- A lobby for a static hook.
---@param host? string    of the request that is served
---@param id? string    the room's, for onBeforeConnect and onBeforeRequest
---@return partylua.Lobby
function context.lobby(host, id)
  return setmetatable({ id = id, host = host }, lobby_fields)
end

--- The third argument of static hooks.
---@param wrap? fun(work: fun()): fun()    what is run in place of work given to waitUntil
---@return partylua.ExecutionContext
function context.execution(wrap)
  return {
    --- Runs `work` beside the answer; a drain waits for it.
    waitUntil = function(_, work)
      if type(work) ~= "function" then
        error("waitUntil takes a function, got " .. type(work), 2)
      end
      native.spawn(wrap and wrap(work) or work)
    end,
    --- There is no origin behind this server to fall through to.
    passThroughOnException = function() end,
  }
end

return context
