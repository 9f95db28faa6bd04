--- For jwt.test.mjs: a JSON line { token, key } on standard input is answered with the claims that
--- partylua.jwt finds, and { claims, sign } with a token.

local json = require "partylua.json"
local jwt = require "partylua.jwt"

for line in io.lines() do
  local asked = json.decode(line)
  if asked.sign then
    print(json.encode { token = jwt.sign(asked.claims, asked.sign) })
  else
    local claims, why = jwt.verify(asked.token, asked.key)
    print(json.encode { claims = claims, why = why })
  end
end
