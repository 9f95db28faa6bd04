--- hop: one request to one server. A fetch is one or, with redirects, several of them.

local Body = require "partylua.body"
local native = require "partylua.native"
local url = require "partylua.url"

-- RFC 9110 7.6.1: what is between two neighbours alone. Length and framing are libcurl's, and a
-- host that differs from the URL's would get past rules about hosts.
local OURS = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true,
  ["keep-alive"] = true, ["proxy-authorization"] = true, ["proxy-connection"] = true,
  ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
}

---@class partylua.fetch.Hop
---@field method string
---@field url string    without user name and password
---@field headers string[]    a flat list, names in lower case
---@field kind "none"|"bytes"|"chunks"|"producer"
---@field content nil|string|function
---@field what string    method and host, for errors
---@field is_service? boolean    to a server that the configuration names
local Hop = {}
Hop.__index = Hop

--- What stands in errors: no path, no query, no password.
local function describe(method, target)
  return ("%s %s"):format(method, target.host)
end

--- Why a URL cannot be fetched; nil when it can.
---@param target partylua.URL
---@return string?
function Hop.refusal(target)
  if target.protocol ~= "http:" and target.protocol ~= "https:" then
    return "fetch takes http and https, not " .. target.protocol
  end
  if target.username ~= "" or target.password ~= "" then
    return "fetch takes no user name and password in a URL; send an Authorization header"
  end
end

---@param method string
---@param target partylua.URL
---@param headers string[]
---@param kind "none"|"bytes"|"chunks"|"producer"
---@param content nil|string|function
---@return partylua.fetch.Hop
function Hop.new(method, target, headers, kind, content)
  return setmetatable({
    method = method, url = target.href, headers = headers, kind = kind, content = content,
    what = describe(method, target),
  }, Hop)
end

--- The headers as they are sent, and whether the answer may come compressed without the caller
--- having asked for that.
local function headers_to_send(headers)
  local flat, given = {}, {}
  for i = 1, #headers, 2 do
    local name = headers[i]
    given[name] = true
    if not OURS[name] then flat[#flat + 1], flat[#flat + 2] = name, headers[i + 1] end
  end
  local function add(name, value)
    if not given[name] then flat[#flat + 1], flat[#flat + 2] = name, value end
  end
  add("user-agent", "partylua/" .. native.version)
  -- RFC 9110 14.2: a part of a compressed body cannot be decompressed
  local is_ours = not given["accept-encoding"] and not given.range
  if is_ours then add("accept-encoding", "gzip, deflate") end
  return flat, is_ours
end

--- Hands a body that comes in pieces to the other server while it takes it.
local function send_pieces(transfer, hop)
  local function write(bytes)
    while not transfer:has_room() do
      if transfer:has_ended() then return false end
      transfer:wait "sending a request's body"
    end
    transfer:send_body(bytes)
    return not transfer:has_ended()
  end
  if hop.kind == "producer" then return Body.produce(hop.content, write) end
  for chunk in hop.content do
    if not write(chunk) then return end
  end
end

local function send_stream(transfer, hop)
  local ok, why = pcall(send_pieces, transfer, hop)
  if ok then return transfer:end_body() end
  transfer:cancel("its body failed: " .. Body.bare_message(why))
end

--- Begins it.
---@param timeout_ms number
---@return partylua.native.Transfer
---@return boolean may_decode
function Hop:start(timeout_ms)
  local headers, may_decode = headers_to_send(self.headers)
  local is_stream = self.kind == "chunks" or self.kind == "producer"
  local transfer = native.fetch {
    method = self.method, url = self.url, headers = headers, timeout_ms = timeout_ms,
    body_bytes = is_stream and -1 or self.kind == "bytes" and #self.content or nil,
    is_service = self.is_service,
  }
  transfer:start()
  if is_stream then
    native.spawn(send_stream, transfer, self)
  elseif self.kind == "bytes" then
    transfer:send_body(self.content)
    transfer:end_body()
  end
  return transfer, may_decode
end

-- Redirects -------------------------------------------------------------------------------------

local REWRITTEN = {
  ["content-encoding"] = true, ["content-language"] = true, ["content-location"] = true,
  ["content-type"] = true,
}
local SECRET = { authorization = true, cookie = true }

local function without(headers, names)
  local kept = {}
  for i = 1, #headers, 2 do
    if not names[headers[i]] then kept[#kept + 1], kept[#kept + 2] = headers[i], headers[i + 1] end
  end
  return kept
end

--- Whether a redirect asks for the other URL with GET (Fetch standard: HTTP-redirect fetch).
local function becomes_get(status, method)
  if status == 303 then return method ~= "GET" and method ~= "HEAD" end
  return (status == 301 or status == 302) and method == "POST"
end

--- The request that a redirect asks for; nil and what is wrong with it.
---@param status integer
---@param location string
---@return partylua.fetch.Hop?
---@return string? why
function Hop:follow(status, location)
  local ok, target = pcall(url.URL, location, self.url)
  if not ok then return nil, "it is redirected to what is no URL" end
  local refusal = Hop.refusal(target)
  if refusal then return nil, "it is redirected, and " .. refusal end
  local method, headers, kind, content = self.method, self.headers, self.kind, self.content
  if becomes_get(status, method) then
    method, kind, content = "GET", "none", nil
    headers = without(headers, REWRITTEN)
  elseif kind == "chunks" or kind == "producer" then
    return nil, "it is redirected, and its body cannot be sent a second time"
  end
  if url.URL(self.url).origin ~= target.origin then headers = without(headers, SECRET) end
  return Hop.new(method, target, headers, kind, content)
end

return Hop
