--- party: `party.serve "app.lua"` starts the built program on a free port and talks to it.

local Process = require "spec.support.process"
local Tcp = require "spec.support.tcp"
local WebSocket = require "spec.support.websocket"
local http = require "spec.support.http"
local sys = require "spec.support.sys"

local party = {}

local SECONDS = tonumber(os.getenv "SPEC_SECONDS") or 10

--- The program under test, as a path that is right in any folder.
party.program = os.getenv "PARTYLUA" or sys.folder() .. "/build/debug/partylua"

local Server = {}
Server.__index = Server

local folders = {}

--- A folder that lives as long as the specs of the file at hand.
function party.make_folder()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute(("mkdir -p %q"):format(folder)) == 0)
  folders[#folders + 1] = folder
  return folder
end

local sweeper = newproxy(true)
getmetatable(sweeper).__gc = function()
  for _, folder in ipairs(folders) do os.execute(("rm -rf %q"):format(folder)) end
end
party.sweeper = sweeper

--- Writes a file into a folder, or into one of its own; gives its path and the folder.
---@param name string    below the folder
---@param text string
---@param folder? string
function party.write_file(name, text, folder)
  folder = folder or party.make_folder()
  local path = folder .. "/" .. name
  assert(os.execute(("mkdir -p %q"):format(path:match "^(.*)/")) == 0)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path, folder
end

--- Serves an app: a path, or the app's source itself when it has more than one line. What it
--- stores goes to a folder of its own, unless `--data` is among the arguments, or `own_data` says
--- that the app's own is meant.
---@param app string
---@param arguments? string[]    further ones of `partylua serve`
---@param folder? string    working directory
---@param wrapper? string[]    a program that starts it, with its own arguments
function party.serve(app, arguments, folder, wrapper)
  local path = app:find "\n" and party.write_file("app.lua", app) or app
  local argv = {}
  for _, word in ipairs(wrapper or {}) do argv[#argv + 1] = word end
  for _, word in ipairs { party.program, "serve", path, "--port", "0", "--host", "127.0.0.1",
    "--log-format", "text" } do
    argv[#argv + 1] = word
  end
  local has_data = arguments and arguments.own_data
  for _, argument in ipairs(arguments or {}) do
    argv[#argv + 1] = argument
    has_data = has_data or argument == "--data"
  end
  if not has_data then
    argv[#argv + 1] = "--data"
    argv[#argv + 1] = party.make_folder() .. "/data"
  end
  local process = Process.start(argv, folder)
  local port = process:expect "url=%S-:(%d+)"
  return setmetatable({ process = process, port = tonumber(port), opened = {} }, Server)
end

--- Serves what the configuration of a folder names, as its author would.
---@param folder string
function party.serve_project(folder)
  local process = Process.start({ party.program, "serve", "--port", "0", "--log-format", "text" },
    folder)
  local port = process:expect "url=%S-:(%d+)"
  return setmetatable({ process = process, port = tonumber(port), opened = {} }, Server)
end

--- Seconds on a clock that only goes forward.
party.now = sys.now

--- Asks again and again until the answer is true; gives it. Fails when it never is.
---@param what string    what is waited for, for the failure
---@param ask fun(): any
function party.eventually(what, ask)
  local deadline = sys.now() + SECONDS
  while true do
    local answer = ask()
    if answer then return answer end
    if sys.now() > deadline then error("it never came true that " .. what, 2) end
    sys.pause()
  end
end

function Server:request(method, path, options)
  return http.request(self.port, method, path, options)
end

function Server:get(path, headers)
  return http.request(self.port, "GET", path, { headers = headers })
end

function Server:connect(path, options)
  local socket = WebSocket.connect(self.port, path, options)
  self.opened[#self.opened + 1] = socket
  return socket
end

--- A bare connection.
---@param receive_bytes? integer
function Server:tcp(receive_bytes)
  local tcp = Tcp.connect(self.port, receive_bytes)
  self.opened[#self.opened + 1] = tcp
  return tcp
end

--- The network between us is gone.
function Server:drop_all()
  for _, each in ipairs(self.opened) do
    if each.tcp then each:drop() else each:close() end
  end
  self.opened = {}
end

--- The log so far.
function Server:log()
  return self.process:read_output()
end

--- Waits until the log matches; gives the captures.
function Server:expect_log(pattern)
  return self.process:expect(pattern)
end

--- Resident memory in bytes. Sanitizers keep what was freed, so with them it is always the same
--- here: the specs run, and leave the measuring to other builds.
function Server:memory()
  if party.program:find "/stress/" then return 0 end
  local file = assert(io.open(("/proc/%d/statm"):format(self.process.pid)))
  local _, pages = file:read "*a":match "^(%d+) (%d+)"
  file:close()
  return tonumber(pages) * 4096
end

--- How many files and sockets it has open.
function Server:descriptor_count()
  local pipe = assert(io.popen(("ls /proc/%d/fd"):format(self.process.pid)))
  local _, count = pipe:read "*a":gsub("\n", "")
  pipe:close()
  return count
end

--- Stops it as an operator would, and fails when it does not end well. Sockets that a spec has
--- left open are dropped first: no drain should wait for them.
function Server:stop()
  if self.process.code then return end
  self:drop_all()
  self.process:signal(sys.SIGTERM)
  local code = self.process:wait()
  assert(code == 0, ("the server ended with code %d:\n%s"):format(code, self.process.output))
end

return party
