--- info: `partylua info`: what a server is, and how it does.

local native = require "partylua.native"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local server = require "partylua.cli.server"

local info = { summary = "show what a running server is, and how it does" }

local function build_parser()
  local made = server.parser("info", "", "Show what a running server is, and how it does.")
  made:flag("--json", "one line of JSON")
  return made
end

function info.help()
  return build_parser():get_help()
end

local function age_text(seconds)
  if seconds < 60 then return ("%d s"):format(seconds) end
  if seconds < 3600 then return ("%d min %d s"):format(seconds / 60, seconds % 60) end
  if seconds < 86400 then return ("%d h %d min"):format(seconds / 3600, seconds % 3600 / 60) end
  return ("%d d %d h"):format(seconds / 86400, seconds % 86400 / 3600)
end

local function line(name, text)
  if text then output.write(("%-12s %s\n"):format(name, output.printable(tostring(text)))) end
end

local function print_table(known)
  line("Version", ("partylua %s, %s"):format(known.version, known.luajit))
  line("Process", ("%d, up %s"):format(known.pid, age_text((native.now() - known.started) / 1000)))
  line("State", known.draining and "draining" or "serving")
  line("URL", known.url)
  line("App", known.app)
  line("Config", known.config)
  line("Storage", known.data or "not kept")
  line("Parties", table.concat(known.parties, ", "))
  line("Rooms", ("%d in memory, %d of them hibernating"):format(known.rooms, known.hibernating))
  line("Connections", known.connections)
  line("Memory", ("%.1f MB"):format(known.memory / 1e6))
end

---@param args string[]
function info.run(args)
  local result, running = server.parse(build_parser(), "info", args)
  if not result then return end
  local known = running:ask("GET", "/api/info")
  if result.json then output.write(ordered.encode(known), "\n") else print_table(known) end
  output.finish()
end

return info
