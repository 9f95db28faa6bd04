--- websocket: a client of a server under test, frame by frame (RFC 6455).

local Tcp = require "spec.support.tcp"
local http = require "spec.support.http"
local json = require "partylua.json"

local bit = require "bit"

local WebSocket = {}
WebSocket.__index = WebSocket

local KEY = "dGhlIHNhbXBsZSBub25jZQ=="
local MASK = { 0x11, 0xa2, 0x53, 0xe4 }

local TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

--- The lines of a handshake, each replaceable by options.headers.
local function handshake_lines(options)
  local lines = {
    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: " .. KEY,
  }
  for _, line in ipairs(options.headers or {}) do lines[#lines + 1] = line end
  return lines
end

--- Sends a handshake and whatever `options.early` holds, without waiting for the answer.
function WebSocket.begin(port, path, options)
  options = options or {}
  local tcp = Tcp.connect(port, options.receive_bytes)
  local head = http.format("GET", path, { headers = handshake_lines(options) })
  tcp:send(head .. (options.early or ""))
  return setmetatable({ tcp = tcp }, WebSocket)
end

--- Waits for the answer to a handshake.
function WebSocket:finish_handshake()
  self.answer = http.read(self.tcp)
  return self.answer
end

--- Opens a WebSocket; `socket.answer` is the server's HTTP answer, also when it is a refusal.
function WebSocket.connect(port, path, options)
  local self = WebSocket.begin(port, path, options)
  self:finish_handshake()
  return self
end

local function mask(bytes)
  local out = {}
  for i = 1, #bytes do
    out[i] = string.char(bit.bxor(bytes:byte(i), MASK[(i - 1) % 4 + 1]))
  end
  return table.concat(out)
end

--- A frame as a client sends it. options: fin (true), rsv (0), masked (true), length (declared)
function WebSocket.frame(opcode, data, options)
  options = options or {}
  local first = (options.fin == false and 0 or 128) + (options.rsv or 0) * 16 + opcode
  local masked = options.masked ~= false
  local len = options.length or #data
  local head
  if len < 126 then
    head = string.char(first, (masked and 128 or 0) + len)
  elseif len < 65536 then
    head = string.char(first, (masked and 128 or 0) + 126, math.floor(len / 256), len % 256)
  else
    head = string.char(first, (masked and 128 or 0) + 127, 0, 0, 0, 0,
      math.floor(len / 2 ^ 24) % 256, math.floor(len / 2 ^ 16) % 256, math.floor(len / 256) % 256,
      len % 256)
  end
  if not masked then return head .. data end
  return head .. string.char(unpack(MASK)) .. mask(data)
end

function WebSocket:send_frame(opcode, data, options)
  return self.tcp:send(WebSocket.frame(opcode, data or "", options))
end

function WebSocket:send(text)
  return self:send_frame(TEXT, text)
end

function WebSocket:send_binary(bytes)
  return self:send_frame(BINARY, bytes)
end

function WebSocket:ping(data)
  return self:send_frame(PING, data or "")
end

--- The next frame: opcode, data, final; nil at the end of the stream.
function WebSocket:receive_frame()
  local head = self.tcp:take(2)
  if not head then return nil end
  local first, second = head:byte(1, 2)
  assert(second < 128, "a server must not mask")
  local len = second
  if len == 126 then
    local a, b = self.tcp:take(2):byte(1, 2)
    len = a * 256 + b
  elseif len == 127 then
    local bytes = { self.tcp:take(8):byte(1, 8) }
    len = 0
    for _, byte in ipairs(bytes) do len = len * 256 + byte end
  end
  return first % 16, self.tcp:take(len), first >= 128
end

--- The next message; nil once the server closes, with code and reason in `socket.closed`. Pings
--- are answered on the way.
---@return string? data
---@return boolean? is_binary
function WebSocket:receive()
  while true do
    local opcode, data = self:receive_frame()
    if not opcode then
      self.closed = self.closed or { code = 1006, reason = "" }
      return nil
    elseif opcode == CLOSE then
      local code = #data >= 2 and data:byte(1) * 256 + data:byte(2) or 1005
      self.closed = { code = code, reason = data:sub(3) }
      return nil
    elseif opcode == PING then
      self:send_frame(PONG, data)
    elseif opcode ~= PONG then
      return data, opcode == BINARY
    end
  end
end

--- Sends a value as JSON.
function WebSocket:send_json(value)
  return self:send(json.encode(value))
end

--- The next message, read as JSON.
function WebSocket:receive_json()
  return json.decode((self:receive()))
end

--- The next message that is a JSON object with this `type`; those of other types are passed over.
--- It raises when the server closes instead.
---@param kind string
---@return table
function WebSocket:receive_type(kind)
  while true do
    local data = self:receive()
    if not data then
      error(("no %s came: closed with %d %s"):format(kind, self.closed.code, self.closed.reason), 2)
    end
    local ok, message = pcall(json.decode, data)
    if ok and type(message) == "table" and message.type == kind then return message end
  end
end

--- Starts the closing handshake.
function WebSocket:close(code, reason)
  local body = ""
  if code then
    body = string.char(math.floor(code / 256), code % 256) .. (reason or "")
  end
  return self:send_frame(CLOSE, body)
end

--- Waits for the server's close frame and the end of the stream; gives code and reason.
function WebSocket:wait_closed()
  while not self.closed do self:receive() end
  return self.closed.code, self.closed.reason
end

--- The network is gone.
function WebSocket:drop()
  self.tcp:close()
end

return WebSocket
