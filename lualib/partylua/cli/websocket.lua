--- websocket: the client's side of a WebSocket (RFC 6455), for a command that waits at it.

local Frames = require "partylua.websocket.frames"
local failure = require "partylua.config.failure"
local handshake = require "partylua.websocket.handshake"
local http = require "partylua.cli.http"
local native = require "partylua.native"

local websocket = {}

local MESSAGE_BYTES_MAX = 256 * 1024 * 1024

---@class partylua.cli.WebSocket
---@field line partylua.native.Wire
---@field is_over boolean    the server has closed it, with `code` and `reason`
---@field has_sent_close boolean
---@field code? integer
---@field reason? string
---@field private frames partylua.websocket.Frames
local WebSocket = {}
WebSocket.__index = WebSocket

--- The sub-protocols that header lines offer.
local function offered(headers)
  local list = {}
  for _, line in ipairs(headers) do
    local name, value = line:match "^([^:]+):(.*)$"
    if name:lower() == "sec-websocket-protocol" then
      for protocol in value:gmatch "[^%s,]+" do list[#list + 1] = protocol end
    end
  end
  return list
end

local function check_answer(answer, key, headers)
  local flat = {}
  for name, value in pairs(answer.headers) do
    flat[#flat + 1], flat[#flat + 2] = name, value
  end
  local why = handshake.check(answer.status, flat, key, offered(headers))
  if why then failure.raise(why) end
end

--- Opens a WebSocket on a connection.
---@param line partylua.native.Wire
---@param found partylua.cli.Target
---@param headers string[]    lines
---@return partylua.cli.WebSocket
function websocket.open(line, found, headers)
  local key = handshake.key()
  local lines = {
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: " .. key, unpack(headers),
  }
  local answer = http.send(line, { path = found.path, host = found.authority, headers = lines })
  if answer.status ~= 101 then
    local text = answer:text(65536)
    failure.raise(("the server refuses the connection: %d %s"):format(answer.status,
      text ~= "" and text or answer.reason))
  end
  check_answer(answer, key, headers)
  local frames = Frames(MESSAGE_BYTES_MAX)
  frames:feed(answer:take_rest())
  return setmetatable({
    line = line, frames = frames, is_over = false, has_sent_close = false,
  }, WebSocket)
end

local function send(self, opcode, bytes)
  local ok, message = self.line:write(native.ws_frame(opcode, bytes), http.WITHIN_MS)
  if not ok then failure.raise("the connection is lost: " .. message) end
end

---@param text string
function WebSocket:send(text)
  send(self, Frames.TEXT, text)
end

--- Starts the closing handshake.
---@param code integer
function WebSocket:close(code)
  if self.has_sent_close then return end
  self.has_sent_close = true
  send(self, Frames.CLOSE, Frames.close_payload(code))
end

local on = {}

function on.ping(self, data) send(self, Frames.PONG, data) end

function on.pong() end

function on.close(self, code, reason)
  self.code, self.reason, self.is_over = code, reason, true
  self:close(code == 1005 and 1000 or code)
end

function on.bad(_, _, why) failure.raise("the server speaks no right WebSocket: " .. why) end

--- Takes bytes that came; gives the messages in them, each { data, is_binary }.
---@param bytes string
---@return { data: string, is_binary: boolean }[]
function WebSocket:take(bytes)
  local messages, frames = {}, self.frames
  frames:feed(bytes)
  while not self.is_over do
    local kind, data, extra = frames:next()
    if not kind then break end
    if kind == "message" then
      messages[#messages + 1] = { data = data, is_binary = extra }
    else
      on[kind](self, data, extra)
    end
  end
  return messages
end

return websocket
