--- der: keys as OpenSSL reads them (ITU-T X.690, RFC 5280, 5915, 5958, 8017, 8410), out of the
--- parts that a JSON Web Key has.

local der = {}

local function length(count)
  if count < 128 then return string.char(count) end
  local bytes = ""
  while count > 0 do
    bytes, count = string.char(count % 256) .. bytes, math.floor(count / 256)
  end
  return string.char(128 + #bytes) .. bytes
end

local function tagged(tag, content)
  return string.char(tag) .. length(#content) .. content
end

local function sequence(...)
  return tagged(0x30, table.concat { ... })
end

--- An unsigned number: without zeros in front, but for one where the first bit would be a sign.
local function integer(bytes)
  bytes = bytes:gsub("^%z+", "")
  if bytes == "" or bytes:byte() >= 128 then bytes = "\0" .. bytes end
  return tagged(0x02, bytes)
end

local function bits(bytes)
  return tagged(0x03, "\0" .. bytes)
end

local VERSION_0, VERSION_1 = "\2\1\0", "\2\1\1"
local RSA = sequence("\6\9\42\134\72\134\247\13\1\1\1", "\5\0")
local P256 = sequence("\6\7\42\134\72\206\61\2\1", "\6\8\42\134\72\206\61\3\1\7")
local ED25519 = sequence "\6\3\43\101\112"

--- The two kinds of structure around a key.
local function public(algorithm, key) return sequence(algorithm, bits(key)) end
local function private(algorithm, key) return sequence(VERSION_0, algorithm, tagged(0x04, key)) end

--- A SubjectPublicKeyInfo around what stands in a PEM of "RSA PUBLIC KEY".
---@param key string
---@return string
function der.rsa_public_of(key)
  return public(RSA, key)
end

---@param n string
---@param e string
---@return string
function der.rsa_public(n, e)
  return public(RSA, sequence(integer(n), integer(e)))
end

--- The parts in the order of RFC 8017: n, e, d, p, q, dp, dq, qi.
---@param parts string[]
---@return string
function der.rsa_private(parts)
  local integers = {}
  for i, part in ipairs(parts) do integers[i] = integer(part) end
  return private(RSA, sequence(VERSION_0, table.concat(integers)))
end

---@param x string    32 bytes, as y
---@param y string
---@return string
function der.p256_public(x, y)
  return public(P256, "\4" .. x .. y)
end

---@param x string    32 bytes, as y and d
---@param y string
---@param d string
---@return string
function der.p256_private(x, y, d)
  local point = tagged(0xA1, bits("\4" .. x .. y))
  return private(P256, sequence(VERSION_1, tagged(0x04, d), point))
end

---@param x string    32 bytes
---@return string
function der.ed25519_public(x)
  return public(ED25519, x)
end

---@param d string    32 bytes
---@return string
function der.ed25519_private(d)
  return private(ED25519, tagged(0x04, d))
end

return der
