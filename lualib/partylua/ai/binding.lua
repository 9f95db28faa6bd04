--- binding: from the configuration to `context.ai`, and to what the native side has to open for it.

local Ai = require "partylua.ai"
local config = require "partylua.config.ai"

local PROVIDERS = {
  openai = function() return require "partylua.ai.openai" end,
  ["workers-ai"] = function() return require "partylua.ai.workers" end,
}

local binding = {}

--- The key lives in these two functions alone: no table that code can look at has it.
local function guard(key)
  local function authorize(headers)
    if key then headers.authorization = "Bearer " .. key end
  end
  local function conceal(text)
    if not key or key == "" then return text end
    return (text:gsub(key:gsub("%p", "%%%0"), "[key]"))
  end
  return authorize, conceal
end

--- The object, and the servers that native.serve is told of; nothing when none is configured.
--- Raises a failure when the configuration lacks something.
---@param given boolean|table|nil    "ai" of the file
---@param env table<string, any>
---@param blame fun(path: string[], message: string, hint?: string): partylua.Failure
---@return partylua.Ai?
---@return partylua.native.Services?
function binding.make(given, env, blame)
  local read = config.read(given, env, blame)
  if not read then return nil end
  local authorize, conceal = guard(read.key)
  local ai = Ai {
    provider = PROVIDERS[read.provider](),
    models = read.models,
    service = {
      provider = read.provider, base = read.base, account = read.account, gateway = read.gateway,
      authorize = authorize, conceal = conceal, timeout_ms = read.timeout_ms,
      request_bytes = read.request_bytes, answer_bytes = read.answer_bytes,
      has_gateways = read.provider == "workers-ai",
    },
  }
  return ai, {
    allow = { read.rule }, active = read.active, room_active = read.room_active,
    is_direct = read.is_direct,
  }
end

return binding
