--- WebSocket: a room's end of a WebSocket to another server, as in a browser.
---
--- What may be reached, and how, is what holds for party.fetch: the same rules for addresses, the
--- same proxy and certificates, and the same gate, so that a message that follows a write leaves
--- when the write is durable. While it is open its room stays in memory.

local Frames = require "partylua.websocket.frames"
local binary = require "partylua.binary"
local bounds = require "partylua.bounds"
local class = require "partylua.class"
local handshake = require "partylua.websocket.handshake"
local listeners = require "partylua.listeners"
local native = require "partylua.native"

local dispatch = listeners.dispatch

local CONNECTING, OPEN, CLOSING, CLOSED = 0, 1, 2, 3
local REASON_BYTES_MAX = 123 -- RFC 6455 5.5

---@class partylua.WebSocketInit
---@field headers? partylua.HeadersInit
---@field timeout? number    seconds until it is open

---@class partylua.WebSocket
---@field url string
---@field protocol string    the sub-protocol that the server has chosen, or empty
---@field readyState 0|1|2|3
---@field private transfer partylua.native.Transfer
---@field private crowd partylua.native.Crowd
---@field private listeners table<string, function[]>
---@field private has_heard? boolean    since the last look
---@field private timer? partylua.Timer
---@overload fun(url: string, protocols?: string[], init?: table): partylua.WebSocket
local WebSocket = class()

WebSocket.CONNECTING, WebSocket.OPEN = CONNECTING, OPEN
WebSocket.CLOSING, WebSocket.CLOSED = CLOSING, CLOSED

local DRAIN_MS = 1000 -- for what is left of a closing when the server stops

--- Those whose connection has not ended.
local connected = setmetatable({}, { __mode = "k" })

--- Why none can be opened, where there is no network.
---@type string?
local refusal

---@param why string?
function WebSocket.refuse_all(why)
  refusal = why
end

local function stop_timer(self)
  if self.timer then self.timer:cancel() end
  self.timer = nil
end

local function finish(self, code, reason, was_clean)
  if self.readyState == CLOSED then return end
  self.readyState = CLOSED
  stop_timer(self)
  dispatch(self, "close", { code = code, reason = reason, wasClean = was_clean })
end

local function fail(self, why)
  dispatch(self, "error", { message = why })
  finish(self, 1006, "", false)
end

local function send_frame(self, opcode, payload)
  self.transfer:send_body(native.ws_frame(opcode, payload))
end

local function close_payload(code, reason)
  if not code then return "" end
  return string.char(math.floor(code / 256), code % 256) .. (reason or "")
end

--- For the other side's part of the closing, and then for its end of the connection.
local function expect_end(self, ms)
  stop_timer(self)
  self.timer = native.timer(ms or bounds.close_timeout_ms, false, function()
    self.transfer:cancel "the server did not close the connection"
  end)
end

-- What comes ------------------------------------------------------------------------------------

local on = {}

function on.message(self, data, is_binary)
  if self.readyState == OPEN then
    dispatch(self, "message", { data = data, isBinary = is_binary })
  end
end

--- Nothing more is read until the server takes the answers: it could ask for ever, and they are
--- kept in memory.
function on.ping(self, data)
  if self.readyState ~= OPEN then return end
  send_frame(self, Frames.PONG, data)
  while self.readyState == OPEN and not self.transfer:has_room() do
    self.transfer:wait "answering a ping"
  end
end

function on.pong() end

function on.close(self, code, reason)
  if self.readyState == OPEN then
    send_frame(self, Frames.CLOSE, close_payload(code ~= 1005 and code or nil))
  end
  finish(self, code, reason, true)
  self.transfer:end_body()
  expect_end(self)
end

function on.bad(self, code, why)
  send_frame(self, Frames.CLOSE, close_payload(code, why))
  self.transfer:end_body()
  fail(self, why)
  expect_end(self)
end

--- Hands on what the server sends, no faster than listeners end, until its connection ends.
local function pump(self)
  local frames = Frames(bounds.message_bytes)
  local transfer = self.transfer
  native.listen()
  while true do
    while not self.crowd:has_room() do self.crowd:wait "a WebSocket" end
    local kind, data, extra
    if self.readyState < CLOSED then kind, data, extra = frames:next() end
    if kind then
      on[kind](self, data, extra)
    else
      local bytes, state = transfer:take()
      if bytes and self.readyState < CLOSED then
        self.has_heard = true
        frames:feed(bytes)
      elseif state == "wait" then
        transfer:wait "a WebSocket"
      elseif not bytes then
        stop_timer(self)
        return finish(self, 1006, "", false)
      end
    end
  end
end

--- A silent server gets a ping; one that stays silent after it is gone.
local function watch(self)
  if bounds.ping_interval_ms == 0 then return end
  local is_asked = false
  self.timer = native.timer(bounds.ping_interval_ms, true, function()
    if self.has_heard then is_asked = false elseif is_asked then
      return self.transfer:cancel "the server is silent"
    else
      is_asked = true
      send_frame(self, Frames.PING, "")
    end
    self.has_heard = false
  end)
