--- ai: the key "ai" of partylua.json: who answers context.ai, and within which bounds.

local openai_tasks = {
  "automatic-speech-recognition", "image-to-text", "text-embeddings", "text-generation",
  "text-to-image",
}

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"
local lazy = require "partylua.lazy"
local native = require "partylua.native"
local units = require "partylua.config.units"

local url = lazy "partylua.url" ---@module "partylua.url"

local PROVIDERS = { "openai", "workers-ai" }
local WORKERS_URL = "https://api.cloudflare.com/client/v4"
local MIB = 1024 ^ 2

--- Bounds, in the units of their kinds; `default` in the unit of the setting.
local AMOUNTS = {
  timeout = { kind = "duration", default = 120000, least = 10, most = 24 * 3600000 },
  maxConcurrent = { kind = "count", default = 32, least = 1, most = 10000 },
  maxConcurrentPerRoom = { kind = "count", default = 8, least = 1, most = 10000 },
  requestBytes = { kind = "bytes", default = 16 * MIB, least = 1024, most = 1024 * MIB },
  answerBytes = { kind = "bytes", default = 16 * MIB, least = 1024, most = 1024 * MIB },
}

local ai = {}

-- The schema ------------------------------------------------------------------------------------

local function check_amount(amount)
  local kind = units.kinds[amount.kind]
  return function(value)
    local read = kind.read(value)
    if read and read >= amount.least and read <= amount.most then return end
    return ("must be %s, from %s to %s"):format(kind.noun, kind.show(amount.least),
      kind.show(amount.most))
  end
end

local function check_choice(list)
  return function(value)
    for _, choice in ipairs(list) do
      if choice == value then return end
    end
    return "must be one of " .. table.concat(list, ", "), hint.did_you_mean(value, list)
  end
end

local function check_text(value)
  if value == "" or value:find "%c" then return "must be a text of one line" end
end

--- What rooms fetch from it is opened by a rule of host and port.
local function rule_of(target)
  local port = target.port ~= "" and target.port or target.protocol == "https:" and "443" or "80"
  return target.hostname .. ":" .. port
end

local function check_url(value)
  local ok, target = pcall(url.URL, value)
  local is_http = ok and (target.protocol == "http:" or target.protocol == "https:")
  if not is_http then return "must be a URL that begins with http:// or https://" end
  if target.username ~= "" or target.password ~= "" or target.search ~= "" or target.hash ~= "" then
    return "must be a URL without user name, password, query and fragment"
  end
  if not native.is_fetch_rule(rule_of(target)) then return "has a host that cannot be reached" end
end

--- A rule for one of a list.
local function choice(list)
  return { kinds = { "string" }, check = check_choice(list), says = { enum = list } }
end

local LINE = { pattern = "^[^\\u0000-\\u001f\\u007f]+$" }
local text = { kinds = { "string" }, check = check_text, says = LINE }
local http = { kinds = { "string" }, check = check_url, says = { pattern = "[hH][tT][tT][pP]" } }

--- The rule of the key, for the schema.
ai.rule = {
  kinds = { "boolean", "object" },
  fields = {
    provider = choice(PROVIDERS),
    baseUrl = http,
    proxy = { kinds = { "boolean" } },
    apiKey = text, apiToken = text, apiAccount = text, apiGateway = text,
    models = {
      kinds = { "object" },
      values = {
        kinds = { "string", "object" }, check = check_text, says = LINE,
        fields = {
          model = text,
          task = choice(openai_tasks),
        },
      },
    },
  },
}

for name, amount in pairs(AMOUNTS) do
  local kinds = amount.kind == "count" and { "number" } or { "number", "string" }
  ai.rule.fields[name] = {
    kinds = kinds, check = check_amount(amount), says = units.says(amount),
  }
end

-- What it says ----------------------------------------------------------------------------------

---@class partylua.config.Ai
---@field provider "openai"|"workers-ai"
---@field base string    URL, without a slash at its end
---@field rule string    host and port, as a rule of what may be fetched from
---@field key? string    to be sent as a bearer token
---@field account? string
---@field gateway? string
---@field is_direct boolean    past --fetch-proxy
---@field models? partylua.ai.Models
---@field timeout_ms integer
---@field active integer    runs at the same time
---@field room_active integer
---@field request_bytes integer
---@field answer_bytes integer

--- A secret, or with a dollar sign the name of a variable that has it.
local function resolve(given, name, env, blame)
  local variable = given and given:match "^%$([%w_]+)$"
  if not variable then return given end
  local value = env[variable]
  if value == nil or value == "" then value = os.getenv(variable) end
  if type(value) == "string" and value ~= "" then return value end
  error(blame({ "ai", name }, ("names the variable %s, which is not set"):format(variable),
    "set it in the environment, in .env, or with --var"), 0)
end

local function amount_of(given, name)
  local amount = AMOUNTS[name]
  return given[name] and units.kinds[amount.kind].read(given[name]) or amount.default
end

--- Where PartyKit would ask its platform, here are variables of the names that it has.
local function add_workers(made, given, env, blame)
  made.account = resolve(given.apiAccount or "$CLOUDFLARE_ACCOUNT_ID", "apiAccount", env, blame)
  made.gateway = resolve(given.apiGateway, "apiGateway", env, blame)
  if given.baseUrl and made.gateway then
    error(blame({ "ai", "apiGateway" }, "goes with the hosted service, not with a baseUrl"), 0)
  end
  local token = given.apiToken or given.apiKey or "$CLOUDFLARE_API_TOKEN"
  made.key = resolve(token, given.apiKey and "apiKey" or "apiToken", env, blame)
end

local function add_openai(made, given, env, blame)
  for _, name in ipairs { "apiAccount", "apiGateway", "apiToken" } do
    if given[name] then
      error(blame({ "ai", name }, 'is for the provider "workers-ai"',
        name == "apiToken" and 'the key of "openai" is apiKey' or nil), 0)
    end
  end
  if not given.baseUrl then
    error(blame({ "ai" }, 'has no "baseUrl"', "such as http://127.0.0.1:8080/v1"), 0)
  end
  made.key = resolve(given.apiKey, "apiKey", env, blame)
end

--- What the key says; nil without it. Raises a failure when a part is missing.
---@param given boolean|table|nil    as the file has it, which has been checked
---@param env table<string, any>
---@param blame fun(path: string[], message: string, hint?: string): partylua.Failure
---@return partylua.config.Ai?
function ai.read(given, env, blame)
  if not given then return nil end
  if given == true then given = {} end
  if given.baseUrl and not given.provider then
    error(blame({ "ai" }, 'has a "baseUrl" and no "provider"',
      "openai, or workers-ai"), 0)
  end
  local base = url.URL(given.baseUrl or WORKERS_URL)
  local made = {
    provider = given.provider or "workers-ai",
    base = base.href:gsub("/+$", ""), rule = rule_of(base), models = given.models,
    is_direct = given.proxy == false,
    timeout_ms = amount_of(given, "timeout"),
    active = amount_of(given, "maxConcurrent"),
    room_active = amount_of(given, "maxConcurrentPerRoom"),
    request_bytes = amount_of(given, "requestBytes"),
    answer_bytes = amount_of(given, "answerBytes"),
  }
  local add = made.provider == "openai" and add_openai or add_workers
  add(made, given, env, blame)
  if made.key and made.key:find "[%c ]" then
    failure.raise "the key of ai must have no spaces and no control characters"
  end
  return made
end

return ai
