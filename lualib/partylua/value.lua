--- value: Lua values as bytes and back: what storage and connection states keep.
---
--- Kept are booleans, numbers (NaN and infinities too), strings of any bytes, 64-bit integers
--- (`1LL`, `1ULL`), party.json.null, party.binary, and tables of these, with the marks of
--- json.array and json.object. What comes back is a copy: tables that were one are two, and
--- metatables of other kinds are gone. Functions, coroutines, userdata, and tables that contain
--- themselves are refused.
---
--- The bytes are a version and LuaJIT's own encoding (string.buffer), which is only ever read
--- back from where we have written it: it takes memory by what forged input claims.

local binary = require "partylua.binary"
local json = require "partylua.json"

local buffer = require "string.buffer"
local ffi = require "ffi"

local next, tostring, type = next, tostring, type
local null = json.null

local value = {}

local VERSION = "\1"
local DEPTH_MAX = 100 -- of string.buffer's encoding

--- The order is part of what is stored: further ones go to the end.
local codec = buffer.new {
  metatable = { json.arrayMetatable, json.objectMetatable, binary.Binary },
}

local int64, uint64 = ffi.typeof "int64_t", ffi.typeof "uint64_t"

-- Measuring -------------------------------------------------------------------------------------

--- What the last measure found that cannot be kept: a text, and the keys that lead to it,
--- innermost first.
local problem, keys

--- The tables that the one being measured lies in; empty between two calls.
local open = {}

local function refuse(text)
  problem, keys = text, {}
  return nil
end

local function is_identifier(key)
  return type(key) == "string" and key:find "^[%a_][%w_]*$"
end

local function path_of(name)
  local path = name
  for i = #keys, 1, -1 do
    local key = keys[i]
    if is_identifier(key) then
      path = path .. "." .. key
    else
      path = path .. (type(key) == "string" and ("[%q]"):format(key)
        or ("[%s]"):format(tostring(key)))
    end
  end
  return path
end

local measure

local KEY_TYPES = { string = true, number = true, boolean = true }

local function measure_table(node, left, depth)
  if open[node] then return refuse "a table that contains itself" end
  if depth == DEPTH_MAX then return refuse(("tables more than %d deep"):format(DEPTH_MAX)) end
  open[node] = true
  for key, item in next, node do
    if not KEY_TYPES[type(key)] then return refuse("a table whose key is a " .. type(key)) end
    left = left - (type(key) == "string" and #key + 1 or 1)
    left = measure(item, left, depth + 1)
    if not left then
      keys[#keys + 1] = key
      return nil
    end
    if left < 0 then return left end
  end
  open[node] = nil
  return left - 1
end

--- Takes the least that a value's encoding can have from `left`. Stops below zero, so that no
--- value, whatever it shares, costs more than its limit. Nil when something cannot be kept.
function measure(node, left, depth)
  local kind = type(node)
  if kind == "string" then return left - #node - 1 end
  if kind == "number" then return left - 5 end
  if kind == "boolean" or node == null then return left - 1 end
  if kind == "table" then return measure_table(node, left, depth) end
  if kind == "cdata" and (ffi.istype(int64, node) or ffi.istype(uint64, node)) then
    return left - 9
  end
  return refuse("a " .. kind)
end

-- Coding ----------------------------------------------------------------------------------------

---@class partylua.ValueFault
---@field text? string    why the value cannot be kept, with its path; nil when it is too large
---@field size? integer    the least that a value which is too large would have taken, in bytes

--- What cannot be kept, or is too large already where measuring stopped.
local function fault_of(left, bytes_max, name)
  open = {} -- measuring stopped in the middle
  if left then return { size = bytes_max - left } end
  return { text = ("%s is %s, which cannot be stored"):format(path_of(name), problem) }
end

--- Leaves a value's bytes in the codec, when it was measured. Nothing, or a fault.
local function fill(given, bytes_max, name)
  local left = measure(given, bytes_max, 0)
  if not left or left < 0 then return fault_of(left, bytes_max, name) end
  codec:reset():put(VERSION):encode(given)
  local size = #codec - #VERSION
  if size <= bytes_max then return nil end
  codec:reset()
  return { size = size }
end

--- The bytes of a value, which are measured before memory is taken for them.
---@param given any    not nil
---@param bytes_max integer
---@param name string    what paths in messages begin with: "value"
---@return string? bytes
---@return partylua.ValueFault? fault
function value.encode(given, bytes_max, name)
  local fault = fill(given, bytes_max, name)
  if fault then return nil, fault end
  return codec:get()
end

--- The same bytes where they lie, for whoever copies them before anything else is encoded: a
--- string of them would only be made to be thrown away.
---@param given any    not nil
---@param bytes_max integer
---@param name string
---@return ffi.cdata* pointer    nil with a fault
---@return integer len
---@return partylua.ValueFault? fault
function value.lend(given, bytes_max, name)
  local fault = fill(given, bytes_max, name)
  if fault then return nil, 0, fault end
  return codec:ref()
end

--- The value of bytes that value.encode gave.
---@param bytes string
---@return any
function value.decode(bytes)
  if bytes:sub(1, 1) ~= VERSION then
    error("a stored value was written by a newer version of partylua", 2)
  end
  return codec:reset():set(bytes):skip(#VERSION):decode()
end

--- A copy that shares nothing with the original.
---@param given any
---@param bytes_max integer
---@param name string
---@return any copy    nil with a fault
---@return partylua.ValueFault? fault
function value.copy(given, bytes_max, name)
  local bytes, fault = value.encode(given, bytes_max, name)
  if not bytes then return nil, fault end
  return value.decode(bytes)
end

return value
