--- wire_ws: WebSocket frames as a client writes and reads them (RFC 6455 5.2).

local bit = require "bit"

local frames = {}

local OPCODES = { text = 1, binary = 2, close = 8, ping = 9, pong = 10 }
local KINDS = {}
for kind, opcode in pairs(OPCODES) do KINDS[opcode] = kind end

local NO_STATUS = 1005

local function length_bytes(length)
  if length < 126 then return string.char(0x80 + length) end
  if length < 65536 then
    return string.char(0x80 + 126, math.floor(length / 256), length % 256)
  end
  local bytes = {}
  for i = 8, 1, -1 do
    bytes[i] = string.char(length % 256)
    length = math.floor(length / 256)
  end
  return string.char(0x80 + 127) .. table.concat(bytes)
end

--- A frame of a client. Its mask is zero, which a server may not care about.
---@param kind "text"|"binary"|"close"|"ping"|"pong"
---@param payload string
---@return string
function frames.encode(kind, payload)
  return string.char(0x80 + OPCODES[kind]) .. length_bytes(#payload) .. "\0\0\0\0" .. payload
end

local function read_length(bytes)
  local length = bit.band(bytes:byte(2), 0x7f)
  if length < 126 then return length, 3 end
  local count = length == 126 and 2 or 8
  if #bytes < 2 + count then return nil end
  length = 0
  for i = 3, 2 + count do length = length * 256 + bytes:byte(i) end
  return length, 3 + count
end

--- The first frame of what a server has sent; nil when it has not come as a whole.
---@param bytes string
---@return string? kind
---@return string payload
---@return string rest
function frames.decode(bytes)
  if #bytes < 2 then return nil, "", bytes end
  local length, first = read_length(bytes)
  if not length or #bytes < first + length - 1 then return nil, "", bytes end
  local kind = KINDS[bit.band(bytes:byte(1), 0x0f)]
  return kind, bytes:sub(first, first + length - 1), bytes:sub(first + length)
end

---@param payload string    of a close frame
---@return integer code
---@return string reason
function frames.read_close(payload)
  if #payload < 2 then return NO_STATUS, "" end
  local high, low = payload:byte(1, 2)
  return high * 256 + low, payload:sub(3)
end

---@param code integer    1005 for none
---@param reason string
---@return string
function frames.close_payload(code, reason)
  if code == NO_STATUS then return "" end
  return string.char(math.floor(code / 256), code % 256) .. reason
end

return frames
