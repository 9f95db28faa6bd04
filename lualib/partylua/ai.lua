--- ai: models of a provider that the configuration names, as `context.ai` of rooms and lobbies.
---
---     local answer = self.room.context.ai:run("@cf/meta/llama-3.1-8b-instruct", {
---       messages = { { role = "user", content = "Hello?" } },
---     })
---     answer.response --> "Hello! How can I help?"
---
--- Inputs and results are those of Workers AI, whoever the provider is. A run waits as a fetch
--- does.

local AbortController = require "partylua.abort"
local Body = require "partylua.body"
local Call = require "partylua.ai.call"
local class = require "partylua.class"
local failure = require "partylua.ai.failure"
local metrics = require "partylua.metrics"
local names = require "partylua.ai.names"

-- PartyKit's words.
local NO_BINDING = "You should pass room.context.ai as the first argument"

---@class partylua.AiOptions
---@field timeout? number    seconds for all of it, below the configured ones
---@field signal? partylua.AbortSignal    gives it up when it is aborted
---@field extraHeaders? table<string, string>    for the provider
---@field gateway? { id?: string, cacheTtl?: integer, skipCache?: boolean, metadata?: table }

---@class partylua.AiModelParams
---@field search? string    part of a name
---@field task? string
---@field page? integer    from 1
---@field per_page? integer

---@class partylua.AiModel
---@field id string
---@field name string    to be run by
---@field description string
---@field task? string
---@field tags string[]
---@field aliases? string[]    what the configuration calls it besides

--- What the configuration makes of a provider; shared by all that use it.
---@class partylua.ai.Binding
---@field service partylua.ai.Service
---@field models? partylua.ai.Models
---@field provider { run: function, models: function }

---@class partylua.Ai
---@field lastRequestId? string    what the provider called the last request of this object
---@field private binding partylua.ai.Binding
---@overload fun(binding: partylua.Ai): partylua.Ai
local Ai = class()

--- PartyKit's code wraps `context.ai` in an object of its own, which it may do here as well.
---@param binding partylua.Ai|partylua.ai.Binding
function Ai:init(binding)
  if not binding then error(NO_BINDING, 3) end
  self.binding = binding.binding or binding
end

-- Arguments -------------------------------------------------------------------------------------

local OPTIONS = { timeout = true, signal = true, extraHeaders = true, gateway = true }

local function check_headers(headers, level)
  if headers == nil then return end
  if type(headers) ~= "table" then error("ai: extraHeaders must be a table", level + 1) end
  for name, value in pairs(headers) do
    if type(name) ~= "string" or type(value) ~= "string" then
      error("ai: extraHeaders must be texts by name", level + 1)
    end
  end
end

local GATEWAY = { id = "string", cacheTtl = "number", skipCache = "boolean", metadata = "table" }

local function check_gateway(gateway, level)
  if gateway == nil then return end
  if type(gateway) ~= "table" then error("ai: gateway must be a table", level + 1) end
  for name, value in pairs(gateway) do
    if type(value) ~= GATEWAY[name] then
      error(("ai: gateway has no %s like this"):format(tostring(name)), level + 1)
    end
  end
end

local function check_options(options, level)
  if type(options) ~= "table" then
    error("ai: options must be a table, got " .. type(options), level + 1)
  end
  for name in pairs(options) do
    if not OPTIONS[name] then
      error(("ai: there is no option %q; there are extraHeaders, gateway, signal and timeout")
        :format(tostring(name)), level + 1)
    end
  end
  local timeout, signal = options.timeout, options.signal
  if timeout ~= nil and not (type(timeout) == "number" and timeout > 0) then
    error("ai: timeout must be a number of seconds above 0", level + 1)
  end
  if signal ~= nil and not AbortController.is_signal(signal) then
    error("ai: signal must be that of a party.AbortController", level + 1)
  end
  check_gateway(options.gateway, level + 1)
  check_headers(options.extraHeaders, level + 1)
end

local function find_model(binding, name, level)
  if type(name) ~= "string" or name == "" then
    error("ai: a model is named by a text that is not empty", level + 1)
  end
  local model = names.find(binding.models, name)
  if model then return model end
  error(failure.new {
    provider = binding.service.provider, model = name,
    reason = "it is not configured; there are " .. table.concat(names.list(binding.models), ", "),
  }, 0)
end

-- What it does ----------------------------------------------------------------------------------

local count_request = metrics.counter("partylua_ai_requests_total",
  "Runs of models; a stream counts when it begins.", { "model", "outcome" })

--- Runs a model and waits for its result, whose form depends on the inputs as in Workers AI. With
--- `stream = true` in the inputs of a text it gives a partylua.AiStream when the model begins.
--- Raises a partylua.AiError when the provider fails.
---@param model string
---@param inputs table
---@param options? partylua.AiOptions
---@return any
function Ai:run(model, inputs, options)
  options = options or {}
  check_options(options, 2)
  if type(inputs) ~= "table" then
    error('ai: inputs must be a table such as { prompt = "…" }, got ' .. type(inputs), 2)
  end
  local binding = self.binding
  local known = find_model(binding, model, 2)
  local call = Call.new(binding.service, known.model, options)
  if options.gateway and not binding.service.has_gateways then
    call:fail "this provider has no gateways"
  end
  local ok, result = pcall(binding.provider.run, call, inputs, known.task)
  self.lastRequestId = call.request_id
  count_request(model, ok and "ok" or "error")
  if ok then return result end
  if failure.is(result) then error(result, 0) end
  return call:fail("its answer has an unknown form: " .. Body.bare_message(result))
end

--- The models that the provider has, not only those of the configuration.
---@param params? partylua.AiModelParams
---@return partylua.AiModel[]
function Ai:models(params)
  if params ~= nil and type(params) ~= "table" then
    error("ai: models takes a table such as { search = \"llama\" }", 2)
  end
  local binding = self.binding
  local call = Call.new(binding.service, nil, {})
  local ok, models = pcall(binding.provider.models, call, params or {})
  if not ok and failure.is(models) then error(models, 0) end
  if not ok then call:fail("its answer has an unknown form: " .. Body.bare_message(models)) end
  for _, model in ipairs(models) do model.aliases = names.aliases(binding.models, model.id) end
  self.lastRequestId = call.request_id
  return models
end

return Ai
