--- JSON (RFC 8259), as browsers read and write it.
---
---   json.encode { name = "Ann", hits = { 3, 17 }, rest = json.array {} }
---   json.decode '{"ids":[],"at":9007199254740991,"gone":null}'
---
--- What is not JSON is refused both ways: NaN and infinity, bad UTF-8, functions, values that
--- contain themselves, more than 1000 arrays and objects inside each other. Numbers are
--- doubles and survive the round trip exactly. A decoded `[]` stays an array; a list that can
--- become empty later is made one by json.array. Of a name given twice, the last one counts, as
--- in JavaScript.

local cjson = require "cjson"

local encode = require "partylua.json.encode"
local lazy = require "partylua.lazy"
local shape = require "partylua.json.shape"

local decode = lazy "partylua.json.decode" ---@module "partylua.json.decode"

local try_encode = encode.try

---@class partylua.Json
---@field null lightuserdata    compare with it: it is true in a condition
local json = {}

--- The same as lua-cjson's.
json.null = cjson.null

json.array = shape.array
json.object = shape.object
json.isArray = shape.isArray

--- What json.array sets, for whoever copies values and wants to keep it.
json.arrayMetatable = shape.Array
--- What json.object sets.
json.objectMetatable = shape.Object

--- The JSON text of a value. Raises for what has none, with its path:
--- `cannot encode value.users[3].name: ...`.
---
--- A table with keys 1 to n is an array and a table with names an object; both together, or
--- holes, are an error unless json.array or json.object says what is meant. Metatables of
--- other kinds are not asked.
---@param value any
---@return string
function json.encode(value)
  local ok, text = try_encode(value)
  if not ok then error("json.encode: " .. text, 2) end
  return text
end

local function check_text(text, name)
  if type(text) ~= "string" then
    error(name .. " expects a string, got " .. type(text), 3)
  end
end

--- The value of a JSON text. Raises for what is not JSON, with its place:
--- `invalid JSON at line 1, column 5: unexpected 'x', expected a value`.
---@param text string
---@return any
function json.decode(text)
  check_text(text, "json.decode")
  local ok, value = decode.try(text)
  if not ok then error(value, 2) end
  return value
end

--- The same for text from strangers: nil and the message instead of an error.
---@param text string
---@return any value
---@return string? message
function json.tryDecode(text)
  check_text(text, "json.tryDecode")
  local ok, value = decode.try(text)
  if not ok then return nil, value end
  return value
end

return json
