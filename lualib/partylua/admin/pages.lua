--- pages: the inspector's files, as they lie beside this library.

local answer = require "partylua.admin.answer"
local fs = require "partylua.fs"
local native = require "partylua.native"

local pages = { all = {} }

local FILES = {
  { "/", "index.html", "text/html;charset=UTF-8" },
  { "/inspector.css", "inspector.css", "text/css;charset=UTF-8" },
  { "/icon.svg", "icon.svg", "image/svg+xml" },
}
for _, name in ipairs {
  "main", "api", "dom", "chart", "totals", "event", "overview", "rooms", "room", "storage", "live",
  "playground", "faults",
} do
  FILES[#FILES + 1] = { ("/%s.js"):format(name), name .. ".js", "text/javascript;charset=UTF-8" }
end

-- Nothing from elsewhere, nobody may frame it. Test clients connect to the server itself, whose
-- port is another one.
local POLICY = "default-src 'self'; connect-src 'self' ws: wss:; object-src 'none'; "
  .. "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

local function send(exchange, name, content_type)
  local text = fs.read(fs.join(native.lualib, "partylua/inspector/" .. name))
  if not text then answer.fail(404, "the inspector is not installed") end
  exchange:respond(200, "", {
    "content-type", content_type,
    "cache-control", "no-store",
    "content-security-policy", POLICY,
    "referrer-policy", "no-referrer",
    "x-content-type-options", "nosniff",
    "x-frame-options", "DENY",
  }, text)
end

for _, file in ipairs(FILES) do
  local path, name, content_type = unpack(file)
  pages.all[path] = {
    is_open = true, -- the page itself says nothing: what it shows it asks for, with the token
    run = function(exchange) send(exchange, name, content_type) end,
  }
end

return pages
