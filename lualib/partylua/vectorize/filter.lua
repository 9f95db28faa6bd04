--- filter: what a query asks of metadata, as conditions that the native side checks.
---
---     { language = "en", ["author.name"] = { ["$ne"] = "ann" }, year = { ["$gte"] = 2020 } }
---
--- All of them have to hold (Vectorize: metadata filtering).

local form = require "partylua.vectorize.form"
local hint = require "partylua.hint"
local json = require "partylua.json"

local filter = {}

local KEY_BYTES_MAX, FILTER_BYTES_MAX, CONDITIONS_MAX = 512, 2048, 256

local OPERATORS = {
  ["$eq"] = { sign = "i", takes = "value" }, ["$ne"] = { sign = "o", takes = "value" },
  ["$in"] = { sign = "i", takes = "list" }, ["$nin"] = { sign = "o", takes = "list" },
  ["$lt"] = { sign = "<", takes = "bound", side = "upper" },
  ["$lte"] = { sign = "{", takes = "bound", side = "upper" },
  ["$gt"] = { sign = ">", takes = "bound", side = "lower" },
  ["$gte"] = { sign = "}", takes = "bound", side = "lower" },
}
local NAMES = { "$eq", "$ne", "$in", "$nin", "$lt", "$lte", "$gt", "$gte" }

local function fail(form_text, ...)
  error("filter: " .. form_text:format(...), 0)
end

local function check_key(key)
  if type(key) ~= "string" then fail("keys must be strings, and one is a %s", type(key)) end
  if key == "" then fail "a key is empty" end
  if #key > KEY_BYTES_MAX then fail("a key is longer than %d bytes", KEY_BYTES_MAX) end
  if key:sub(1, 1) == "$" then fail("the key '%s' must not begin with '$'", key) end
  if key:find '["|]' then fail("the key '%s' must not have a '\"' or a '|'", key) end
  if ("." .. key .. "."):find("..", 1, true) then
    fail("the key '%s' has an empty part beside a '.'", key)
  end
end

local function value_of(key, value)
  local bytes = form.value(value)
  if bytes then return bytes end
  return fail("the value of '%s' must be a string, a number, a boolean or json.null, got %s", key,
    type(value))
end

local function list_of(key, name, list)
  if type(list) ~= "table" or #list == 0 then
    fail("%s of '%s' takes a list that is not empty", name, key)
  end
  local out = { form.count(#list) }
  for i, value in ipairs(list) do out[i + 1] = value_of(key, value) end
  return table.concat(out)
end

local function bound_of(key, name, value)
  if type(value) ~= "number" and type(value) ~= "string" then
    fail("%s of '%s' takes a number or a string, got %s", name, key, type(value))
  end
  return form.count(1) .. form.value(value)
end

local function operand(key, name, value)
  local takes = OPERATORS[name].takes
  if takes == "list" then return list_of(key, name, value) end
  if takes == "bound" then return bound_of(key, name, value) end
  return form.count(1) .. value_of(key, value)
end

--- One operator alone, or one lower and one upper bound.
local function check_operators(key, operators)
  local count, sides = 0, {}
  for name in pairs(operators) do
    local operator = OPERATORS[name]
    if not operator then
      local meant = hint.did_you_mean(tostring(name), NAMES)
      fail("'%s' of '%s' is no operator%s", tostring(name), key, meant and "; " .. meant or "")
    end
    count = count + 1
    if operator.side then sides[operator.side] = true end
  end
  if count == 0 then fail("'%s' has no operator", key) end
  if count > 2 or count == 2 and not (sides.lower and sides.upper) then
    fail("'%s' takes one operator, or a lower and an upper bound", key)
  end
end

local function add_conditions(out, key, value)
  local path = form.path(key)
  if type(value) ~= "table" then
    out[#out + 1] = path .. "i" .. form.count(1) .. value_of(key, value)
    return
  end
  check_operators(key, value)
  for name, given in pairs(value) do
    out[#out + 1] = path .. OPERATORS[name].sign .. operand(key, name, given)
  end
end

local function pack(given)
  local out, count = {}, 0
  for key, value in pairs(given) do
    count = count + 1
    if count > CONDITIONS_MAX then fail("it has more than %d keys", CONDITIONS_MAX) end
    check_key(key)
    add_conditions(out, key, value)
  end
  if #out == 0 then fail "it is empty; leave it out to get everything" end
  local ok, text = pcall(json.encode, given)
  if not ok then fail("%s", text) end
  if #text >= FILTER_BYTES_MAX then
    fail("it has %d bytes of JSON, and must have less than %d", #text, FILTER_BYTES_MAX)
  end
  return table.concat(out)
end

--- The conditions of a filter. Raises for what is none.
---@param given table<string, any>
---@param level integer    whom an error blames, as in error()
---@return string
function filter.pack(given, level)
  if type(given) ~= "table" then
    error("filter must be a table, got " .. type(given), level + 1)
  end
  local ok, result = pcall(pack, given)
  if not ok then error(result, level + 1) end
  return result
end

return filter
