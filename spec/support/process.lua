--- process: a program under test, with its output as lines.

local sys = require "spec.support.sys"

local Process = {}
Process.__index = Process

local SECONDS = tonumber(os.getenv "SPEC_SECONDS") or 10

---@param argv string[]
---@param folder? string
---@param has_terminal? boolean    it runs at a terminal, where keys can be pressed
---@param given? integer[]    descriptors that it has as 3, 4, and so on
function Process.start(argv, folder, has_terminal, given)
  local spawn = has_terminal and sys.spawn_terminal or sys.spawn
  local pid, pipe = spawn(argv, folder, given)
  local self = setmetatable({ pid = pid, pipe = pipe, output = "" }, Process)
  self.keeper = newproxy(true) -- what a failed spec has left running ends with the specs
  getmetatable(self.keeper).__gc = function()
    if not self.code then sys.kill(pid, sys.SIGKILL) end
  end
  return self
end

--- Reads more output; false at its end.
local function read_more(self, deadline)
  local bytes = sys.read(self.pipe, deadline)
  if not bytes then return false end
  self.output = self.output .. bytes
  return true
end

--- Waits until the output matches a Lua pattern; gives its captures.
---@param seconds? number    for what takes longer than programs do to answer
function Process:expect(pattern, seconds)
  local deadline = sys.now() + (seconds or SECONDS)
  while true do
    local found = { self.output:match(pattern) }
    if found[1] then return unpack(found) end
    local ok, more = pcall(read_more, self, deadline)
    if not ok or not more then
      error(("the program never printed %q; it printed:\n%s"):format(pattern, self.output), 2)
    end
  end
end

--- What it has printed so far.
function Process:read_output()
  while true do
    local bytes = sys.read_now(self.pipe)
    if not bytes or bytes == "" then return self.output end
    self.output = self.output .. bytes
  end
end

--- Presses keys at its terminal.
function Process:press(keys)
  sys.write(self.pipe, keys, sys.now() + SECONDS)
end

function Process:signal(signal)
  sys.kill(self.pid, signal)
end

--- Waits for its end; gives its exit code.
function Process:wait()
  if self.code then return self.code end
  local deadline = sys.now() + SECONDS
  local ok = pcall(function()
    while read_more(self, deadline) do end -- luacheck: ignore
  end)
  if not ok then
    sys.kill(self.pid, sys.SIGKILL)
    sys.wait(self.pid)
    error("the program did not end in time; it printed:\n" .. self.output, 2)
  end
  sys.close(self.pipe)
  self.code = sys.wait(self.pid)
  return self.code
end

--- Ends it, the hard way.
function Process:kill()
  if self.code then return end
  sys.kill(self.pid, sys.SIGKILL)
  self:wait()
end

--- Runs a program to its end.
---@return integer code
---@return string output
function Process.run(argv, folder)
  local process = Process.start(argv, folder)
  return process:wait(), process.output
end

return Process
