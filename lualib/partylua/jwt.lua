--- jwt: JSON Web Tokens (RFC 7519) in the compact form, signed with HS256, RS256, ES256 or EdDSA.
---
---     local claims, why = jwt.verify(request.query.token, lobby.env.JWT_SECRET)
---     if not claims then return party.Response(why, { status = 401 }) end
---
--- The algorithm is that of the key, never what a token says of itself (RFC 8725 3.1).

local base64url = require "partylua.jwt.base64url"
local json = require "partylua.json"
local key = require "partylua.jwt.key"
local native = require "partylua.native"

local TOKEN_BYTES_MAX = 16384

---@class partylua.JwtVerifyOptions
---@field audience? string|string[]    who we are; a token for somebody else is refused
---@field issuer? string|string[]    who may have made it
---@field require? string[]    claims that must be there, such as "exp"
---@field leeway? number    seconds that clocks may differ; 0
---@field type? string    what "typ" of its head must be, such as "at+jwt"

---@class partylua.JwtSignOptions
---@field expiresIn? number    seconds from now
---@field keyId? string    "kid" of its head
---@field type? string    "typ" of its head; "JWT"

---@class partylua.Jwt
local jwt = {}

-- Parts -----------------------------------------------------------------------------------------

local function decode_object(text)
  local bytes = base64url.decode(text)
  local ok, value = pcall(json.decode, bytes or "")
  local is_object = ok and type(value) == "table" and not json.isArray(value)
  return is_object and value or nil
end

--- Head, claims, signed bytes and signature; nil when it is no such token.
local function parse(token)
  if type(token) ~= "string" or #token > TOKEN_BYTES_MAX then return nil end
  local head, body, signature = token:match "^([^.]+)%.([^.]+)%.([^.]*)$"
  if not head then return nil end
  return decode_object(head), body, head .. "." .. body, base64url.decode(signature)
end

local function includes(list, value)
  for _, each in ipairs(type(list) == "table" and list or { list }) do
    if each == value then return true end
  end
  return false
end

-- Claims ----------------------------------------------------------------------------------------

local function check_times(claims, leeway)
  local now = native.now() / 1000
  for _, name in ipairs { "exp", "nbf", "iat" } do
    local time = claims[name]
    if time ~= nil and type(time) ~= "number" then return name .. " is no number" end
  end
  if claims.exp and now >= claims.exp + leeway then return "the token has expired" end
  if claims.nbf and now < claims.nbf - leeway then return "the token is not valid yet" end
end

--- RFC 7519 4.1.3: a token for others must be refused, also by who has no name.
local function check_audience(claims, wanted)
  if claims.aud == nil then return wanted and "the token names no audience" or nil end
  for _, name in ipairs(type(claims.aud) == "table" and claims.aud or { claims.aud }) do
    if wanted and includes(wanted, name) then return nil end
  end
  return "the token is for another audience"
end

local function check_claims(claims, options)
  local wrong = check_times(claims, options.leeway or 0) or check_audience(claims, options.audience)
  if wrong then return wrong end
  if options.issuer and not includes(options.issuer, claims.iss) then
    return "the token is of another issuer"
  end
  for _, name in ipairs(options.require or {}) do
    if claims[name] == nil then return "the token has no " .. name end
  end
end

-- What it does ----------------------------------------------------------------------------------

--- The claims of a token that is what it should be; nil and why it is not. Raises for a key that is
--- none, which is our fault and not the token's.
---@param token any    as it came
---@param given string|table    the key: a secret, a PEM, or a JSON Web Key or a set of them
---@param options? partylua.JwtVerifyOptions
---@return table? claims
---@return string? why    fit to be shown
function jwt.verify(token, given, options)
  options = options or {}
  local head, body, input, signature = parse(token)
  local is_set = type(given) == "table" and given.keys ~= nil
  local id = head and type(head.kid) == "string" and head.kid or nil
  local found, why = key.read(given, id)
  if not found and not is_set then error("jwt: " .. why, 2) end
  if not head or not signature then return nil, "it is no token" end
  if not found then return nil, "the token is of an unknown key" end
  if head.alg ~= found.algorithm then
    return nil, "the token is not signed with " .. found.algorithm
  end
  if head.crit ~= nil then return nil, "the token asks for what is not known here" end
  if options.type and head.typ ~= options.type then return nil, "it is another type of token" end
  if not native.jws_verify(found.kind, found.bytes, input, signature) then
    return nil, "the signature is wrong"
  end
  local claims = decode_object(body)
  if not claims then return nil, "it is no token" end
  local wrong = check_claims(claims, options)
  if wrong then return nil, wrong end
  return claims
end

--- A token with these claims and the time it was made.
---@param claims table
---@param given string|table    a secret, a private key as PEM, or a JSON Web Key
---@param options? partylua.JwtSignOptions
---@return string
function jwt.sign(claims, given, options)
  options = options or {}
  local found, why = key.read(given)
  if not found then error("jwt: " .. why, 2) end
  local all, now = { iat = math.floor(native.now() / 1000) }, native.now() / 1000
  if options.expiresIn then all.exp = math.floor(now + options.expiresIn) end
  for name, value in pairs(claims) do all[name] = value end
  local head = {
    alg = found.algorithm, typ = options.type or "JWT", kid = options.keyId or found.id,
  }
  local input = base64url.encode(json.encode(head)) .. "." .. base64url.encode(json.encode(all))
  local signature = native.jws_sign(found.kind, found.bytes, input)
  if not signature then error("jwt: the key is public and signs nothing", 2) end
  return input .. "." .. base64url.encode(signature)
end

return jwt
