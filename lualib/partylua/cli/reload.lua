--- reload: `partylua reload`: has a server load its app anew.

local output = require "partylua.cli.output"
local server = require "partylua.cli.server"

local reload = { summary = "have a running server load its app anew, connections kept" }

local WITHIN_MS = 120000

local function build_parser()
  return server.parser("reload", "", "Have a running server load its app and configuration anew. "
    .. "Connections stay open; when the app cannot be loaded, the server goes on with the old one.")
end

function reload.help()
  return build_parser():get_help()
end

---@param args string[]
function reload.run(args)
  local result, running = server.parse(build_parser(), "reload", args)
  if not result then return end
  running:ask("POST", "/api/reload", "", WITHIN_MS)
  output.write "reloaded\n"
  output.finish()
end

return reload
