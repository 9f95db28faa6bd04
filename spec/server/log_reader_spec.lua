--- The log while nobody reads it: whoever stops a terminal must not stop the rooms.

local Process = require "spec.support.process"
local http = require "spec.support.http"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local LINES = 1000

local APP = [[
local party = require "partylua"
local App = {}
function App:onRequest(request)
  local text = ("x"):rep(1000)
  for i = 1, tonumber(request.query.lines) do party.log.info("line " .. i .. " " .. text) end
  return party.Response "logged"
end
return App
]]

describe("a log that nobody reads", function()
  local process, port
  after_each(function() process:kill() end)

  local function start(has_terminal, format)
    local path, folder = party.write_file("app.lua", APP)
    process = Process.start({ party.program, "serve", path, "--port", "0", "--host", "127.0.0.1",
      "--data", folder .. "/data", "--log-format", format or "text", "--drain-timeout", "100ms" },
      folder, has_terminal)
    port = process:expect "http://127%.0%.0%.1:(%d+)"
  end

  local function log_lines(count)
    local answer = http.request(port, "GET", "/parties/main/lobby?lines=" .. count)
    assert.same({ 200, "logged" }, { answer.status, answer.body })
  end

  --- How many lines have come, which must be in order, and how many the log says were lost.
  local function count_lines()
    local count, last, lost = 0, 0, 0
    process:expect "(lines were lost[^\n]*\n)"
    for line in process.output:gmatch "[^\r\n]+" do
      local number = tonumber(line:match "line (%d+) x")
      if number then
        assert.is_true(number > last)
        count, last = count + 1, number
      end
      lost = lost + (line:match 'lines were lost.*count"?[=:](%d+)' or 0)
    end
    return count, lost
  end

  for _, format in ipairs { "text", "json" } do
    it("holds nobody up, and says how much of it was lost: as " .. format, function()
      start(false, format)
      log_lines(LINES)
      log_lines(0)
      local count, lost = count_lines()
      assert.is_true(count > 64 and lost > 0)
      assert.equal(LINES, count + lost)
    end)
  end

  it("holds nobody up at a terminal that is stopped", function()
    start(true)
    process:press "\19" -- Ctrl-S
    log_lines(LINES)
    process:press "\17" -- Ctrl-Q
    local count, lost = count_lines()
    assert.equal(LINES, count + lost)
  end)

  it("goes on with what was kept once it is read again", function()
    start(false)
    log_lines(150)
    process:expect "(line 150 x)"
    assert.is_nil(process:read_output():find("lost", 1, true))
  end)

  it("does not keep the server from its end", function()
    start(false)
    log_lines(LINES)
    local began = sys.now()
    process:signal(sys.SIGTERM)
    party.eventually("the process has ended", function()
      local file = io.open(("/proc/%d/stat"):format(process.pid))
      local state = file and file:read "*a":match "%) (%a)"
      if file then file:close() end
      return state == nil or state == "Z"
    end)
    assert.is_true(sys.now() - began < 10)
    assert.equal(0, process:wait())
  end)
end)
