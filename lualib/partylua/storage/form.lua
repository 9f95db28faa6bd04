--- form: stored values as JSON and back, exactly.
---
--- What JSON can say looks as everywhere. Whatever it cannot say is an object whose one name
--- begins with `$`:
---
---     {"$number":"nan"}         also "inf" and "-inf"
---     {"$int64":"-5"}           a 64-bit integer; also "$uint64"
---     {"$bytes":"/wA="}         a string that is no UTF-8, in base64
---     {"$binary":"/wA="}        party.binary
---     {"$table":[[1,"a"],…]}    a table with keys that no object has, as pairs
---     {"$array":[1,2]}          what json.array has marked; an empty one is []
---     {"$object":{}}            what json.object has marked
---
--- A name of an object that begins with `$` gets one more of it: {"$$bytes":1}.

local base64 = require "partylua.base64"
local binary = require "partylua.binary"
local json = require "partylua.json"
local native = require "partylua.native"

local ffi = require "ffi"

local Array, Object, Binary = json.arrayMetatable, json.objectMetatable, binary.Binary
local int64, uint64 = ffi.typeof "int64_t", ffi.typeof "uint64_t"

local form = {}

-- Writing ---------------------------------------------------------------------------------------

local function write_string(text)
  if native.utf8_valid(text) then return text end
  return { ["$bytes"] = base64.encode(text) }
end

local function write_number(number)
  if number ~= number then return { ["$number"] = "nan" } end
  if number == math.huge then return { ["$number"] = "inf" } end
  if number == -math.huge then return { ["$number"] = "-inf" } end
  return number
end

local function write_integer64(integer)
  if ffi.istype(int64, integer) then return { ["$int64"] = tostring(integer):sub(1, -3) } end
  return { ["$uint64"] = tostring(integer):sub(1, -4) }
end

--- What a table can be written as: "list", "object" or "table".
local function shape_of(node)
  local count, is_object = 0, true
  for key in next, node do
    count = count + 1
    is_object = is_object and type(key) == "string" and native.utf8_valid(key)
  end
  if is_object then return "object" end
  for i = 1, count do
    if rawget(node, i) == nil then return "table" end
  end
  return "list"
end

--- Numbers first, then strings, then false and true; each kind in order.
local function comes_before(a, b)
  local kind_a, kind_b = type(a), type(b)
  if kind_a ~= kind_b then
    return kind_a == "number" or kind_b == "boolean"
  end
  if kind_a == "boolean" then return not a and b end
  return a < b
end

local function sorted_keys(node)
  local keys = {}
  for key in next, node do keys[#keys + 1] = key end
  table.sort(keys, comes_before)
  return keys
end

local WRITERS = {}

function WRITERS.list(node)
  local list = json.array()
  for i = 1, #node do list[i] = form.write(rawget(node, i)) end
  return list
end

function WRITERS.object(node)
  local fields = {}
  for key, item in next, node do
    fields[key:sub(1, 1) == "$" and "$" .. key or key] = form.write(item)
  end
  return fields
end

function WRITERS.table(node)
  local pairs_of = json.array()
  for i, key in ipairs(sorted_keys(node)) do
    pairs_of[i] = json.array { form.write(key), form.write(node[key]) }
  end
  return { ["$table"] = pairs_of }
end

local function write_binary(node)
  local bytes = rawget(node, "bytes")
  if type(bytes) == "string" and next(node, next(node)) == nil then
    return { ["$binary"] = base64.encode(bytes) }
  end
  return { ["$binary"] = WRITERS[shape_of(node)](node) } -- somebody has changed it
end

local function write_table(node)
  local mark = getmetatable(node)
  if mark == Binary then return write_binary(node) end
  local written = WRITERS[shape_of(node)](node)
  if mark == Array then
    return next(node) == nil and json.array() or { ["$array"] = written }
  end
  if mark == Object then return { ["$object"] = written } end
  return written
end

--- A value of the storage as what JSON can say.
---@param given any    what value.decode gives
---@return any
function form.write(given)
  local kind = type(given)
  if kind == "string" then return write_string(given) end
  if kind == "number" then return write_number(given) end
  if kind == "table" then return write_table(given) end
  if kind == "cdata" then return write_integer64(given) end
  return given -- booleans and json.null
end

-- Reading ---------------------------------------------------------------------------------------

local read

--- What is wrong is raised as a table, so that nothing else passes for it.
local function fail(message, ...)
  error({ text = message:format(...) }, 0)
end

local NUMBERS = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }

