--- sockets: clients that reach the server over the network of this machine.
---
--- The server is one of this process, and so its turns are run here. All is at rest when each
--- socket has answered a ping that came behind everything else, and nothing has come meanwhile.

local Wire = require "partylua.testing.wire"
local native = require "partylua.native"

local PATIENCE_SECONDS = 10
local QUIET_ROUNDS = 8 -- for whoever will not answer, since something waits for time
local STEPS_MAX = 100 -- of time that clients are heard between

---@class partylua.testing.Sockets : partylua.testing.Transport
---@field private port integer
---@field private wires partylua.testing.Wire[]    those whose socket is open
local Sockets = {}
Sockets.__index = Sockets

local sockets = {}

---@param port integer
---@return partylua.testing.Sockets
function sockets.new(port)
  return setmetatable({ port = port, wires = {}, round = 0 }, Sockets)
end

---@param parts partylua.testing.RequestParts
---@return partylua.testing.Wire
function Sockets:request(parts)
  local dial, why = native.lab_dial(self.port)
  if not dial then error("cannot connect to 127.0.0.1: " .. why, 0) end
  local wire = Wire.new(dial, parts)
  self.wires[#self.wires + 1] = wire
  return wire
end

--- Lets the server and every wire do what they can; gives whether any wire heard something.
local function pump(self)
  local heard, open = false, {}
  native.lab_settle()
  for _, wire in ipairs(self.wires) do
    if wire:pump() then heard = true end
    if wire.dial then open[#open + 1] = wire end
  end
  self.wires = open
  return heard
end

--- Whether all sockets are where they stay without anything new.
local function has_answered(self)
  if native.lab_sockets() ~= #self.wires then return false end
  for _, wire in ipairs(self.wires) do
    if not wire:has_answered(self.round) then return false end
  end
  return true
end

--- Whether all is at rest. `quiet` counts the rounds in which nobody has heard anything.
local function is_at_rest(self, quiet)
  if quiet == 0 then return false end
  if has_answered(self) then return true end
  return quiet >= QUIET_ROUNDS and native.lab_is_waiting()
    and native.lab_sockets() == #self.wires
end

--- Runs all that follows from what has happened.
function Sockets:settle()
  local quiet, give_up = 0, os.time() + PATIENCE_SECONDS
  self.round = self.round + 1
  for _, wire in ipairs(self.wires) do wire:ping(self.round) end
  repeat
    if pump(self) then
      quiet = 0
      self.round = self.round + 1
      for _, wire in ipairs(self.wires) do wire:ping(self.round) end
    else
      quiet = quiet + 1
    end
    if os.time() > give_up then
      error(("the app does not come to rest within %d seconds"):format(PATIENCE_SECONDS), 0)
    end
  until is_at_rest(self, quiet)
end

--- Lets time pass, and clients hear what is due at its time.
---@param ms number
function Sockets:advance(ms)
  for _ = 1, STEPS_MAX do
    local due_ms = native.lab_next_due()
    if not due_ms or due_ms > ms then break end
    native.lab_advance(due_ms)
    self:settle()
    ms = ms - due_ms
  end
  native.lab_advance(ms)
  self:settle()
end

--- The server is gone: its sockets are closed, and every wire hears of it.
function Sockets:close()
  for _, wire in ipairs(self.wires) do
    wire:pump()
    wire:hang_up()
  end
  self.wires = {}
end

return sockets
