--- stop: `partylua stop`: ends a server at once.

local output = require "partylua.cli.output"
local server = require "partylua.cli.server"

local stop = { summary = "end a running server at once: connections are cut" }

local function build_parser()
  return server.parser("stop", "", "End a running server at once: connections are cut, and hooks "
    .. "go no further. What was written is saved. 'partylua drain' lets them finish.")
end

function stop.help()
  return build_parser():get_help()
end

---@param args string[]
function stop.run(args)
  local result, running = server.parse(build_parser(), "stop", args)
  if not result then return end
  local known = running:ask("GET", "/api/info")
  running:ask("POST", "/api/stop", "")
  running:await_end(known.pid)
  output.write "the server has ended\n"
  output.finish()
end

return stop
