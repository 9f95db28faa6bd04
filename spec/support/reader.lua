--- reader: somebody who follows a page: has partylua among the commands, and an empty folder.
---
--- Servers listen on a free port, which takes the place of 1999 in what is typed later.

local Process = require "spec.support.process"
local WebSocket = require "spec.support.websocket"
local assert = require "luassert"
local party = require "spec.support.party"
local sys = require "spec.support.sys"

local Reader = {}
Reader.__index = Reader

function Reader.new()
  local _, bin = party.write_file("partylua", ('#!/bin/sh\nexec %q "$@"\n'):format(party.program))
  assert(os.execute(("chmod +x %q/partylua"):format(bin)) == 0)
  return setmetatable({ bin = bin, folder = party.make_folder(), sockets = {}, serves = 0 }, Reader)
end

--- Ctrl-C.
function Reader:stop()
  for _, socket in ipairs(self.sockets) do socket:drop() end
  self.sockets = {}
  if not self.serving then return end
  self.serving:signal(sys.SIGINT)
  assert.equal(0, self.serving:wait(), self.serving.output)
  assert.is_nil(self.serving.output:match "[^\n]* error [^\n]*")
  self.serving = nil
end

--- Runs a line that serves, and then does what `visit` does in a browser. What that returns is
--- run after the next command.
---@param line string
---@param visit? fun(open: fun(target: string): table, port: integer): function?
function Reader:serve(line, visit)
  self:stop()
  local argv = { party.program }
  for word in line:gmatch "%S+" do argv[#argv + 1] = word end
  table.remove(argv, 2) -- the name of the program
  for _, word in ipairs { "--port", "0", "--log-format", "text" } do argv[#argv + 1] = word end
  self.serving = Process.start(argv, self.folder)
  self.port = tonumber((self.serving:expect "url=%S-:(%d+)"))
  if not visit then return end
  self.after_command = visit(function(target)
    local socket = WebSocket.connect(self.port, target)
    assert.equal(101, socket.answer.status)
    table.insert(self.sockets, socket)
    return socket
  end, self.port)
end

--- Runs a line to its end, and fails when that fails, or does not though it says so.
function Reader:run(line, place)
  local is_to_fail = line:find "# fails$" ~= nil
  local command = line:gsub("127%.0%.0%.1:1999", "127.0.0.1:" .. tostring(self.port))
  local script = ('PATH="%s:$PATH"\ncurl() { command curl --silent --show-error --fail "$@"; }\n%s')
    :format(self.bin, command)
  local code, output = Process.run({ "sh", "-eu", "-c", script }, self.folder)
  assert.equal(is_to_fail, code ~= 0, ("%s: %s\n%s"):format(place, line, output))
  if self.after_command then self.after_command() end
  self.after_command = nil
  return output
end

--- Types the lines of a block, one after another.
---@param block spec.Block
---@param visits function[]    one for each line that serves
function Reader:type(block, visits)
  self.output = ""
  for line in block.text:gmatch "[^\n]+" do
    if line:find "^partylua serve" then
      self.serves = self.serves + 1
      self:serve(line, assert(visits[self.serves], block.place .. ": nobody visits"))
    else
      if line:find "^partylua restore %-%-force" then self:stop() end -- which the text has said
      self.output = self.output .. self:run(line, block.place)
    end
  end
end

--- What was printed has the lines of this block, in this order; `…` is anything.
function Reader:compare(block)
  local at = 1
  for line in block.text:gmatch "[^\n]+" do
    for piece in (line .. "…"):gmatch "(.-)…" do
      local _, last = self.output:find(piece, at, true)
      assert.truthy(last, ("%s: no %q in\n%s"):format(block.place, piece, self.output))
      at = last + 1
    end
  end
end

return Reader
