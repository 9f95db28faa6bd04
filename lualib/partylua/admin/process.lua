--- process: admin requests about the server as a whole.

local answer = require "partylua.admin.answer"
local json = require "partylua.json"
local native = require "partylua.native"
local served = require("partylua.admin").served

local process = {}

local PROGRESS_MS = 100

-- Health ----------------------------------------------------------------------------------------

function process.healthz(exchange)
  answer.text(exchange, "ok\n", "text/plain;charset=UTF-8")
end

function process.readyz(exchange)
  if native.is_draining() then
    return answer.text(exchange, "draining\n", "text/plain;charset=UTF-8", 503)
  end
  answer.text(exchange, "ready\n", "text/plain;charset=UTF-8")
end

local BUILD = [[
# HELP partylua_build_info The program that runs.
# TYPE partylua_build_info gauge
partylua_build_info{version="%s",luajit="%s"} 1
]]

function process.metrics(exchange)
  local build = BUILD:format(native.version, native.luajit)
  answer.text(exchange, build .. native.metrics() .. (native.app_metrics() or ""),
    "text/plain; version=0.0.4; charset=utf-8")
end

-- What it is ------------------------------------------------------------------------------------

local function resident_bytes()
  local file = io.open "/proc/self/statm"
  if not file then return 0 end
  local pages = file:read "*a":match "^%d+ (%d+)"
  file:close()
  return (tonumber(pages) or 0) * 4096
end

local function pid()
  local file = io.open "/proc/self/stat"
  if not file then return nil end
  local number = file:read "*a":match "^%d+"
  file:close()
  return tonumber(number)
end

function process.info(exchange)
  local totals, settings = native.totals(), served.settings
  answer.send(exchange, {
    version = native.version, luajit = native.luajit, pid = pid(), started = served.started,
    url = served.url, app = settings.main,
    data = settings.persist ~= false and settings.data or nil,
    config = settings.config_file, name = settings.name, parties = json.array(served.parties),
    rooms = totals.rooms, hibernating = totals.hibernating, connections = totals.connections,
    memory = resident_bytes(), draining = native.is_draining(),
  })
end

function process.totals(exchange)
  local totals = native.totals()
  totals.at, totals.lua_bytes = native.now(), native.lua_bytes()
  totals.memory = resident_bytes()
  totals.draining = native.is_draining()
  answer.send(exchange, totals)
end

--- Warnings and errors of the log, newest last.
function process.faults(exchange)
  local faults = json.array {}
  for _, line in ipairs(native.recent_faults()) do
    local fault, message = json.tryDecode(line)
    if not message then faults[#faults + 1] = fault end
  end
  answer.send(exchange, { faults = faults })
end

-- What is to be done with it --------------------------------------------------------------------

function process.reload(exchange)
  if not served.reload then answer.fail(501, "this server cannot load its app anew") end
  local ok, result, message = pcall(served.reload)
  if ok and result ~= nil and result ~= false then return answer.send(exchange, { ok = true }) end
  local why = ok and message or result
  if type(why) == "table" and why.message then
    why = why.hint and ("%s\n  hint: %s"):format(why.message, why.hint) or why.message
  end
  answer.send(exchange, { ok = false, error = tostring(why or "the app could not be loaded") }, 500)
end

local function timeout_of(query)
  if not query.timeout then return nil end
  local seconds = tonumber(query.timeout)
  if not (seconds and seconds >= 0 and seconds <= 3600) then -- "nan" is a number, too
    answer.fail(400, "timeout is a number of seconds from 0 to 3600")
  end
  return seconds * 1000
end

--- Drains the server, and says how far that is until it ends.
function process.drain(exchange)
  local timeout_ms = timeout_of(answer.query(exchange))
  exchange:begin(200, "", { "content-type", "application/x-ndjson" })
  local deadline = native.now() + (timeout_ms or served.settings.drain_timeout_ms)
  if timeout_ms then native.drain(timeout_ms) else native.drain() end
  while not exchange:is_gone() do
    exchange:write(json.encode {
      connections = native.totals().connections, left_ms = math.max(0, deadline - native.now()),
    } .. "\n")
    native.sleep(PROGRESS_MS)
  end
end

function process.stop(exchange)
  answer.send(exchange, { ok = true })
  native.end_now()
end

return process
