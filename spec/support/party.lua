--- party: `party.serve "app.lua"` starts the built program on a free port and talks to it.

local Process = require "spec.support.process"
local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local sys = require "spec.support.sys"

local party = {}

--- The program under test.
party.program = os.getenv "PARTYLUA" or "build/debug/partylua"

local Server = {}
Server.__index = Server

local files = 0

--- Writes a file that lives as long as the test run; gives its path.
function party.write_file(name, text)
  files = files + 1
  local folder = ("%s/partylua-spec-%d-%d"):format(os.getenv "TMPDIR" or "/tmp", party.pid(), files)
  assert(os.execute(("mkdir -p %q"):format(folder)) == 0)
  local path = folder .. "/" .. name
  assert(os.execute(("mkdir -p %q"):format(path:match "^(.*)/")) == 0)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path, folder
end

local ffi = require "ffi"
ffi.cdef "int getpid(void);"

function party.pid()
  return ffi.C.getpid()
end

--- Serves an app: a path, or the app's source itself when it has more than one line.
---@param app string
---@param arguments? string[]    further ones of `partylua serve`
---@param folder? string    working directory
function party.serve(app, arguments, folder)
  local path = app:find "\n" and party.write_file("app.lua", app) or app
  local argv = { party.program, "serve", path, "--port", "0", "--host", "127.0.0.1",
    "--log-format", "text" }
  for _, argument in ipairs(arguments or {}) do argv[#argv + 1] = argument end
  local process = Process.start(argv, folder)
  local port = process:expect "url=%S-:(%d+)"
  return setmetatable({ process = process, port = tonumber(port) }, Server)
end

function Server:request(method, path, options)
  return http.request(self.port, method, path, options)
end

function Server:get(path, headers)
  return http.request(self.port, "GET", path, { headers = headers })
end

function Server:connect(path, options)
  return WebSocket.connect(self.port, path, options)
end

--- The log so far.
function Server:log()
  return self.process:read_output()
end

--- Waits until the log matches; gives the captures.
function Server:expect_log(pattern)
  return self.process:expect(pattern)
end

--- Resident memory in bytes.
function Server:memory()
  local file = assert(io.open(("/proc/%d/statm"):format(self.process.pid)))
  local _, pages = file:read "*a":match "^(%d+) (%d+)"
  file:close()
  return tonumber(pages) * 4096
end

--- Stops it as an operator would, and fails when it does not end well.
function Server:stop()
  if self.process.code then return end
  self.process:signal(sys.SIGTERM)
  local code = self.process:wait()
  assert(code == 0, ("the server ended with code %d:\n%s"):format(code, self.process.output))
end

return party
