--- guard: who may ask at the admin address.
---
--- A page in a browser can send requests to any address of its machine, and a name that a stranger
--- owns can be made to lead there (DNS rebinding). So Host has to be an address, localhost or a
--- name that was configured, and Origin, where there is one, the same; and whoever asks for more
--- than whether the server lives has to know the token.

local bit = require "bit"
local searchparams = require "partylua.searchparams"
local served = require("partylua.admin").served

local guard = {}

--- Takes as long for each text of the same length.
local function is_same(a, b)
  local difference = bit.bxor(#a, #b)
  for i = 1, #a do
    difference = bit.bor(difference, bit.bxor(a:byte(i), b:byte((i - 1) % #b + 1)))
  end
  return difference == 0
end

local function is_token(given)
  local token = served.settings.admin_token
  return given ~= nil and token ~= nil and is_same(given, token)
end

local function is_configured(name)
  for _, host in ipairs(served.settings.admin_hosts) do
    if host:lower() == name then return true end
  end
  return false
end

--- A host without its port. Nobody can make an address lead elsewhere, as is done with names.
local function is_known_host(host)
  local name = host:match "^%[([%x:.]+)%]:?%d*$"
  if name then return true end
  name = host:lower():match "^([^:]+):?%d*$"
  if not name then return false end
  return name == "localhost" or name:find "^%d+%.%d+%.%d+%.%d+$" ~= nil
    or is_configured(name)
end

local function token_of(exchange)
  local bearer = (exchange:header "authorization" or ""):match "^[Bb]earer +(%S+)$"
  if bearer then return bearer end
  local _, first = searchparams.parse(exchange:search())
  return first.token
end

--- What is wrong with a request, or nil.
---@param exchange partylua.native.Exchange
---@param route? { is_open?: boolean }
---@return { status: integer, message: string }?
function guard.check(exchange, route)
  local host = exchange:header "host"
  if not host or not is_known_host(host) then
    return { status = 403, message = "this Host is not one of the server's; see --admin-hosts" }
  end
  local origin = exchange:header "origin"
  if origin and origin:lower() ~= "http://" .. host:lower() then
    return { status = 403, message = "pages of another origin may not ask here" }
  end
  if route and route.is_open then return nil end
  if is_token(token_of(exchange)) then return nil end
  return { status = 401, message = "the token is missing or wrong; the log names the address "
    .. "with its token" }
end

return guard
