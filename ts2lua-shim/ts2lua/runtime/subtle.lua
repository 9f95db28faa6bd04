--- subtle: crypto.subtle: digests, and HMAC with keys that a program brings.

local bit = require "bit"
local base64 = require "ts2lua.runtime.base64"
local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local digest = require "ts2lua.runtime.digest"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local tasks = require "ts2lua.runtime.tasks"

local byte, char = string.byte, string.char

local subtle = { object = shape.object() }

local function refuse(name, message)
  error(class.new(errors.DOMException, message, name), 0)
end

--- The name in `"HMAC"` or `{ name: "HMAC" }`, in capital letters.
local function name_of(algorithm)
  local name = type(algorithm) == "table" and algorithm.name or algorithm
  return convert.to_text(name):upper()
end

--- A digest's function and canonical name.
local function hash_of(algorithm)
  local name = name_of(algorithm)
  local hash = digest[name] or name:find "^SHA%-%d+$"
    and require("ts2lua.runtime.digest_wide")[name]
  if not hash then refuse("NotSupportedError", "Unrecognized algorithm name") end
  return hash, name
end

local function bytes_of(data)
  if not binary.is(data) then raise.type_error "the data must be an ArrayBuffer or a view" end
  return binary.to_string(data)
end

--- Adds a method whose answer is a promise.
local function define(name, fn)
  rawset(subtle.object, name, function(_, ...)
    local arguments, count = { ... }, select("#", ...)
    return tasks.run(function() return fn(unpack(arguments, 1, count)) end, false)
  end)
end

define("digest", function(algorithm, data)
  return binary.buffer((hash_of(algorithm))(bytes_of(data)))
end)

-- HMAC (RFC 2104). A key keeps its bytes in slot 1 and the name of its hash in slot 2.

local CryptoKey = class.builtin("CryptoKey", nil, function()
  raise.type_error "Illegal constructor"
end, { tag = "CryptoKey" })
subtle.CryptoKey = CryptoKey

local BLOCK_BYTES = { ["SHA-1"] = 64, ["SHA-256"] = 64, ["SHA-384"] = 128, ["SHA-512"] = 128 }

local function combined(key, pad)
  return (key:gsub(".", function(c) return char(bit.bxor(byte(c), pad)) end))
end

local function hmac(key, data)
  local hash, name = hash_of(key[2])
  local size, secret = BLOCK_BYTES[name], key[1]
  if #secret > size then secret = hash(secret) end
  secret = secret .. ("\0"):rep(size - #secret)
  return hash(combined(secret, 0x5C) .. hash(combined(secret, 0x36) .. data))
end

local function secret_of(format, data)
  if format == "raw" then return bytes_of(data) end
  if format ~= "jwk" or type(data) ~= "table" or data.kty ~= "oct" then
    refuse("NotSupportedError", "keys come as \"raw\" bytes or as a \"jwk\" of kty \"oct\"")
  end
  return base64.decode((convert.to_text(data.k):gsub("%-", "+"):gsub("_", "/")))
    or refuse("DataError", "Invalid keyData")
end

define("importKey", function(format, data, algorithm, extractable, usages)
  if name_of(algorithm) ~= "HMAC" then
    refuse("NotSupportedError", "Unrecognized algorithm name: only HMAC keys are known here")
  end
  local _, hash = hash_of(algorithm.hash)
  local secret = secret_of(format, data)
  if secret == "" then refuse("DataError", "Zero-length key is not supported") end
  local key = class.instance(CryptoKey, { secret, hash })
  rawset(key, "type", "secret")
  rawset(key, "extractable", convert.truthy(extractable))
  rawset(key, "algorithm", shape.record({ "name", "hash", "length" },
    { "HMAC", shape.record({ "name" }, { hash }), #secret * 8 }))
  rawset(key, "usages", iterate.elements(usages))
  return key
end)

--- The key, if it may be used so.
local function check_key(algorithm, key, usage)
  if type(key) ~= "table" or getmetatable(key).tag ~= "CryptoKey" then
    raise.type_error "the key must be a CryptoKey"
  end
  if name_of(algorithm) ~= "HMAC" or not key.usages:includes(usage) then
    refuse("InvalidAccessError", "Unable to use this key to " .. usage)
  end
  return key
end

define("sign", function(algorithm, key, data)
  return binary.buffer(hmac(check_key(algorithm, key, "sign"), bytes_of(data)))
end)

--- Takes as long for every signature of that length.
local function is_same(a, b)
  if #a ~= #b then return false end
  local difference = 0
  for i = 1, #a do difference = bit.bor(difference, bit.bxor(byte(a, i), byte(b, i))) end
  return difference == 0
end

define("verify", function(algorithm, key, signature, data)
  return is_same(hmac(check_key(algorithm, key, "verify"), bytes_of(data)), bytes_of(signature))
end)

return subtle