end

local function connect(self, protocols, key)
  local transfer = self.transfer
  while not transfer:has_head() do transfer:wait "opening a WebSocket" end
  local status, _, headers = transfer:head()
  if self.readyState == CLOSING then -- close() came first
    transfer:cancel "it was closed"
    return finish(self, 1006, "", false)
  end
  if not status then return fail(self, transfer:why() or "the server gave no answer") end
  local why, protocol = handshake.check(status, headers, key, protocols)
  if why then
    transfer:cancel(why)
    return fail(self, why)
  end
  self.protocol, self.readyState = protocol, OPEN
  dispatch(self, "open", {})
  watch(self)
  pump(self)
end

-- What is called --------------------------------------------------------------------------------

local function check_protocols(given)
  local list = type(given) == "string" and { given } or given or {}
  if type(list) ~= "table" then
    error("a WebSocket's sub-protocols are a text or a list of texts", 4)
  end
  for _, name in ipairs(list) do
    if type(name) ~= "string" or not name:find "^[%w!#$%%&'*+.^_`|~-]+$" then
      error(("a WebSocket's sub-protocol cannot be called %q"):format(tostring(name)), 4)
    end
  end
  return list
end

local function check_timeout(init)
  if init ~= nil and type(init) ~= "table" then
    error("a WebSocket takes a table such as { headers = {} }, got " .. type(init), 4)
  end
  local seconds = init and init.timeout
  if seconds == nil then return bounds.fetch_timeout_ms end
  if type(seconds) ~= "number" or not (seconds > 0 and seconds < 1e9) then
    error("a WebSocket's timeout must be a number of seconds above 0", 4)
  end
  return math.min(seconds * 1000, bounds.fetch_timeout_ms)
end

--- Begins to connect, and does not wait: `open` follows, or `error` and `close`.
---@param address string    ws:// or wss://
---@param protocols? string|string[]    sub-protocols to offer
---@param init? partylua.WebSocketInit
function WebSocket:init(address, protocols, init)
  local target = handshake.target(address, 3)
  if refusal then error(refusal, 3) end
  local list, timeout_ms, key = check_protocols(protocols), check_timeout(init), handshake.key()
  self.url, self.protocol, self.readyState = target.href:gsub("^http", "ws"), "", CONNECTING
  self.listeners, self.crowd = {}, native.crowd()
  self.transfer = native.fetch {
    method = "GET", url = target.href, timeout_ms = timeout_ms, upgrades = true,
    headers = handshake.headers(init and init.headers, list, key),
  }
  self.transfer:start()
  connected[self] = true
  native.spawn(function()
    connect(self, list, key)
    connected[self] = nil
  end)
end

--- Sends a message. While the server takes no more, it waits. Raises before it is open; after its
--- end it does nothing.
---@param message string|partylua.Binary    a string goes as text and must be UTF-8
function WebSocket:send(message)
  if self.readyState == CONNECTING then error("the WebSocket is still connecting", 2) end
  local bytes, is_binary = binary.check_message(message, 2)
  if self.readyState ~= OPEN then return end
  send_frame(self, is_binary and Frames.BINARY or Frames.TEXT, bytes)
  while self.readyState == OPEN and not self.transfer:has_room() do
    self.transfer:wait "sending to a WebSocket"
  end
end

local function check_close(code, reason)
  if code ~= nil and not (code == 1000 or type(code) == "number" and code % 1 == 0
    and code >= 3000 and code <= 4999) then
    error(("Invalid WebSocket close code: %s."):format(tostring(code)), 3)
  end
  if reason ~= nil and (code == nil or type(reason) ~= "string" or #reason > REASON_BYTES_MAX
    or not native.utf8_valid(reason)) then
    error("a reason comes with a code, and is a text of up to 123 bytes", 3)
  end
end

local function begin_close(self, code, reason)
  if self.readyState >= CLOSING then return end
  local was_open = self.readyState == OPEN
  self.readyState = CLOSING
  if not was_open then return self.transfer:cancel "it was closed" end
  send_frame(self, Frames.CLOSE, close_payload(code, reason))
  expect_end(self)
end

--- Closes it; closing again does nothing.
---@param code? integer    1000, or 3000 to 4999
---@param reason? string
function WebSocket:close(code, reason)
  check_close(code, reason)
  begin_close(self, code, reason)
end

--- For the end of the server: closes what is open, and soon what does not close.
function WebSocket.close_all()
  for socket in pairs(connected) do
    begin_close(socket, 1001, "The server is shutting down")
    expect_end(socket, DRAIN_MS)
  end
end

WebSocket.addEventListener, WebSocket.removeEventListener = listeners.add, listeners.remove

return WebSocket
