--- websocket: the client's side of a WebSocket (RFC 6455), for a command that waits at it.

local base64 = require "partylua.base64"
local bit = require "bit"
local failure = require "partylua.config.failure"
local http = require "partylua.cli.http"
local native = require "partylua.native"

local bxor, byte, char = bit.bxor, string.byte, string.char

local websocket = {}

local MESSAGE_BYTES_MAX = 256 * 1024 * 1024
local MASK_PIECE = 4096
local TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

---@class partylua.cli.WebSocket
---@field line partylua.native.Wire
local WebSocket = {}
WebSocket.__index = WebSocket

--- Opens a WebSocket on a connection.
---@param line partylua.native.Wire
---@param found partylua.cli.Target
---@param headers string[]    lines
---@return partylua.cli.WebSocket
function websocket.open(line, found, headers)
  local lines = {
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: " .. base64.encode(native.random_bytes(16)), unpack(headers),
  }
  local answer = http.send(line, { path = found.path, host = found.authority, headers = lines })
  if answer.status ~= 101 then
    local text = answer:text(65536)
    failure.raise(("the server refuses the connection: %d %s"):format(answer.status,
      text ~= "" and text or answer.reason))
  end
  return setmetatable({ line = line, rest = answer:take_rest(), pieces = {} }, WebSocket)
end

local function masked(bytes)
  local key = { byte(native.random_bytes(4), 1, 4) }
  local pieces = { char(unpack(key)) }
  for from = 1, #bytes, MASK_PIECE do
    local codes = { byte(bytes, from, from + MASK_PIECE - 1) }
    for i = 1, #codes do codes[i] = bxor(codes[i], key[(from + i - 2) % 4 + 1]) end
    pieces[#pieces + 1] = char(unpack(codes))
  end
  return table.concat(pieces)
end

local function length_of(size)
  if size < 126 then return char(128 + size) end
  if size < 65536 then return char(128 + 126, math.floor(size / 256), size % 256) end
  local digits = {}
  for i = 8, 1, -1 do
    digits[i] = char(size % 256)
    size = math.floor(size / 256)
  end
  return char(128 + 127) .. table.concat(digits)
end

local function send(self, opcode, bytes)
  local ok, message = self.line:write(char(128 + opcode) .. length_of(#bytes) .. masked(bytes),
    http.WITHIN_MS)
  if not ok then failure.raise("the connection is lost: " .. message) end
end

---@param text string
function WebSocket:send(text)
  send(self, TEXT, text)
end

--- Starts the closing handshake.
---@param code integer
function WebSocket:close(code)
  if self.has_sent_close then return end
  self.has_sent_close = true
  send(self, CLOSE, char(math.floor(code / 256), code % 256))
end

--- The parts of the frame that `rest` begins with, and where it ends; nil while it is not whole.
local function read_frame(rest)
  local first, second = byte(rest, 1, 2)
  if not second then return nil end
  local size, at = second % 128, 3
  local more = size == 126 and 2 or size == 127 and 8 or 0
  if #rest < 2 + more then return nil end
  if more > 0 then
    size, at = 0, 3 + more
    for i = 3, 2 + more do size = size * 256 + byte(rest, i) end
  end
  if size > MESSAGE_BYTES_MAX then failure.raise "the server sends a message that is too large" end
  if #rest - at + 1 < size then return nil end
  return first, rest:sub(at, at + size - 1), at + size
end

local function take_control(self, opcode, payload)
  if opcode == PING then
    send(self, PONG, payload)
  elseif opcode == CLOSE then
    local high, low = byte(payload, 1, 2)
    self.code, self.reason = low and high * 256 + low or 1005, payload:sub(3)
    if not self.has_sent_close then self:close(low and self.code or 1000) end
    self.is_over = true
  end
end

--- Takes bytes that came; gives the messages in them, each { data, is_binary }.
---@param bytes string
---@return { data: string, is_binary: boolean }[]
function WebSocket:take(bytes)
  local messages = {}
  self.rest = self.rest .. bytes
  while not self.is_over do
    local first, payload, after = read_frame(self.rest)
    if not first then break end
    self.rest = self.rest:sub(after)
    local opcode = first % 16
    if opcode >= 8 then
      take_control(self, opcode, payload)
    else
      if opcode ~= 0 then self.is_binary = opcode == BINARY end
      self.pieces[#self.pieces + 1] = payload
      if first >= 128 then
        messages[#messages + 1] = {
          data = table.concat(self.pieces), is_binary = self.is_binary or false,
        }
        self.pieces = {}
      end
    end
  end
  return messages
end

return websocket
