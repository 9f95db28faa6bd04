--- async: the one place that waits.
---
--- Hooks, timers and spawned functions are tasks of the native engine. What waits here suspends
--- its task; the room's other events go on meanwhile. Durations are seconds.

local native = require "partylua.native"

local async = {}

local function check_seconds(seconds, level)
  if type(seconds) == "number" and seconds >= 0 and seconds < 1e12 then return end
  error("a number of seconds from 0 expected, got " .. tostring(seconds), level + 1)
end

local function check_function(fn, level)
  if type(fn) == "function" then return end
  error("a function expected, got " .. type(fn), level + 1)
end

--- Waits for some seconds.
---@param seconds number
function async.sleep(seconds)
  check_seconds(seconds, 2)
  native.sleep(seconds * 1000)
end

--- Runs `fn` once after some seconds. The timer ends with its room, which it keeps in memory
--- until then.
---@param seconds number
---@param fn fun()
---@return partylua.Timer timer    with :cancel()
function async.after(seconds, fn)
  check_seconds(seconds, 2)
  check_function(fn, 2)
  return native.timer(seconds * 1000, false, fn)
end

--- Runs `fn` every so many seconds. The timer ends with its room, and does not keep it in memory
--- when everybody has left. A run that waits longer than the interval does not hold up the next.
---@param seconds number
---@param fn fun()
---@return partylua.Timer timer    with :cancel()
function async.every(seconds, fn)
  check_seconds(seconds, 2)
  check_function(fn, 2)
  return native.timer(seconds * 1000, true, fn)
end

--- Runs `fn(...)` beside the caller: it begins when the current turn ends. An error in it is
--- logged and reaches nobody else.
---@param fn fun(...)
function async.spawn(fn, ...)
  check_function(fn, 2)
  native.spawn(fn, ...)
end

--- Runs functions side by side and waits for all of them.
---@param functions (fun(): any)[]
---@return any[] results    the first result of each, at its place
function async.all(functions)
  local left, results, failure = #functions, {}, nil
  if left == 0 then return results end
  for _, fn in ipairs(functions) do check_function(fn, 2) end
  local id = native.wait_id "party.all"
  for i, fn in ipairs(functions) do
    native.spawn_awaited(function()
      local ok, result = pcall(fn)
      if ok then results[i] = result else failure = failure or { result } end
      left = left - 1
      if left == 0 then native.wake(id) end
    end)
  end
  native.wait(id)
  if failure then error(failure[1], 0) end
  return results
end

--- Waits until `start`'s argument was called; gives what it was called with.
---@param what string    who waits, for errors
---@param start fun(wake: fun(...))
---@return any ...
function async.wait(what, start)
  local id = native.wait_id(what)
  start(function(...) return native.wake(id, ...) end)
  return native.wait(id)
end

return async
