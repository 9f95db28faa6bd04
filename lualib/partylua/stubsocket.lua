--- StubSocket: the caller's end of a WebSocket between two rooms of this process.

local binary = require "partylua.binary"
local class = require "partylua.class"
local listeners = require "partylua.listeners"
local native = require "partylua.native"

local CONNECTING, OPEN, CLOSING, CLOSED = 0, 1, 2, 3
local dispatch = listeners.dispatch

---@class partylua.StubSocket
---@field readyState 0|1|2|3
---@field private call userdata
---@field private listeners table<string, function[]>
---@field private crowd partylua.native.Crowd
---@field private is_delivering? boolean    a task hands the room what was sent
local StubSocket = class()

StubSocket.CONNECTING, StubSocket.OPEN = CONNECTING, OPEN
StubSocket.CLOSING, StubSocket.CLOSED = CLOSING, CLOSED

local function finish(self, code, reason, was_clean)
  if self.readyState == CLOSED then return end
  self.readyState = CLOSED
  dispatch(self, "close", { code = code, reason = reason, wasClean = was_clean })
end

--- Hands on what the room sends until one side closes, no faster than listeners end. It runs as a
--- task of the caller's room, which stays in memory as long as the socket is open.
local function pump(self)
  local call = self.call
  native.listen()
  while self.readyState ~= CLOSED do
    while not self.crowd:has_room() do self.crowd:wait "a socket to a room" end
    local kind, data, extra, was_clean = call:next_event()
    if kind == "message" then
      dispatch(self, "message", { data = data, isBinary = extra })
    elseif kind == "close" then
      call:closed(data, extra)
      finish(self, data, extra, was_clean)
    else
      call:wait "a socket to a room"
    end
  end
end

local function open(self)
  if self.readyState ~= CONNECTING then return end
  self.readyState = OPEN
  dispatch(self, "open", {})
end

local function connect(self)
  local call = self.call
  while not call:has_head() do call:wait "opening a socket to a room" end
  if call:head() ~= 101 then
    dispatch(self, "error", { message = "Expected a websocket response" })
    return finish(self, 1006, "", false)
  end
  open(self)
  pump(self)
end

---@param call userdata
---@param is_connecting? boolean    whether the room has yet to accept it
function StubSocket:init(call, is_connecting)
  self.call, self.crowd = call, native.crowd()
  self.listeners = {}
  self.readyState = is_connecting and CONNECTING or OPEN
  native.spawn(is_connecting and connect or pump, self)
end

--- Sockets of stubs are accepted already; the method is there for code that calls it.
function StubSocket.accept() end

--- Hands the room what is waiting for it, in a task of its own: its hooks never run inside the
--- caller's.
local function deliver(self)
  while not self.call:deliver() do self.call:wait "sending to a room" end
  self.is_delivering = false
end

--- Sends a message to the room. While the room takes no more, it waits.
---@param message string|partylua.Binary
function StubSocket:send(message)
  if self.readyState == CONNECTING then error("the socket is still connecting", 2) end
  if self.readyState ~= OPEN then
    error("Can't call WebSocket send() after close().", 2)
  end
  binary.check_message(message, 2)
  local call = self.call
  local can_go_on = call:say(message)
  if not self.is_delivering then
    self.is_delivering = true
    native.spawn(deliver, self)
  end
  while not can_go_on and self.readyState == OPEN do
    call:wait "sending to a room"
    can_go_on = call:can_say()
  end
end

--- Closes the socket once the room has taken what was sent.
---@param code? integer
---@param reason? string
function StubSocket:close(code, reason)
  if self.readyState >= CLOSING then return end
  self.readyState = CLOSING
  code, reason = code or 1005, reason or ""
  native.spawn(function()
    while not self.call:deliver() do self.call:wait "closing a socket to a room" end
    self.call:closed(code, reason)
    finish(self, code, reason, true)
  end)
end

StubSocket.addEventListener, StubSocket.removeEventListener = listeners.add, listeners.remove

return StubSocket
