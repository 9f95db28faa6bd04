--- show: values as text, and where two of them differ.

local binary = require "partylua.binary"
local json = require "partylua.json"

local show = {}

local WIDTH = 80

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key end
  return "[" .. show.value(key) .. "]"
end

local function by_kind_and_name(a, b)
  if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
  return type(a) == "number" or type(b) ~= "number" and tostring(a) < tostring(b)
end

local function sorted_keys(node)
  local keys = {}
  for key in pairs(node) do keys[#keys + 1] = key end
  table.sort(keys, by_kind_and_name)
  return keys
end

local function parts_of(node, indent)
  local parts, count = {}, #node
  for i = 1, count do parts[i] = show.value(node[i], indent) end
  for _, key in ipairs(sorted_keys(node)) do
    local is_listed = type(key) == "number" and key >= 1 and key <= count and key % 1 == 0
    if not is_listed then
      parts[#parts + 1] = ("%s = %s"):format(key_text(key), show.value(node[key], indent))
    end
  end
  return parts
end

--- A value as Lua would write it; keys in order, long tables over several lines.
---@param node any
---@param indent? string
---@return string
function show.value(node, indent)
  indent = indent or ""
  if type(node) == "string" then return (("%q"):format(node):gsub("\\\n", "\\n")) end
  if node == json.null then return "json.null" end
  if binary.is(node) then return ("binary %q"):format(node.bytes) end
  if type(node) ~= "table" then return tostring(node) end
  local parts = parts_of(node, indent .. "  ")
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if #line + #indent <= WIDTH and not line:find "\n" then return line end
  local inner = ",\n" .. indent .. "  "
  return ("{\n%s  %s,\n%s}"):format(indent, table.concat(parts, inner), indent)
end

--- Whether two values are the same, whatever their metatables; if not, where they differ first.
---@param expected any
---@param actual any
---@param path? string
---@return boolean
---@return string? path    of the first difference: ".players[2].name"
---@return any expected    there
---@return any actual    there
function show.compare(expected, actual, path)
  path = path or ""
  if binary.is(expected) and binary.is(actual) then
    if expected.bytes == actual.bytes then return true end
    return false, path, expected, actual
  end
  if type(expected) ~= "table" or type(actual) ~= "table" then
    if expected == actual then return true end
    return false, path, expected, actual
  end
  local keys = {}
  for key in pairs(expected) do keys[key] = true end
  for key in pairs(actual) do keys[key] = true end
  for _, key in ipairs(sorted_keys(keys)) do
    local step = key_text(key)
    step = step:sub(1, 1) == "[" and step or "." .. step
    local same, where, wanted, got = show.compare(expected[key], actual[key], path .. step)
    if not same then return false, where, wanted, got end
  end
  return true
end

return show
