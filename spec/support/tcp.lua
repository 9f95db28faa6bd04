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

--- Reads until the buffer has `count` bytes; false when the stream ends before. Pieces are put
--- together once: small ones of a large body would be copied over and over.
local function fill_to(self, count)
  local pieces, have = { self.buffer }, #self.buffer
  local is_whole = true
  while is_whole and have < count do
    local bytes = sys.read(self.fd, sys.now() + SECONDS)
    is_whole = bytes ~= nil
    pieces[#pieces + 1] = bytes
    have = have + #(bytes or "")
  end
  self.buffer = table.concat(pieces)
  return is_whole
end

--- Takes exactly `count` bytes; nil when the stream ends before.
function Tcp:take(count)
  if #self.buffer < count and not fill_to(self, count) then return nil end
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
  fill_to(self, math.huge)
  local bytes = self.buffer
  self.buffer = ""
  return bytes
end

--- Whether nothing more is there to be read at the moment.
function Tcp:is_silent()
  local bytes = sys.read_now(self.fd)
  self.buffer = self.buffer .. (bytes or "")
  return bytes ~= nil and self.buffer == ""
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
