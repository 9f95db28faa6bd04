--- Value fault: the first part of a Lua value that has no place in JSON, with its path.
---
--- It runs only after encoding has failed, and looks for the reasons in the order in which the
--- encoder meets them: `value.users[3].name is a function`.

local cjson = require "cjson"
local ffi = require "ffi"

local limits = require "partylua.json.limits"
local shape = require "partylua.json.shape"
local utf8 = require "partylua.json.utf8"

local byte, find, format, gsub, sub =
  string.byte, string.find, string.format, string.gsub, string.sub

local KEY_BYTES = 40
local PATH_STEPS = 8 -- of a longer path, as many as this at each end

local function quoted(text)
  if #text > KEY_BYTES then text = sub(text, 1, KEY_BYTES) .. "..." end
  return '"' .. gsub(text, '[%c"\\\128-\255]', function(c)
    return format("\\x%02x", byte(c))
  end) .. '"'
end

local function step(key)
  if type(key) == "number" then return "[" .. tostring(key) .. "]" end
  if type(key) ~= "string" then return "[" .. type(key) .. "]" end
  if #key <= KEY_BYTES and find(key, "^[%a_][%w_]*$") then return "." .. key end
  return "[" .. quoted(key) .. "]"
end

local function path_text(path)
  local steps = {}
  for i = 1, #path do
    if i <= PATH_STEPS or i > #path - PATH_STEPS then
      steps[#steps + 1] = step(path[i])
    elseif i == PATH_STEPS + 1 then
      steps[#steps + 1] = "..."
    end
  end
  return "value" .. table.concat(steps)
end

local function string_fault(text)
  local position = utf8.fault(text)
  return position and "is not valid UTF-8 at byte " .. position
end

local function cdata_fault(value)
  if not (ffi.istype("int64_t", value) or ffi.istype("uint64_t", value)) then
    return "is cdata, which JSON has no form for"
  end
  local double = tonumber(value)
  if math.abs(double) > 2 ^ 53 or double ~= value then
    return "is an integer beyond 2^53, which JSON readers round; send it as a string"
  end
end

local function scalar_fault(value)
  local kind = type(value)
  if kind == "string" then return string_fault(value) end
  if kind == "number" then
    if value ~= value then return "is NaN, which JSON has no form for" end
    return math.abs(value) == math.huge and "is infinite, which JSON has no form for" or nil
  end
  if kind == "cdata" then return cdata_fault(value) end
  if kind == "boolean" or value == cjson.null then return nil end
  if kind == "nil" then return "is nil; json.null is JSON's null" end
  return "is a " .. kind .. ", which JSON has no form for"
end

local function marked_list_fault(list)
  for key in next, list do
    if type(key) ~= "number" or key < 1 or key ~= math.floor(key) then
      return "is marked by json.array but has the key " .. step(key)
    end
  end
  return format("has more than %d holes", limits.HOLES_MAX)
end

local function list_fault(list)
  if shape.length(list) then return nil end
  if getmetatable(list) == shape.Array then return marked_list_fault(list) end
  for key in next, list do
    if type(key) ~= "number" then
      return "has both items and the key " .. step(key)
        .. "; an array has keys 1 to n, an object has names"
    end
  end
  return "has holes; json.array marks an array whose holes become null"
end

local function fields_fault(fields)
  for key in next, fields do
    if not shape.name(fields, key) then
      if type(key) ~= "number" then
        return "has a key that is a " .. type(key) .. ", names are strings"
      elseif getmetatable(fields) == shape.Object then
        return "has the key " .. step(key) .. ", which makes no name or the same name twice"
      end
      return "has the key " .. step(key)
        .. " but no item 1; json.object marks an object whose numbers become names"
    end
    local why = type(key) == "string" and utf8.fault(key)
    if why then return "has the key " .. quoted(key) .. ", which is not valid UTF-8" end
  end
end

local look_into

-- The fault inside the value at path[#path], which is taken off again when there is none.
local function look_at(key, child, path, parents)
  path[#path + 1] = key
  local why = look_into(child, path, parents)
  if not why then path[#path] = nil end
  return why
end

function look_into(node, path, parents)
  if type(node) ~= "table" then return scalar_fault(node) end
  if parents[node] then
    return "is " .. parents[node] .. " again: a value cannot contain itself"
  end
  if #path >= limits.DEPTH_MAX then
    return "is nested more than " .. limits.DEPTH_MAX .. " deep"
  end
  local is_list = shape.is_list(node)
  local why = (is_list and list_fault or fields_fault)(node)
  if why then return why end
  parents[node] = path_text(path)
  for key, child in next, node do
    why = look_at(key, child, path, parents)
    if why then return why end
  end
  parents[node] = nil
end

local value_fault = {}

--- Which part of a value cannot be encoded, and why; nil when all of it can.
---@param value any
---@return string?
function value_fault.describe(value)
  local path = {}
  local why = look_into(value, path, {})
  return why and path_text(path) .. " " .. why
end

return value_fault
