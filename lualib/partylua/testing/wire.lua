--- Wire: one socket of a client, with the methods of a line in memory: HTTP first, perhaps a
--- WebSocket then.

local answer_reader = require "partylua.testing.wire_http"
local Frames = require "partylua.websocket.frames"
local native = require "partylua.native"

---@class partylua.testing.Wire
---@field dial? partylua.native.Dial    nil when it has hung up
---@field private parts partylua.testing.RequestParts
---@field private out string    not taken by the system yet
---@field private into string    read and not understood yet
---@field private frames partylua.websocket.Frames
---@field private http table    the answer as far as it has come
---@field private events table[]    for the client
local Wire = {}
Wire.__index = Wire

-- A server may not care what the mask is; one by chance would take from the numbers of the rooms.
local MASK = "\0\0\0\0"
local MESSAGE_BYTES_MAX = 1024 ^ 3 -- more than a server may be told to take

local function write(self, bytes)
  self.out = self.out .. bytes
end

local function write_frame(self, opcode, payload)
  write(self, native.ws_frame(opcode, payload, MASK))
end

local function request_text(parts)
  local lines = { ("%s %s HTTP/1.1"):format(parts.method, parts.target) }
  for i = 1, #parts.headers, 2 do
    lines[#lines + 1] = ("%s: %s"):format(parts.headers[i], parts.headers[i + 1])
  end
  if not parts.is_websocket then lines[#lines + 1] = "connection: close" end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (parts.body or "")
end

---@param dial partylua.native.Dial
---@param parts partylua.testing.RequestParts
---@return partylua.testing.Wire
function Wire.new(dial, parts)
  local self = setmetatable({
    dial = dial, parts = parts, out = "", into = "", events = {}, pongs = 0,
    http = answer_reader.new(parts.method), frames = Frames(MESSAGE_BYTES_MAX),
  }, Wire)
  write(self, request_text(parts))
  return self
end

-- For the transport -----------------------------------------------------------------------------

function Wire:hang_up()
  if self.dial then self.dial:close() end
  self.dial = nil
end

local function end_with(self, code, reason, was_clean)
  if self.is_closed then return end
  self.is_closed = true
  self.events[#self.events + 1] = { "close", code, reason, was_clean }
end

local on = {}

function on.message(self, payload, is_binary)
  self.events[#self.events + 1] = { "message", payload, is_binary }
end

function on.ping(self, payload)
  write_frame(self, Frames.PONG, payload)
end

function on.pong(self, payload)
  self.pongs = tonumber(payload)
end

--- A close frame is answered, unless it is the answer to ours.
function on.close(self, code, reason)
  end_with(self, code, reason, true)
  if not self.has_closed then
    write_frame(self, Frames.CLOSE, Frames.close_payload(code, reason))
  end
  self.has_closed = true
end

function on.bad(_, _, why) error("the server sent a broken frame: " .. why, 0) end

--- Takes what is understood out of what was read.
local function digest(self)
  if not self.is_open then
    self.into = self.http:feed(self.into)
    self.is_open = self.http.status == 101
  end
  if not self.is_open then return end
  self.frames:feed(self.into)
  self.into = ""
  for kind, data, extra in self.frames.next, self.frames do on[kind](self, data, extra) end
end

local function on_end(self)
  if self.is_open then end_with(self, 1006, "", false) else self.http:finish() end
  self:hang_up()
end

local function flush(self)
  while self.out ~= "" do
    local taken = self.dial:write(self.out)
    self.out = self.out:sub(taken + 1)
    if taken == 0 then return end
  end
end

--- Writes and reads what can be; gives whether anything but an answer to a ping has come.
---@return boolean
function Wire:pump()
  if not self.dial then return false end
  local heard, count = false, #self.events
  flush(self)
  while self.dial do
    local bytes, state = self.dial:read()
    if not bytes then
      if state == "end" then
        heard = true
        on_end(self)
      end
      break
    end
    self.into = self.into .. bytes
    local was_open = self.is_open
    digest(self)
    heard = heard or not self.is_open or not was_open
  end
  if self.dial then flush(self) end
  if self.http.is_whole and not self.is_open then self:hang_up() end
  return heard or #self.events > count
end

--- Asks for a sign that all that was sent before has arrived.
---@param round integer
function Wire:ping(round)
  if self.is_open and not self.has_closed then
    write_frame(self, Frames.PING, tostring(round))
  end
end

--- Whether nothing more is to be expected before something new happens.
---@param round integer
---@return boolean
function Wire:has_answered(round)
  return self.is_open and not self.has_closed and self.pongs >= round
end

-- As a line has them ----------------------------------------------------------------------------

---@return "waiting"|"open"|"ended"
function Wire:state()
  if self.is_open then return (self.is_closed or not self.dial) and "ended" or "open" end
  return (self.http.is_whole or not self.dial) and "ended" or "waiting"
end

---@return integer? status
---@return string? reason
---@return string[]? headers
---@return string? body
---@return boolean? is_broken
function Wire:answer()
  local http = self.http
  if not http.status then return nil end
  local is_broken = not http.is_whole and not self.dial and not self.is_open
  return http.status, http.reason, http.headers, http:body(), is_broken
end

---@return string
function Wire:protocol()
  return self.http:header "sec-websocket-protocol" or ""
end

function Wire:next_event()
  local event = table.remove(self.events, 1)
  if event then return unpack(event, 1, 4) end
end

---@param bytes string
---@param is_binary boolean
function Wire:send(bytes, is_binary)
  write_frame(self, is_binary and Frames.BINARY or Frames.TEXT, bytes)
  flush(self)
end

---@param code integer
---@param reason string
function Wire:close(code, reason)
  if self.has_closed then return end
  self.has_closed = true
  write_frame(self, Frames.CLOSE, Frames.close_payload(code, reason))
  flush(self)
end

--- Its network is gone.
function Wire:drop()
  if self.is_open then end_with(self, 1006, "", false) end
  self:hang_up()
end

return Wire
