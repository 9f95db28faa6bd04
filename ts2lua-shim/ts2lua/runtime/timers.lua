--- timers: setTimeout, setInterval and their like.
---
--- The host says how a timer is started; functions run with microtasks drained behind them.

local convert = require "ts2lua.runtime.convert"
local microtasks = require "ts2lua.runtime.microtasks"
local null = require "ts2lua.runtime.null"

local timers = {}

--- Starts a timer and returns a function that cancels it. Set by the host.
---@type fun(ms: number, repeats: boolean, fn: fun()): fun()
timers.start = function() error("there are no timers here", 0) end

local running, last_id = {}, 0

local function start(repeats, fn, ms, ...)
  last_id = last_id + 1
  local id, count, arguments = last_id, select("#", ...), { ... }
  local wait = convert.to_number(ms)
  if wait ~= wait or wait < 1 or wait > 2147483647 then wait = 1 end
  running[id] = timers.start(math.floor(wait), repeats, function()
    if not running[id] then return end
    if not repeats then running[id] = nil end
    if type(fn) == "function" then fn(nil, unpack(arguments, 1, count)) end
    microtasks.drain()
  end)
  return id
end

local function clear(id)
  if id == nil or id == null then return end
  local cancel = running[id]
  running[id] = nil
  if cancel then cancel() end
end

timers.globals = {
  setTimeout = function(_, fn, ms, ...) return start(false, fn, ms, ...) end,
  setInterval = function(_, fn, ms, ...) return start(true, fn, ms, ...) end,
  setImmediate = function(_, fn, ...) return start(false, fn, 1, ...) end,
  clearTimeout = function(_, id) clear(id) end,
  clearInterval = function(_, id) clear(id) end,
  clearImmediate = function(_, id) clear(id) end,
  queueMicrotask = function(_, fn) microtasks.add(fn) end,
}

return timers
