--- json_schema: the schema of partylua.json as JSON Schema, for editors.
---
--- It is made of the rules that hold when the file is read. What those say in code is said here as
--- well as JSON Schema can: it knows no time zones and no 30th of February, and of "64KiB" only
--- that it is an amount. So it never refuses what the server takes, and may take what the server
--- refuses.

local descriptions = require "partylua.config.descriptions"
local json = require "partylua.json"
local options = require "partylua.config.options"
local units = require "partylua.config.units"

local json_schema = {}

local DIALECT = "http://json-schema.org/draft-07/schema#"
local TYPES = { list = "array" }
local KIND_COUNT = 6 -- a rule that takes all of them says nothing about them

local function types_of(kinds)
  if #kinds == KIND_COUNT then return nil end
  local types = {}
  for i, kind in ipairs(kinds) do types[i] = TYPES[kind] or kind end
  return #types == 1 and types[1] or json.array(types)
end

--- Options are found by their place in the file.
local by_path = {}
for _, option in ipairs(options.all) do
  if option.path then by_path[table.concat(option.path, ".")] = option end
end

--- What an option takes: a number in its own unit, or the text of a flag.
local function add_option(made, option)
  made.description = option.help
  if option.choices then
    made.enum = json.array { unpack(option.choices) }
    return
  end
  local kind = units.kinds[option.kind]
  if not kind then made.minLength = 1 end
  if not kind or option.kind == "list" then return end
  for key, value in pairs(units.says(option)) do made[key] = value end
end

local convert

local function add_fields(made, rule, path)
  local properties = {}
  for key, field in pairs(rule.fields) do
    properties[key] = convert(field, path == "" and key or path .. "." .. key)
  end
  made.properties, made.additionalProperties = json.object(properties), false
end

local function describe(made, rule, path)
  if rule.unused then
    made.description = "accepted, as PartyKit has it, and without effect here"
    made.deprecated = true
  else
    made.description = descriptions[path]
  end
end

--- A rule as JSON Schema.
---@param rule partylua.config.Rule
---@param path string    with "*" for the keys of a map
function convert(rule, path)
  if rule.refused then return false end
  local made = { type = types_of(rule.kinds) }
  describe(made, rule, path)
  for key, value in pairs(rule.says or {}) do made[key] = value end
  if by_path[path] then add_option(made, by_path[path]) end
  if rule.fields then add_fields(made, rule, path) end
  if rule.values then made.additionalProperties = convert(rule.values, path .. ".*") end
  if rule.key_says then made.propertyNames = rule.key_says end
  if rule.items then made.items = convert(rule.items, path .. "[]") end
  if rule.required then made.required = json.array { unpack(rule.required) } end
  return json.object(made)
end

--- The schema of a file.
---@return table document    for JSON
function json_schema.document()
  local made = convert(require "partylua.config.schema", "")
  made["$schema"] = DIALECT
  made.title = "partylua.json"
  made.description = "configuration of a partylua app"
  return made
end

return json_schema
