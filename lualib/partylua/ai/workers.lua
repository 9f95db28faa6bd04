--- workers: the REST form of Workers AI, which knows what a model is for: inputs go as they are.

local Stream = require "partylua.ai.stream"
local binary = require "partylua.binary"
local json = require "partylua.json"
local media = require "partylua.ai.media"
local percent = require "partylua.percent"
local url = require "partylua.url"

local GATEWAYS = "https://gateway.ai.cloudflare.com/v1"
local SEGMENT = "[^%w%-._~@:]" -- of a path: what is encoded
local BYTES = { "^image/", "^audio/", "^video/", "^application/octet%-stream$" }

local workers = {}

---@class partylua.ai.WorkersService : partylua.ai.Service
---@field account string
---@field gateway? string    the id of the gateway that all runs go through

-- Asking ----------------------------------------------------------------------------------------

--- A name as a part of the path. Dots alone would lead to another path, with our key.
local function segment_of(call, name)
  if name:find "^%.*$" then call:fail(("%q cannot be a part of a URL"):format(name)) end
  return percent.encode(name, SEGMENT)
end

--- A model's name is some parts of the path.
local function model_path(call)
  local segments = {}
  for name in (call.model .. "/"):gmatch "([^/]*)/" do
    segments[#segments + 1] = segment_of(call, name)
  end
  return table.concat(segments, "/")
end

local function gateway_headers(gateway)
  local headers = {}
  if gateway.skipCache then headers["cf-aig-skip-cache"] = "true" end
  if gateway.cacheTtl then headers["cf-aig-cache-ttl"] = ("%d"):format(gateway.cacheTtl) end
  if gateway.metadata then headers["cf-aig-metadata"] = json.encode(gateway.metadata) end
  return headers
end

--- Where a run goes, and the headers that a gateway wants.
local function target_of(call)
  local service, gateway = call.service, call.options.gateway or {}
  local account = segment_of(call, service.account)
  local id = gateway.id or service.gateway
  if not id then
    return ("/accounts/%s/ai/run/%s"):format(account, model_path(call)), {}
  end
  local path = ("%s/%s/%s/workers-ai/%s"):format(GATEWAYS, account, segment_of(call, id),
    model_path(call))
  return path, gateway_headers(gateway)
end

--- Bytes are lists of numbers in JSON.
local function plain(inputs)
  local made = {}
  for name, value in pairs(inputs) do
    made[name] = binary.is(value) and media.list(value.bytes) or value
  end
  return made
end

-- What is answered ------------------------------------------------------------------------------

--- Events have our form already, but for models that stream in OpenAI's.
local Reader = {}
Reader.__index = Reader

function Reader.read(_, value)
  local choice = type(value.choices) == "table" and value.choices[1]
  if value.response ~= nil or not choice then return value end
  local text = choice.delta and choice.delta.content
  value.response = type(text) == "string" and text or ""
  return value
end

--- Workers AI always ends with [DONE].
function Reader.is_complete()
  return false
end

--- The REST form puts a table around the result; a gateway may leave it away.
local function unwrap(call, value)
  if value.success == false then
    call:fail(require("partylua.ai.failure").said(value) or "it failed, and said not why")
  end
  if value.success == nil then return value end
  return value.result
end

local function is_bytes(kind)
  for _, pattern in ipairs(BYTES) do
    if kind:find(pattern) then return true end
  end
  return false
end

---@param call partylua.ai.Call
---@param inputs table
---@return any
function workers.run(call, inputs)
  local path, headers = target_of(call)
  local response = call:post(path, plain(inputs), headers)
  if inputs.stream == true then
    call:check_stream(response)
    return Stream.from(call, response, setmetatable({}, Reader))
  end
  if is_bytes(call:type_of(response)) then return binary(call:bytes(response)) end
  return unwrap(call, call:value(response))
end

---@param call partylua.ai.Call
---@param params partylua.AiModelParams
---@return partylua.AiModel[]
function workers.models(call, params)
  local query = url.SearchParams()
  for _, name in ipairs { "search", "task", "page", "per_page" } do
    if params[name] ~= nil then query:append(name, tostring(params[name])) end
  end
  local text = query:toString()
  local path = ("/accounts/%s/ai/models/search%s"):format(
    segment_of(call, call.service.account), text == "" and "" or "?" .. text)
  local list = unwrap(call, call:value(call:send("GET", path, {})))
  if type(list) ~= "table" then call:fail "its answer has no list of models" end
  local models = {}
  for i, model in ipairs(list) do
    models[i] = {
      id = model.id, name = model.name, description = model.description,
      task = type(model.task) == "table" and model.task.name or nil,
      tags = type(model.tags) == "table" and model.tags or json.array {},
    }
  end
  return models
end

return workers
