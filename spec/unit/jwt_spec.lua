local base64url = require "partylua.jwt.base64url"
local json = require "partylua.json"
local jwt = require "partylua.jwt"
local key = require "partylua.jwt.key"
local native = require "partylua.native"

local SECRET = ("s"):rep(32)

-- RFC 7515 appendix A, RFC 8037 appendix A: keys, signed bytes, signatures.
local RFC_BODY =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
      .. "Ijp0cnVlfQ"
local RFC = {
  ["7515 A.1"] = {
    algorithm = "HS256",
    key = { kty = "oct", k =
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CA"
      .. "ow" },
    input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." .. RFC_BODY,
    signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  },
  ["7515 A.2"] = {
    algorithm = "RS256",
    key = { kty = "RSA", e = "AQAB", n =
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz"
      .. "P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf6"
      .. "3kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw"
      .. "Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
      .. "yuXpoQ" },
    input = "eyJhbGciOiJSUzI1NiJ9." .. RFC_BODY,
    signature =
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
      .. "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArL"
      .. "IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7no"
      .. "OPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
      .. "Ge77Rw",
  },
  ["7515 A.3"] = {
    algorithm = "ES256",
    key = { kty = "EC", crv = "P-256", x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
      y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
      d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" },
    input = "eyJhbGciOiJFUzI1NiJ9." .. RFC_BODY,
    signature =
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU"
      .. "1Q",
  },
  ["8037 A.4"] = {
    algorithm = "EdDSA",
    key = { kty = "OKP", crv = "Ed25519", x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
      d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" },
    input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
    signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0K"
      .. "Ag",
  },
}

--- A token of a head and claims that are given as they are.
local function token_of(head, claims, given)
  local found = assert(key.read(given or SECRET))
  local input = base64url.encode(json.encode(head)) .. "." .. base64url.encode(json.encode(claims))
  local signature = assert(native.jws_sign(found.kind, found.bytes, input))
  return input .. "." .. base64url.encode(signature)
end

local function public_half(given)
  local half = {}
  for name, value in pairs(given) do half[name] = name ~= "d" and value or nil end
  return half
end

describe("a signature", function()
  for name, case in pairs(RFC) do
    it("is right where RFC " .. name .. " says so, and nowhere else", function()
      local signature = base64url.decode(case.signature)
      for _, given in ipairs { case.key, public_half(case.key) } do
        local found = assert(key.read(given))
        assert.equal(case.algorithm, found.algorithm)
        local function verify(input, made)
          return native.jws_verify(found.kind, found.bytes, input, made)
        end
        assert.is_true(verify(case.input, signature))
        assert.is_false(verify(case.input .. "x", signature))
        for _, wrong in ipairs { "", signature .. "\0", signature:sub(1, -2),
          ("\0"):rep(#signature), ("\255"):rep(#signature) } do
          assert.is_false(verify(case.input, wrong))
        end
        for at = 1, #signature do
          local changed = string.char((signature:byte(at) + 1) % 256)
          assert.is_false(verify(case.input,
            signature:sub(1, at - 1) .. changed .. signature:sub(at + 1)))
        end
      end
    end)
  end

  it("is made as RFC 7515 and 8037 make it, where it is the same each time", function()
    for _, name in ipairs { "7515 A.1", "8037 A.4" } do
      local case = RFC[name]
      local found = key.read(case.key)
      assert.equal(case.signature,
        base64url.encode(native.jws_sign(found.kind, found.bytes, case.input)))
    end
  end)
end)

describe("jwt.verify", function()
  local function now() return math.floor(native.now() / 1000) end

  local function refusal(token, given, options)
    local claims, why = jwt.verify(token, given or SECRET, options)
    assert.is_nil(claims)
    return why
  end

  it("gives the claims of what jwt.sign has made, with every kind of key", function()
    for _, given in ipairs { SECRET, RFC["7515 A.3"].key, RFC["8037 A.4"].key } do
      local token = jwt.sign({ sub = "ann", roles = { "a", "b" } }, given, { expiresIn = 60 })
      local half = type(given) == "table" and public_half(given) or given
      local claims = assert(jwt.verify(token, half))
      assert.same({ "ann", { "a", "b" }, 60 },
        { claims.sub, claims.roles, claims.exp - claims.iat })
      assert.is_true(math.abs(claims.iat - now()) <= 1)
    end
  end)

  it("reads the example of RFC 7519, which has expired long since", function()
    local case = RFC["7515 A.1"]
    assert.equal("the token has expired", refusal(case.input .. "." .. case.signature, case.key))
  end)

  it("takes no other algorithm than that of the key, and never none", function()
    local es, ed = RFC["7515 A.3"].key, RFC["8037 A.4"].key
    local claims = base64url.encode '{"sub":"eve"}'
    for _, alg in ipairs { "none", "None", "HS512", "RS256", "hs256" } do
      local head = base64url.encode(json.encode { alg = alg })
      assert.equal("the token is not signed with HS256", refusal(head .. "." .. claims .. ".AAAA"))
      assert.is_nil(jwt.verify(head .. "." .. claims .. ".", SECRET))
    end
    assert.equal("the token is not signed with ES256",
      refusal(jwt.sign({}, SECRET), public_half(es)))
    assert.equal("the token is not signed with EdDSA", refusal(jwt.sign({}, es), public_half(ed)))
    -- the head says what the key is for, and the signature is of another kind
    assert.equal("the signature is wrong", refusal(token_of({ alg = "ES256" }, {}, SECRET), es))
    assert.equal("the signature is wrong", refusal(token_of({ alg = "ES256" }, {}, ed), es))
    assert.equal("the token is not signed with HS256", refusal(token_of({}, {})))
  end)

  it("does not take a public key for a secret", function()
    local pem = "-----BEGIN PUBLIC KEY-----\n" .. ("A"):rep(64) .. "\n-----END PUBLIC KEY-----\n"
    local ok, why = pcall(jwt.verify, jwt.sign({}, SECRET), pem)
    assert.is_false(ok)
    assert.matches("the key cannot be read", why)
  end)

  it("refuses what is no token, and what was changed", function()
    local token = jwt.sign({ sub = "ann" }, SECRET)
    local head, body, signature = token:match "^(.-)%.(.-)%.(.*)$"
    for _, wrong in ipairs {
      "", "a", "a.b", "a.b.c", "..", head .. "." .. body, token .. ".", token .. ".x",
      head .. "=." .. body .. "." .. signature, " " .. token, token .. "\n",
      base64url.encode "[]" .. "." .. body .. "." .. signature, ("a"):rep(20000),
      head .. "." .. body .. "." .. signature .. "=", head .. "." .. body .. ".+/" ,
    } do
      assert.equal("it is no token", refusal(wrong))
    end
    assert.equal("it is no token", refusal(nil))
    assert.equal("it is no token", refusal { token })
    assert.equal("the signature is wrong", refusal(head .. "." .. body .. "."))
    assert.equal("the signature is wrong",
      refusal(head .. "." .. base64url.encode '{"sub":"eve"}' .. "." .. signature))
    assert.equal("the signature is wrong", refusal(token, ("t"):rep(32)))
    assert.equal("it is no token", refusal(token_of({ alg = "HS256" }, json.array { 1 })))
  end)

  it("heeds exp, nbf and the clock's leeway", function()
    local function of(claims) return token_of({ alg = "HS256" }, claims) end
    assert.equal("the token has expired", refusal(of { exp = now() }))
    assert.equal("the token has expired", refusal(of { exp = now() - 30 }, nil, { leeway = 20 }))
    assert.truthy(jwt.verify(of { exp = now() - 10 }, SECRET, { leeway = 20 }))
    assert.truthy(jwt.verify(of { exp = now() + 10.5, nbf = now() }, SECRET))
    assert.equal("the token is not valid yet", refusal(of { nbf = now() + 30 }))
    assert.truthy(jwt.verify(of { nbf = now() + 10 }, SECRET, { leeway = 20 }))
    for _, name in ipairs { "exp", "nbf", "iat" } do
      assert.equal(name .. " is no number", refusal(of { [name] = "tomorrow" }))
      assert.equal(name .. " is no number", refusal(of { [name] = json.null }))
    end
  end)

  it("takes tokens for us alone, and of those who may make them", function()
    local function of(claims) return token_of({ alg = "HS256" }, claims) end
    assert.equal("the token is for another audience", refusal(of { aud = "shop" }))
    assert.equal("the token is for another audience",
      refusal(of { aud = { "shop", "bank" } }, nil, { audience = "chat" }))
    assert.equal("the token names no audience", refusal(of {}, nil, { audience = "chat" }))
    assert.truthy(jwt.verify(of { aud = { "shop", "chat" } }, SECRET, { audience = "chat" }))
    assert.truthy(jwt.verify(of { aud = "chat" }, SECRET, { audience = { "x", "chat" } }))
    assert.equal("the token is of another issuer", refusal(of { iss = "eve" }, nil,
      { issuer = "us" }))
    assert.equal("the token is of another issuer", refusal(of {}, nil, { issuer = "us" }))
    assert.truthy(jwt.verify(of { iss = "us" }, SECRET, { issuer = { "us", "them" } }))
  end)

  it("heeds what must be there, the type, and what the head says is critical", function()
    assert.equal("the token has no exp",
      refusal(jwt.sign({}, SECRET), nil, { require = { "exp" } }))
    assert.equal("it is another type of token",
      refusal(jwt.sign({}, SECRET), nil, { type = "at+jwt" }))
    assert.truthy(jwt.verify(jwt.sign({}, SECRET, { type = "at+jwt" }), SECRET,
      { type = "at+jwt" }))
    assert.equal("the token asks for what is not known here",
      refusal(token_of({ alg = "HS256", crit = { "exp" } }, {})))
  end)

  it("finds the key that a token names in a set", function()
    local es, ed = public_half(RFC["7515 A.3"].key), public_half(RFC["8037 A.4"].key)
    es.kid, ed.kid, ed.use = "one", "two", "sig"
    local set = { keys = { es, ed, { kty = "new" } } }
    local token = jwt.sign({}, RFC["8037 A.4"].key, { keyId = "two" })
    assert.truthy(jwt.verify(token, set))
    for _, id in ipairs { "three", "" } do
      assert.equal("the token is of an unknown key",
        refusal(jwt.sign({}, RFC["8037 A.4"].key, { keyId = id }), set))
    end
    assert.equal("the token is not signed with ES256",
      refusal(jwt.sign({}, RFC["8037 A.4"].key, { keyId = "one" }), set))
    assert.equal("the token is of an unknown key", refusal(jwt.sign({}, RFC["8037 A.4"].key), set))
  end)
end)

describe("a key", function()
  local ed = public_half(RFC["8037 A.4"].key)

  local function with(given, changes)
    local changed = {}
    for name, value in pairs(given) do changed[name] = value end
    for name, value in pairs(changes) do changed[name] = value end
    return changed
  end

  for why, given in pairs {
    ["a secret must have at least 32 bytes"] = "short",
    ["a key is a text or a table, got number"] = 7,
    ["a key of this kty is not known"] = { kty = "XYZ" },
    ["a part of the key is missing, or wrong"] = with(ed, { x = "AAAA" }),
    ["the key is not for signatures"] = with(ed, { use = "enc" }),
    ["the key says it is for ES256"] = with(ed, { alg = "ES256" }),
    ["an RSA key must have 2048 to 8192 bits"] = { kty = "RSA", e = "AQAB",
      n = ("_"):rep(170) .. "w" },
    ["the PEM has no key in it"] = "-----BEGIN PUBLIC KEY",
    ["a PEM of CERTIFICATE is no key for this"] =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
  } do
    it("is refused, and says why: " .. why, function()
      local ok, message = pcall(function() return (jwt.verify("a.b.c", given)) end)
      assert.is_false(ok)
      assert.matches("jwt: " .. why, message, 1, true)
      assert.matches("spec/unit/jwt_spec.lua", message) -- whose line is to blame
    end)
  end

  it("that is public signs nothing", function()
    local ok, message = pcall(jwt.sign, {}, ed)
    assert.is_false(ok)
    assert.matches("the key is public and signs nothing", message)
  end)
end)
