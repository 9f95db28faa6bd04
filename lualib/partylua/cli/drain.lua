--- drain: `partylua drain`: ends a server in order, and waits for that.

local failure = require "partylua.config.failure"
local json = require "partylua.json"
local native = require "partylua.native"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local server = require "partylua.cli.server"
local units = require "partylua.config.units"

local drain = { summary = "end a running server in order: what is under way is finished" }

local HOUR_MS = 3600000
local SILENCE_MS = 60000
local NEAR_MS = 50

local function build_parser()
  local made = server.parser("drain", "", "End a running server as SIGTERM does: nobody new comes "
    .. "in, answers are finished, connections are closed with 1012, and what was written is saved. "
    .. "Waits until the server has ended.")
  made:option("--timeout", "time for that, instead of the server's --drain-timeout"):argname "TIME"
  return made
end

function drain.help()
  return build_parser():get_help()
end

local function timeout_of(result)
  if not result.timeout then return nil end
  local ms = units.kinds.duration.read(result.timeout)
  if ms and ms <= HOUR_MS then return ms / 1000 end
  return failure.raise(('--timeout must be a time from 0 to 1 hour, not "%s"')
    :format(result.timeout))
end

---@param args string[]
function drain.run(args)
  local result = parser.parse(build_parser(), "drain", args)
  if not result then return end
  local path = server.path("/api/drain", { timeout = timeout_of(result) })
  local running = server.get(result)
  local pid, last, heard_ms = running:ask("GET", "/api/info").pid, {}, 0
  for text in running:send("POST", path, "", SILENCE_MS):lines() do
    local line = json.tryDecode(text)
    if type(line) == "table" then last, heard_ms = line, native.clock_ms() end
  end
  local left_ms = (last.left_ms or math.huge) - (native.clock_ms() - heard_ms)
  running:await_end(pid)
  output.write "the server has ended\n"
  if left_ms <= NEAR_MS then
    output.write(("its time was over: what was under way was cut, and with it %d connections\n")
      :format(last.connections))
  end
  output.finish()
end

return drain
