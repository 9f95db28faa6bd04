--- metadata: what is kept beside a vector, as JSON, and as the fields that filters look at.

local form = require "partylua.vectorize.form"
local json = require "partylua.json"

local metadata = {}

local function fail(form_text, ...)
  error(form_text:format(...), 0)
end

local function check_key(key, where)
  if type(key) ~= "string" then
    fail("the keys of %s must be strings, and one is a %s", where, type(key))
  end
  if key == "" then fail("a key of %s is empty", where) end
  if key:sub(1, 1) == "$" then fail("%s: the key '%s' must not begin with '$'", where, key) end
  if key:find '[."]' then
    fail("%s: the key '%s' must not have a '.' or a '\"'", where, key)
  end
end

local function list_of(list, where)
  for i = 1, #list do
    if type(list[i]) ~= "string" then fail("%s: a list may only have strings", where) end
  end
  return form.LIST
end

--- Adds the fields of an object, which stands inside another one when `outer` is its key.
local function add_fields(out, fields, outer)
  local where = outer and "metadata." .. outer or "metadata"
  for key, value in pairs(fields) do
    check_key(key, where)
    local path = outer and outer .. "." .. key or key
    local bytes, is_table = form.value(value), type(value) == "table"
    if not bytes and is_table and json.isArray(value) then
      bytes = list_of(value, where .. "." .. key)
    end
    if bytes then
      out[#out + 1], out[#out + 2] = form.path(path), bytes
    elseif not is_table then
      fail("%s.%s: a %s cannot be kept", where, key, type(value))
    elseif outer then
      fail("%s.%s: objects may be one level deep", where, key)
    else
      add_fields(out, value, key)
    end
  end
end

local function pack(given, bytes_max)
  local out = {}
  if type(given) ~= "table" or json.isArray(given) then
    fail("metadata must be a table with names for keys, got %s",
      type(given) == "table" and "a list" or type(given))
  end
  add_fields(out, given)
  local ok, text = pcall(json.encode, given)
  if not ok then fail("metadata: %s", text) end
  if #text > bytes_max then
    fail("metadata has %d bytes of JSON, and may have %d", #text, bytes_max)
  end
  return text, table.concat(out)
end

--- Both forms. Raises for what cannot be kept.
---@param given table<string, any>
---@param bytes_max integer
---@param what string    how messages call the vector
---@param level integer    whom an error blames, as in error()
---@return string text    JSON
---@return string fields
function metadata.pack(given, bytes_max, what, level)
  local ok, text, fields = pcall(pack, given, bytes_max)
  if not ok then error(("%s: %s"):format(what, text), level + 1) end
  return text, fields
end

return metadata
