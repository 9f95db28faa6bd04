--- cors: the headers that let pages of other origins read an answer (Fetch standard: CORS).

--- What `true` means in the configuration: everybody may ask, and nothing is sent along.
local EVERYONE = {
  ["access-control-allow-origin"] = "*",
  ["access-control-allow-methods"] = "GET, POST, HEAD, OPTIONS",
  ["access-control-allow-headers"] = "*",
  ["access-control-max-age"] = "86400",
}

local cors = {}

--- The headers as a flat list { name, value, ... }; empty when there shall be none.
---@param given? boolean|table<string, string>    `true`, or the headers by name
---@return string[]
function cors.headers(given)
  local flat = {}
  if not given then return flat end
  for name, value in pairs(given == true and EVERYONE or given) do
    flat[#flat + 1], flat[#flat + 2] = name:lower(), tostring(value)
  end
  return flat
end

return cors
