--- tcp: a bare connection to a server under test.

local sys = require "spec.support.sys"

local Tcp = {}
Tcp.__index = Tcp

local SECONDS = tonumber(os.getenv "SPEC_SECONDS") or 10

---@param port integer
---@param receive_bytes? integer    size of the kernel's receive buffer, for slow readers
function Tcp.connect(port, receive_bytes)
  return setmetatable({ fd = sys.connect(port, receive_bytes), buffer = "" }, Tcp)
end

function Tcp:send(bytes)
  return sys.write(self.fd, bytes, sys.now() + SECONDS)
end

--- Sends what fits without waiting; gives how much that was.
function Tcp:send_now(bytes)
  return sys.write_now(self.fd, bytes)
end

--- Reads more into the buffer; false at the end of the stream.
function Tcp:fill()
  local bytes = sys.read(self.fd, sys.now() + SECONDS)
  if not bytes then return false end
  self.buffer = self.buffer .. bytes
  return true
end

--- Takes exactly `count` bytes; nil when the stream ends before.
function Tcp:take(count)
  while #self.buffer < count do
    if not self:fill() then return nil end
  end
  local bytes = self.buffer:sub(1, count)
  self.buffer = self.buffer:sub(count + 1)
  return bytes
end

--- Takes everything up to and with a plain text; nil when the stream ends before.
function Tcp:take_until(text)
  while true do
    local _, last = self.buffer:find(text, 1, true)
    if last then return self:take(last) end
    if not self:fill() then return nil end
  end
end

--- Everything up to the end of the stream.
function Tcp:take_all()
  while self:fill() do end -- luacheck: ignore
  local bytes = self.buffer
  self.buffer = ""
  return bytes
end

--- Whether the stream has ended; waits for more or the end.
function Tcp:is_ended()
  return #self.buffer == 0 and not self:fill()
end

--- Ends our side; the other may still send.
function Tcp:finish()
  sys.shutdown(self.fd)
end

function Tcp:close()
  if self.fd then sys.close(self.fd) end
  self.fd = nil
end

return Tcp
