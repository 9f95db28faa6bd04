---@meta

--- jws: signatures. Registered by runtime/lua/bind_jws.c.

---@class partylua.native
local native = {}

--- Bytes; DER of a SubjectPublicKeyInfo; DER of a private key.
---@alias partylua.native.KeyKind "secret"|"public"|"private"

--- What a key is for; nil and why when it is for nothing.
---@param kind partylua.native.KeyKind
---@param key string
---@return "HS256"|"RS256"|"ES256"|"EdDSA"|nil algorithm
---@return string? why
function native.jws_algorithm(kind, key) end

--- The signature of RFC 7515 for bytes; nil when this key signs nothing.
---@param kind partylua.native.KeyKind
---@param key string
---@param input string
---@return string?
function native.jws_sign(kind, key, input) end

--- Whether a signature is that of these bytes.
---@param kind partylua.native.KeyKind
---@param key string
---@param input string
---@param signature string
---@return boolean
function native.jws_verify(kind, key, input, signature) end
