--- handshake: how a client asks for a WebSocket, and whether the answer is right (RFC 6455 4.1).

local Headers = require "partylua.headers"
local Hop = require "partylua.fetch.hop"
local base64 = require "partylua.base64"
local native = require "partylua.native"
local url = require "partylua.url"

local OURS = {
  ["connection"] = true, ["content-length"] = true, ["host"] = true, ["transfer-encoding"] = true,
  ["upgrade"] = true, ["sec-websocket-key"] = true, ["sec-websocket-version"] = true,
  ["sec-websocket-extensions"] = true, ["sec-websocket-protocol"] = true,
}
local SCHEMES = { ws = "http", wss = "https", http = "http", https = "https" }

local handshake = {}

--- The URL as HTTP has it; raises for what is no URL of a WebSocket.
---@param text any
---@param level integer
---@return partylua.URL
function handshake.target(text, level)
  local scheme, rest = tostring(text):match "^(%a+)(:.*)$"
  local known = scheme and SCHEMES[scheme:lower()]
  if not known then
    error("a WebSocket's URL begins with ws:// or wss://, got " .. tostring(text), level + 1)
  end
  local ok, target = pcall(url.URL, known .. rest)
  if not ok then error("a WebSocket's URL cannot be read: " .. tostring(text), level + 1) end
  if target.hash ~= "" then error("a WebSocket's URL has no part behind #", level + 1) end
  local refusal = Hop.refusal(target)
  if refusal then error(refusal, level + 1) end
  return target
end

--- The request's headers as a flat list.
---@param given partylua.HeadersInit?
---@param protocols string[]
---@param key string
---@return string[]
function handshake.headers(given, protocols, key)
  local flat = {
    "connection", "Upgrade", "upgrade", "websocket", "sec-websocket-version", "13",
    "sec-websocket-key", key,
  }
  if #protocols > 0 then
    flat[#flat + 1], flat[#flat + 2] = "sec-websocket-protocol", table.concat(protocols, ", ")
  end
  local own = given and Headers.from(given, 3) or {}
  local has_agent = false
  for i = 1, #own, 2 do
    has_agent = has_agent or own[i] == "user-agent"
    if not OURS[own[i]] then flat[#flat + 1], flat[#flat + 2] = own[i], own[i + 1] end
  end
  if not has_agent then
    flat[#flat + 1], flat[#flat + 2] = "user-agent", "partylua/" .. native.version
  end
  return flat
end

--- A key that nobody has used before.
---@return string
function handshake.key()
  return base64.encode(native.random_bytes(16))
end

local function has_word(text, word)
  for each in (text or ""):lower():gmatch "[^%s,]+" do
    if each == word then return true end
  end
  return false
end

local function is_offered(protocols, chosen)
  for _, name in ipairs(protocols) do
    if name == chosen then return true end
  end
  return false
end

--- What is wrong with an answer, or nil and the sub-protocol that it has chosen.
---@param status integer
---@param flat string[]    its headers
---@param key string
---@param protocols string[]
---@return string? why
---@return string? protocol
function handshake.check(status, flat, key, protocols)
  local headers = Headers.adopt(flat)
  if status ~= 101 then return "the server answers with status " .. status end
  if not has_word(headers:get "upgrade", "websocket")
    or not has_word(headers:get "connection", "upgrade") then
    return "the server changes to another protocol"
  end
  if headers:get "sec-websocket-accept" ~= native.ws_accept(key) then
    return "the server's Sec-WebSocket-Accept is wrong"
  end
  if headers:has "sec-websocket-extensions" then return "the server wants an extension" end
  local chosen = headers:get "sec-websocket-protocol" or ""
  if chosen ~= "" and not is_offered(protocols, chosen) then
    return "the server chose a sub-protocol that was not offered"
  end
  return nil, chosen
end

return handshake
