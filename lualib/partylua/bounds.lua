--- bounds: limits of the server for what rooms open to other servers. Whoever needs one reads it
--- here when it is needed, and so may be loaded long after the application has set them.

---@class partylua.Bounds
local bounds = {
  fetch_timeout_ms = 300000, fetch_body_bytes = 16 * 1024 ^ 2, fetch_redirects = 20,
  message_bytes = 1024 ^ 2, ping_interval_ms = 30000, close_timeout_ms = 10000,
}

local NAMES = {}
for name in pairs(bounds) do NAMES[#NAMES + 1] = name end

--- Takes them from the limits of a server.
---@param given table<string, integer>
function bounds.configure(given)
  for _, name in ipairs(NAMES) do bounds[name] = given[name] end
end

return bounds
