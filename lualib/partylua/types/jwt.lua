---@meta partylua.jwt

-- JSON Web Tokens: `require "partylua.jwt"`; see docs/guides/jwt.md.

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

--- The claims of a token that is what it should be; nil and why it is not. Raises for a key that is
--- none, which is our fault and not the token's.
---@param token any    as it came
---@param given string|table    the key: a secret, a PEM, or a JSON Web Key or a set of them
---@param options? partylua.JwtVerifyOptions
---@return table? claims
---@return string? why    fit to be shown
function jwt.verify(token, given, options) end

--- A token with these claims and the time it was made.
---@param claims table
---@param given string|table    a secret, a private key as PEM, or a JSON Web Key
---@param options? partylua.JwtSignOptions
---@return string
function jwt.sign(claims, given, options) end

return jwt
