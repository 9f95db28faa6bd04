--- events: Event, EventTarget, AbortController.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local timers = require "ts2lua.runtime.timers"

local events = {}

local Event = class.builtin("Event", nil, function(self, kind, init)
  rawset(self, "type", convert.to_text(kind))
  rawset(self, "defaultPrevented", false)
  if type(init) == "table" and init.detail ~= nil then rawset(self, "detail", init.detail) end
end, { tag = "Event" })
events.Event = Event
function Event.prototype.preventDefault(self) rawset(self, "defaultPrevented", true) end
function Event.prototype.stopPropagation() end

events.CustomEvent = class.builtin("CustomEvent", Event, nil, { tag = "CustomEvent" })

-- EventTarget. Slot 1 holds the listeners by the type of event.

local EventTarget = class.builtin("EventTarget", nil, function(self) rawset(self, 1, {}) end)
events.EventTarget = EventTarget
local target = EventTarget.prototype

function target.addEventListener(self, kind, listener, options)
  local list = self[1][kind] or {}
  self[1][kind] = list
  for _, each in ipairs(list) do
    if each.listener == listener then return end
  end
  local is_once = type(options) == "table" and convert.truthy(options.once)
  list[#list + 1] = { listener = listener, is_once = is_once }
end

function target.removeEventListener(self, kind, listener)
  local list = self[1][kind] or {}
  for i, each in ipairs(list) do
    if each.listener == listener then
      table.remove(list, i)
      return
    end
  end
end

local function call(self, listener, event)
  if type(listener) == "function" then return listener(self, event) end
  if type(listener) == "table" then return listener:handleEvent(event) end
end

function target.dispatchEvent(self, event)
  rawset(event, "target", self)
  local property = "on" .. event.type
  if type(self[property]) == "function" then self[property](self, event) end
  for _, each in ipairs({ unpack(self[1][event.type] or {}) }) do
    if each.is_once then self:removeEventListener(event.type, each.listener) end
    call(self, each.listener, event)
  end
  return not event.defaultPrevented
end

-- AbortController.

local AbortSignal = class.builtin("AbortSignal", EventTarget, function(self)
  rawset(self, 1, {})
  rawset(self, "aborted", false)
end, { is_abort_signal = true })
events.AbortSignal = AbortSignal

local function abort(signal, reason, message, name)
  if signal.aborted then return end
  rawset(signal, "aborted", true)
  if reason == nil then
    reason = class.new(errors.DOMException, message or "This operation was aborted",
      name or "AbortError")
  end
  rawset(signal, "reason", reason)
  signal:dispatchEvent(class.new(Event, "abort"))
end

function AbortSignal.prototype.throwIfAborted(self)
  if self.aborted then errors.throw(self.reason) end
end

rawset(AbortSignal, "timeout", function(_, ms)
  local signal = class.new(AbortSignal)
  timers.globals.setTimeout(nil, function()
    abort(signal, nil, "The operation was aborted due to timeout", "TimeoutError")
  end, ms)
  return signal
end)

rawset(AbortSignal, "abort", function(_, reason)
  local signal = class.new(AbortSignal)
  abort(signal, reason)
  return signal
end)

rawset(AbortSignal, "any", function(_, signals)
  local made = class.new(AbortSignal)
  for _, signal in iterate.iterate(signals) do
    if signal.aborted then
      abort(made, signal.reason)
      break
    end
    signal:addEventListener("abort", function() abort(made, signal.reason) end)
  end
  return made
end)

local AbortController = class.builtin("AbortController", nil, function(self)
  rawset(self, "signal", class.new(AbortSignal))
end)
events.AbortController = AbortController
function AbortController.prototype.abort(self, reason) abort(self.signal, reason) end

return events
