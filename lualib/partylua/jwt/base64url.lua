--- base64url: the alphabet of RFC 4648, section 5, without padding (RFC 7515, section 2), strictly.

local base64 = require "partylua.base64"

local base64url = {}

local TO_URL = { ["+"] = "-", ["/"] = "_", ["="] = "" }
local FROM_URL = { ["-"] = "+", ["_"] = "/" }

---@param bytes string
---@return string
function base64url.encode(bytes)
  return (base64.encode(bytes):gsub("[+/=]", TO_URL))
end

---@param text string
---@return string? bytes    nil when the text is not of this form
function base64url.decode(text)
  if text:find "[^%w_-]" or #text % 4 == 1 then return nil end
  return base64.decode(text:gsub("[-_]", FROM_URL) .. ("="):rep(-#text % 4))
end

return base64url
