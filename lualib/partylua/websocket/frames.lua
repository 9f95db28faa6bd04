--- frames: what a WebSocket's server sends, as messages (RFC 6455 5): a state machine, no sockets.

local class = require "partylua.class"
local native = require "partylua.native"

local byte, concat, sub = string.byte, table.concat, string.sub

local CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
local CONTROL_BYTES_MAX = 125
local NO_STATUS = 1005 -- of a close frame that carries nothing

---@class partylua.websocket.Frames
---@field private bytes string    what has been joined
---@field private at integer    the first byte of it that is not used yet
---@field private pieces string[]    what has come since
---@field private have integer    bytes that are not used yet
---@field private need integer    before there is anything to do
---@field private kind? integer    of the fragmented message under way
---@field private parts string[]    of it
---@field private part_bytes integer
---@field private message_bytes_max integer
local Frames = class()

---@param message_bytes_max integer
function Frames:init(message_bytes_max)
  self.bytes, self.at, self.pieces, self.have, self.need = "", 1, {}, 0, 2
  self.parts, self.part_bytes = {}, 0
  self.message_bytes_max = message_bytes_max
end

---@param bytes string
function Frames:feed(bytes)
  self.pieces[#self.pieces + 1] = bytes
  self.have = self.have + #bytes
end

--- Joins what has come. Once for all frames that are in it: many small ones cost what their bytes
--- cost.
local function gather(self)
  if #self.pieces == 0 then return end
  self.bytes = sub(self.bytes, self.at) .. concat(self.pieces)
  self.at, self.pieces = 1, {}
end

local function bad(code, why)
  return "bad", code, why
end

--- Length of the payload and of the header; nil and how many bytes are needed to know them.
local function read_length(self)
  local bytes, at = self.bytes, self.at
  local short = byte(bytes, at + 1) % 128
  if short < 126 then return short, 2 end
  local count = short == 126 and 2 or 8
  if self.have < 2 + count then return nil, 2 + count end
  local length = 0
  for i = at + 2, at + 1 + count do length = length * 256 + byte(bytes, i) end
  return length, 2 + count
end

--- What is wrong with a header (RFC 6455 5.2): the close code and why.
local function check_header(self, first, second, length)
  local opcode, is_final = first % 16, first >= 128
  if first % 128 >= 16 then return 1002, "reserved bits are set" end
  if second >= 128 then return 1002, "a server must not mask" end
  if opcode >= CLOSE then
    if opcode > PONG then return 1002, "unknown opcode" end
    if not is_final or length > CONTROL_BYTES_MAX then return 1002, "broken control frame" end
  else
    if opcode > BINARY then return 1002, "unknown opcode" end
    if (opcode == CONTINUATION) ~= (self.kind ~= nil) then return 1002, "fragments out of order" end
    if self.part_bytes + length > self.message_bytes_max then
      return 1009, "message is too long"
    end
  end
end

local function read_close(payload)
  if #payload == 0 then return "close", NO_STATUS, "" end
  local code = #payload > 1 and byte(payload, 1) * 256 + byte(payload, 2) or 0
  local reason = sub(payload, 3)
  if not native.ws_is_code(code) then return bad(1002, "bad close code") end
  if not native.utf8_valid(reason) then return bad(1007, "text is not UTF-8") end
  return "close", code, reason
end

local function read_data(self, opcode, is_final, payload)
  if opcode ~= CONTINUATION then self.kind = opcode end
  -- Nothing is not kept: there may be any number of empty fragments.
  if payload ~= "" then self.parts[#self.parts + 1] = payload end
  self.part_bytes = self.part_bytes + #payload
  if not is_final then return "more" end
  local kind, message = self.kind, concat(self.parts)
  self.kind, self.parts, self.part_bytes = nil, {}, 0
  if kind == TEXT and not native.utf8_valid(message) then
    return bad(1007, "text is not UTF-8")
  end
  return "message", message, kind == BINARY
end

--- One whole frame: its first byte and payload; nil when more bytes are needed.
local function take_frame(self)
  if self.have < self.need then return nil end
  gather(self)
  local bytes, at = self.bytes, self.at
  local first, second = byte(bytes, at, at + 1)
  local length, header_bytes = read_length(self)
  if length then
    local code, why = check_header(self, first, second, length)
    if code then return "bad", code, why end
  end
  self.need = length and header_bytes + length or header_bytes
  if not length or self.have < self.need then return nil end
  local payload = sub(bytes, at + header_bytes, at + self.need - 1)
  self.at, self.have, self.need = at + self.need, self.have - self.need, 2
  return first, payload
end

--- The next thing that has come whole: "message", data, is_binary; "ping", data; "pong", data;
--- "close", code, reason; or "bad", code, why, after which nothing follows. Nil when more bytes are
--- needed.
---@return "message"|"ping"|"pong"|"close"|"bad"|nil kind
---@return string|integer|nil data
---@return boolean|string|nil extra
function Frames:next()
  while true do
    local first, payload, why = take_frame(self)
    if not first then return nil end
    if first == "bad" then return first, payload, why end
    local opcode = first % 16
    if opcode == PING then return "ping", payload end
    if opcode == PONG then return "pong", payload end
    if opcode == CLOSE then return read_close(payload) end
    local kind, data, extra = read_data(self, opcode, first >= 128, payload)
    if kind ~= "more" then return kind, data, extra end
  end
end

--- What a close frame carries.
---@param code? integer    1005, as nil, is none
---@param reason? string
---@return string
function Frames.close_payload(code, reason)
  if not code or code == NO_STATUS then return "" end
  return string.char(math.floor(code / 256), code % 256) .. (reason or "")
end

Frames.TEXT, Frames.BINARY, Frames.CLOSE = TEXT, BINARY, CLOSE
Frames.PING, Frames.PONG = PING, PONG

return Frames
