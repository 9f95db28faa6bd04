--- log: party.log.error, warn, info and debug: one line an event.
---
--- A line has the event's text, the party and room it comes from, and fields:
--- `party.log.info("joined", { id = conn.id, count = 3 })`.

local json = require "partylua.json"
local native = require "partylua.native"

local log = {}

local function field_value(value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "boolean" then return value end
  if kind == "table" then
    local ok, text = pcall(json.encode, value)
    if ok then return text end
  end
  return tostring(value)
end

--- Fields in the order of their names, as a flat list.
local function flatten(fields)
  local names, flat = {}, {}
  for name in pairs(fields) do names[#names + 1] = tostring(name) end
  table.sort(names)
  for _, name in ipairs(names) do
    flat[#flat + 1] = name
    flat[#flat + 1] = field_value(fields[name])
  end
  return flat
end

for _, level in ipairs { "error", "warn", "info", "debug" } do
  ---@param event any    what happened, in a few words
  ---@param fields? table<string, any>
  log[level] = function(event, fields)
    if fields ~= nil and type(fields) ~= "table" then
      error("the fields of a log line are a table such as { id = conn.id }", 2)
    end
    native.log(level, "app", tostring(event), fields and flatten(fields))
  end
end

return log
