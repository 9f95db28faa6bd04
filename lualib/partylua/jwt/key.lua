--- key: what a token is signed with, or checked against: a secret, a PEM, a JSON Web Key (RFC 7517)
--- or a set of those. The key alone decides the algorithm.

local base64url = require "partylua.jwt.base64url"
local der = require "partylua.jwt.der"
local base64 = require "partylua.base64"
local native = require "partylua.native"

---@class partylua.jwt.Key
---@field algorithm "HS256"|"RS256"|"ES256"|"EdDSA"
---@field kind partylua.native.KeyKind
---@field bytes string
---@field id? string    "kid" of a JSON Web Key

local key = {}

--- The key, or nil and what is wrong with it.
local function make(kind, bytes, id)
  local algorithm, why = native.jws_algorithm(kind, bytes)
  if not algorithm then return nil, why end
  return { algorithm = algorithm, kind = kind, bytes = bytes, id = id }
end

-- PEM -------------------------------------------------------------------------------------------

local function same(bytes) return bytes end

local LABELS = {
  ["PUBLIC KEY"] = { "public", same },
  ["RSA PUBLIC KEY"] = { "public", der.rsa_public_of },
  ["PRIVATE KEY"] = { "private", same },
  ["RSA PRIVATE KEY"] = { "private", same },
  ["EC PRIVATE KEY"] = { "private", same },
}

local function of_pem(text)
  for label, body in text:gmatch "%-%-%-%-%-BEGIN ([%u%d ]+)%-%-%-%-%-%s(.-)%-%-%-%-%-END" do
    local known = LABELS[label]
    local bytes = known and base64.decode((body:gsub("%s", "")))
    if bytes then return make(known[1], known[2](bytes)) end
    if label ~= "EC PARAMETERS" then return nil, "a PEM of " .. label .. " is no key for this" end
  end
  return nil, "the PEM has no key in it"
end

-- JSON Web Keys ---------------------------------------------------------------------------------

--- The bytes of fields of a key; nil when one is missing, or has another length than it should.
local function parts_of(given, names, count)
  local parts = {}
  for i, name in ipairs(names) do
    local part = type(given[name]) == "string" and base64url.decode(given[name])
    if not part or part == "" or count and #part ~= count then return nil end
    parts[i] = part
  end
  return parts
end

local RSA_PUBLIC, RSA_PRIVATE = { "n", "e" }, { "n", "e", "d", "p", "q", "dp", "dq", "qi" }

local READERS = {
  oct = function(given)
    local parts = parts_of(given, { "k" })
    if parts then return "secret", parts[1] end
  end,
  RSA = function(given)
    local parts = parts_of(given, given.d and RSA_PRIVATE or RSA_PUBLIC)
    if not parts then return nil end
    if given.d then return "private", der.rsa_private(parts) end
    return "public", der.rsa_public(parts[1], parts[2])
  end,
  EC = function(given)
    local names = given.d and { "x", "y", "d" } or { "x", "y" }
    local parts = given.crv == "P-256" and parts_of(given, names, 32)
    if not parts then return nil end
    if given.d then return "private", der.p256_private(unpack(parts)) end
    return "public", der.p256_public(unpack(parts))
  end,
  OKP = function(given)
    local parts = given.crv == "Ed25519" and parts_of(given, { given.d and "d" or "x" }, 32)
    if not parts then return nil end
    if given.d then return "private", der.ed25519_private(parts[1]) end
    return "public", der.ed25519_public(parts[1])
  end,
}

local function of_jwk(given)
  local read = READERS[given.kty]
  if not read then return nil, "a key of this kty is not known" end
  local kind, bytes = read(given)
  if not kind then return nil, "a part of the key is missing, or wrong" end
  if given.use ~= nil and given.use ~= "sig" then return nil, "the key is not for signatures" end
  local made, why = make(kind, bytes, given.kid)
  if made and given.alg ~= nil and given.alg ~= made.algorithm then
    return nil, "the key says it is for " .. tostring(given.alg)
  end
  return made, why
end

--- The key of a set that a token names; the only one, where it names none.
local function of_set(keys, id)
  local found, count = nil, 0
  for _, each in ipairs(keys) do
    if type(each) == "table" and (id == nil or each.kid == id) then
      found, count = each, count + 1
    end
  end
  if count == 1 then return of_jwk(found) end
  return nil, count == 0 and "the set has no such key" or "the set has several such keys"
end

--- Reads a key in any form; nil and why when it is none.
---@param given string|table    a secret, a PEM, or a JSON Web Key or a set of them, decoded
---@param id? string    "kid" of a token, to choose from a set
---@return partylua.jwt.Key?
---@return string? why
function key.read(given, id)
  if type(given) == "string" then
    -- A public key as a secret is how tokens are forged.
    if given:find("-----BEGIN", 1, true) then return of_pem(given) end
    return make("secret", given)
  end
  if type(given) ~= "table" then return nil, "a key is a text or a table, got " .. type(given) end
  if type(given.keys) == "table" then return of_set(given.keys, id) end
  return of_jwk(given)
end

return key
