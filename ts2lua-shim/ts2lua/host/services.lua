--- services: what rooms and lobbies have beside parties: models, indexes of vectors, static files.
--- Their methods give promises. Slot 1 holds the host's object.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local later = require "ts2lua.runtime.later"
local null = require "ts2lua.runtime.null"
local plain = require "ts2lua.host.plain"
local shape = require "ts2lua.runtime.shape"
local signals = require "ts2lua.host.signals"
local tasks = require "ts2lua.runtime.tasks"
local values = require "ts2lua.host.values"

-- PartyKit's words.
local NO_BINDING = "You should pass room.context.ai as the first argument"

local requests, responses, streams = later "requests", later "responses", later "streams"

local services = {}

--- What a service says that fails, as an Error of the program with the fields of the host's.
local function failure_of(problem)
  if type(problem) ~= "table" or getmetatable(problem).is_error then error(problem, 0) end
  local made = class.new(errors.Error, problem.message or tostring(problem))
  for _, name in ipairs { "name", "provider", "model", "status", "code", "retryAfter" } do
    if problem[name] ~= nil then made[name] = problem[name] end
  end
  error(made, 0)
end

--- Calls a method of the host; raises an Error without a place in the host.
local function call(native, name, ...)
  local ok, result = pcall(native[name], native, ...)
  if ok then return result end
  if type(result) ~= "string" then return failure_of(result) end
  return error(class.new(errors.Error, (result:gsub("^[^:\n]*:%d+: ", ""))), 0)
end

-- Models.

local Ai = class.builtin("Ai", nil, function(self, binding)
  if not convert.truthy(binding) then
    errors.throw(class.new(errors.Error, NO_BINDING))
  end
  rawset(self, 1, binding[1])
end)
services.Ai = Ai

--- A stream of a model as one of bytes, or the result as data.
local function from_model(result)
  if type(result) == "table" and type(result.events) == "function" then
    local chunks = result:chunks()
    return streams.of_chunks(function()
      return function() return chunks() end
    end, function() result:cancel() end)
  end
  return values.from_native(result)
end

function Ai.prototype.run(self, model, inputs, options)
  return tasks.run(function()
    local given = options ~= nil and plain(options) or {}
    local signal = signals.check(options ~= nil and options.signal or nil)
    return from_model(signals.run(signal, function(host_signal)
      given.signal = host_signal
      return call(self[1], "run", model, plain(inputs), given)
    end))
  end, true)
end

function Ai.prototype.models(self, params)
  return tasks.run(function()
    return values.from_native(call(self[1], "models", plain(params)))
  end, true)
end

class.accessor(Ai, false, "lastRequestId", "get", function(self)
  return self[1].lastRequestId or null
end)

---@param native partylua.Ai?
function services.ai(native)
  return native and class.instance(Ai, { native }) or nil
end

-- Indexes of vectors.

local Index = class.builtin("VectorizeIndex")

for _, name in ipairs { "insert", "upsert", "deleteByIds", "getByIds", "query", "queryById",
  "describe" } do
  rawset(Index.prototype, name, function(self, subject, options)
    return tasks.run(function()
      return values.from_native(call(self[1], name, plain(subject), plain(options)))
    end, true)
  end)
end

--- `context.vectorize`, by the names that the configuration binds.
---@param native table<string, table>?
function services.vectorize(native)
  if not native then return nil end
  local names = {}
  for name in pairs(native) do names[#names + 1] = name end
  table.sort(names)
  local all = shape.object()
  for _, name in ipairs(names) do
    shape.add(all, name, class.instance(Index, { native[name] }))
  end
  return all
end

-- Static files.

local Assets = class.builtin("Assets")

function Assets.prototype.fetch(self, path)
  return tasks.run(function()
    if type(path) == "table" and getmetatable(path).is_request then
      path = requests.native_input(path).path
    end
    local response = call(self[1], "fetch", convert.to_text(path))
    return response and responses.wrap(response) or null
  end, true)
end

---@param native table
function services.assets(native)
  return class.instance(Assets, { native })
end

return services