local function read_integer64(text, kind, ending)
  local sign, digits = tostring(text):match "^(%-?)(%d+)$"
  if type(text) ~= "string" or not digits or #digits > 20 then return nil end
  local integer = kind(0)
  for digit in digits:gmatch "%d" do integer = integer * 10 + tonumber(digit) end
  if sign == "-" then integer = -integer end
  return tostring(integer) == text .. ending and integer or nil -- else it does not fit
end

local function read_bytes(text, tag)
  local bytes = type(text) == "string" and base64.decode(text)
  return bytes or fail('"%s" takes bytes in base64', tag)
end

local function read_unmarked(node, tag)
  local inner = read(node)
  local mark = getmetatable(inner)
  local is_plain = type(inner) == "table" and (mark == nil or mark == Array and next(inner) == nil)
  if not is_plain then fail('"%s" takes an array or an object', tag) end
  return inner
end

local function read_pair(pair, result)
  if type(pair) ~= "table" or #pair ~= 2 then fail '"$table" takes pairs of a key and a value' end
  local key = read(pair[1])
  local kind = type(key)
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" or key ~= key then
    fail 'a key in "$table" is a string, a number, true or false'
  end
  result[key] = read(pair[2])
end

local TAGS = {
  ["$number"] = function(text)
    return NUMBERS[text] or fail '"$number" takes "nan", "inf" or "-inf"'
  end,
  ["$int64"] = function(text)
    return read_integer64(text, int64, "LL") or fail '"$int64" takes the digits of one, as a string'
  end,
  ["$uint64"] = function(text)
    return read_integer64(text, uint64, "ULL")
      or fail '"$uint64" takes the digits of one, as a string'
  end,
  ["$bytes"] = function(text) return read_bytes(text, "$bytes") end,
  ["$binary"] = function(node)
    if type(node) == "string" then return binary(read_bytes(node, "$binary")) end
    return setmetatable(read_unmarked(node, "$binary"), Binary)
  end,
  ["$array"] = function(node) return setmetatable(read_unmarked(node, "$array"), Array) end,
  ["$object"] = function(node) return setmetatable(read_unmarked(node, "$object"), Object) end,
  ["$table"] = function(list)
    local result = {}
    if not json.isArray(list) then fail '"$table" takes pairs of a key and a value' end
    for i = 1, #list do read_pair(list[i], result) end
    return result
  end,
}

local function read_list(list)
  local result = {}
  for i = 1, #list do result[i] = read(list[i]) end
  return result
end

local function read_fields(node)
  local result = {}
  for name, item in next, node do
    if name:find "^%$" then
      if not name:find "^%$%$" then
        fail('"%s" is nothing that is known here; a name that begins with $ is written "$%s"',
          name, name)
      end
      name = name:sub(2)
    end
    result[name] = read(item)
  end
  return result
end

function read(node)
  if type(node) ~= "table" then return node end
  if getmetatable(node) == Array then return json.array() end -- decoded, so it is empty
  if rawget(node, 1) ~= nil then return read_list(node) end
  local name, item = next(node)
  if TAGS[name] and next(node, name) == nil then return TAGS[name](item) end
  return read_fields(node)
end

--- The value that a form stands for: true and the value, or false and what is wrong with it.
---@param node any    what json.decode gives
---@return boolean ok
---@return any value_or_message
function form.read(node)
  local ok, result = pcall(read, node)
  if not ok and type(result) ~= "table" then error(result, 0) end
  if ok then return true, result end
  return false, result.text
end

return form
