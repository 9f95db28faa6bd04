--- schema: what partylua.json and partykit.json may hold.
---
--- A rule names the kinds a value may have. `fields` are the only keys of an object, `values`
--- the rule of each value of a map, `items` of each item of a list. `check` answers what is
--- wrong with a value that has the right kind, and perhaps a hint and which bytes of a text are at
--- fault; `check_key` with a key of a map. `says` and `key_says` say the same to editors, in the
--- words of JSON Schema. `unused` marks what is accepted so that an existing file works, and does
--- nothing here.

local ai = require "partylua.config.ai"
local lazy = require "partylua.lazy"
local options = require "partylua.config.options"

local expression = lazy "partylua.cron.expression" ---@module "partylua.cron.expression"
local zone = lazy "partylua.cron.zone" ---@module "partylua.cron.zone"

---@class partylua.config.Rule
---@field kinds string[]
---@field fields? table<string, partylua.config.Rule>
---@field values? partylua.config.Rule
---@field items? partylua.config.Rule
---@field check? fun(value: any): string?, string?, integer?, integer?
---@field check_key? fun(key: string): string?, string?
---@field says? table<string, any>
---@field key_says? table<string, any>
---@field required? string[]    fields that an object needs
---@field required_code? string
---@field code? string    of what `check` finds, where that has one of its own
---@field unused? boolean
---@field refused? string    why the key may not be used at all

local function rule(kinds, more)
  local made = more or {}
  made.kinds = {}
  for kind in kinds:gmatch "%a+" do made.kinds[#made.kinds + 1] = kind end
  return made
end

local function unused(kinds, more)
  local made = rule(kinds, more)
  made.unused = true
  return made
end

--- The rule of an option: in a file a number in the option's unit, or the text a flag takes.
local function option_rule(option)
  if option.kind == "list" then
    return rule("list", { items = rule("string", {
      check = function(value)
        if not options.read(option, { value }) then return "must be " .. option.expects end
      end,
    }) })
  end
  return rule(option.kind and "number string" or "string", {
    check = function(value)
      local read, hint = options.read(option, value)
      if read == nil then return "must be " .. options.expected(option), hint end
    end,
  })
end

local text = rule "string"
local any = rule "string number boolean null list object"
local text_map = rule("object", { values = text })

local function check_name(name)
  if not name:find "^[a-z0-9_-]+$" then
    return "may only have the characters a-z, 0-9, _ and -"
  end
end

local function check_party(name)
  if name == "main" then
    return "may not be called main", 'the main party is the key "main" of the file'
  end
  return check_name(name)
end

local function check_header(name)
  if name:find "[^%w!#$%%&'*+.^_`|~-]" or name == "" then return "is no name of a header" end
end

--- In place of a header's name false takes the field away; true means nothing.
local function check_header_or_false(value)
  if value == true then return "must be the name of a header, a list of them, or false" end
  if type(value) == "string" then return check_header(value) end
end

local function check_header_value(value)
  if value:find "%c" then return "must not have control characters" end
end

local function check_seconds(value)
  if value < 0 then return "must be a number of seconds, 0 or more" end
end

local function check_cron(value)
  local _, fault = expression.read(value)
  if fault then return fault.message, fault.hint, fault.from, fault.to end
end

local function check_zone(name)
  local _, message, meant = zone.load(name)
  return message, meant
end

local function not_implemented(name)
  local reason = ("serve.%s is not implemented, here and in PartyKit"):format(name)
  return rule("any", { refused = reason })
end

local NAME = { pattern = "^[a-z0-9_-]+$" }
local PARTY = { pattern = NAME.pattern, ["not"] = { const = "main" } }
local HEADER = { pattern = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }
local HEADER_VALUE = { pattern = "^[^\\u0000-\\u001f\\u007f]*$" }
local SECONDS = { minimum = 0 }
-- The name of a header, or false; true means nothing.
local HEADER_OR_FALSE = { pattern = HEADER.pattern, ["not"] = { const = true } }
-- Five words with the characters that fields may have, or a shortcut.
local CRON = {
  pattern = "^[ \\t]*(@[A-Za-z]+|[0-9A-Za-z*,/-]+([ \\t]+[0-9A-Za-z*,/-]+){4})[ \\t]*$",
}

local cors = rule("boolean object", {
  values = rule("string", { check = check_header_value, says = HEADER_VALUE }),
  check_key = check_header, key_says = HEADER,
})

local serve = {
  path = text,
  build = unused "string list object",
  browserTTL = rule("number null", { check = check_seconds, says = SECONDS }),
  edgeTTL = rule("number null", { check = check_seconds, says = SECONDS }),
  symlinks = rule "boolean",
  cors = cors,
  singlePageApp = rule "boolean",
  include = not_implemented "include",
  exclude = not_implemented "exclude",
}

local build = {
  command = text,
  cwd = text,
  watch = rule("string list", { items = text }),
  alias = text_map,
}

local timezone = rule("string", { check = check_zone, code = "P033" })

local schedule = rule("string", { check = check_cron, code = "P031", says = CRON })

local cron = rule("string object", {
  check = check_cron, code = "P031", says = CRON,
  fields = { schedule = schedule, timezone = timezone },
  required = { "schedule" }, required_code = "P032",
})

local vector_index = rule("string object", {
  fields = {
    index_name = text, dimensions = rule "number", metric = text, preset = text,
    description = text,
  },
})

local limit_fields = {}
for _, option in ipairs(options.limits) do limit_fields[option.name] = option_rule(option) end

local fields = {
  ["$schema"] = text,
  name = rule("string", { check = check_name, says = NAME }),
  main = text,
  parties = rule("object", { values = text, check_key = check_party, key_says = PARTY }),
  crons = rule("object", { values = cron }),
  cronTimezone = timezone,
  serve = rule("string object", { fields = serve, required = { "path" } }),
  persist = rule "boolean string",
  strictAlarms = rule "boolean",
  vars = rule("object", { values = any }),
  define = rule("object", { values = any }),
  build = unused("object", { fields = build }),
  ai = ai.rule,
  vectorize = rule("object", { values = vector_index }),
  limits = rule("object", { fields = limit_fields }),
  cors = cors,
  cf = rule("boolean object", { values = rule("string list boolean", {
    check = check_header_or_false, says = HEADER_OR_FALSE,
    items = rule("string", { check = check_header, says = HEADER }),
  }) }),

  team = unused "string",
  preview = unused "string",
  minify = unused "boolean",
  compatibilityDate = unused "string",
  compatibilityFlags = unused("list", { items = text }),
  domain = unused "string",
  logpush = unused "boolean",
  tailConsumers = unused("list", { items = text }),
  analytics = unused "string",
  bindings = unused("object", {
    fields = { r2 = rule("object", { values = any }), kv = rule("object", { values = any }) },
  }),
  placement = unused("object", { fields = { mode = text } }),
  observability = unused("object", {
    fields = { enabled = rule "boolean", head_sampling_rate = rule "number" },
  }),
}

for _, option in ipairs(options.general) do
  local path = option.path
  if path and path[2] then
    fields[path[1]] = fields[path[1]] or rule("object", { fields = {} })
    fields[path[1]].fields[path[2]] = option_rule(option)
  elseif path then
    fields[path[1]] = option_rule(option)
  end
end

return rule("object", { fields = fields })
