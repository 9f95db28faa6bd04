--- abort: AbortController and its signal, as in the DOM standard: how a fetch is given up.

local class = require "partylua.class"
local native = require "partylua.native"

---@class partylua.AbortSignal
---@field aborted boolean
---@field reason any    what `abort` was given
---@field private listeners function[]
local AbortSignal = class()

function AbortSignal:init()
  self.aborted = false
  self.listeners = {}
end

--- Calls `fn` when it is aborted; not if it was already.
---@param kind "abort"
---@param fn fun(event: { type: string, target: partylua.AbortSignal })
function AbortSignal:addEventListener(kind, fn)
  if kind ~= "abort" then error(("there is no event %q"):format(tostring(kind)), 2) end
  if type(fn) ~= "function" then error("a listener must be a function", 2) end
  self.listeners[#self.listeners + 1] = fn
end

---@param kind "abort"
---@param fn function
function AbortSignal:removeEventListener(kind, fn)
  for i = kind == "abort" and #self.listeners or 0, 1, -1 do
    if self.listeners[i] == fn then table.remove(self.listeners, i) end
  end
end

---@class partylua.AbortController
---@field signal partylua.AbortSignal    to be given to a fetch
---@overload fun(): partylua.AbortController
local AbortController = class()

AbortController.Signal = AbortSignal

function AbortController:init()
  self.signal = AbortSignal()
end

--- Gives up what was given the signal. Harmless when it was called before.
---@param reason? any    shown in the error that it causes
function AbortController:abort(reason)
  local signal = self.signal
  if signal.aborted then return end
  signal.aborted = true
  signal.reason = reason == nil and "it was aborted" or reason
  local listeners = signal.listeners
  signal.listeners = {}
  for _, fn in ipairs(listeners) do native.spawn(fn, { type = "abort", target = signal }) end
end

--- Whether a value is a signal.
---@param value any
---@return boolean
function AbortController.is_signal(value)
  return getmetatable(value) == AbortSignal
end

return AbortController
