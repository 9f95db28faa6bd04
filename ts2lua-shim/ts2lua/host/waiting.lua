--- waiting: a hook of the host waits for what a program promises.

local errors = require "ts2lua.runtime.errors"
local microtasks = require "ts2lua.runtime.microtasks"
local native = require "partylua.native"
local promises = require "ts2lua.runtime.promises"
local convert = require "ts2lua.runtime.convert"

local waiting = {}

--- Where the host looks for the place of an error; no text of a program is this key.
local PLACE = "\255place"

--- A thrown value as the host reads errors: a table with the fields message and perhaps code.
local function host_error(value)
  if type(value) == "table" and getmetatable(value).is_error then
    if type(rawget(value, "message")) ~= "string" then rawset(value, "message", "") end
    rawset(value, PLACE, tostring(rawget(value, "stack")):match "\n    at ([^\n]+)" or "")
    return value
  end
  local text = type(value) == "string" and value or convert.describe(value)
  return { message = text, [PLACE] = "" }
end

local function log(problem)
  native.log("error", "app", "uncaught: " .. tostring(host_error(problem)))
end

microtasks.on_error = function(problem) log(errors.caught(problem)) end

--- Runs what is queued and tells of rejections that nobody handles.
function waiting.finish_turn()
  microtasks.drain()
  for _, value in ipairs(promises.take_unhandled()) do log(value) end
end

--- The value of a promise, or what else a program gave. Suspends the host's task until it is
--- there; raises what the promise was rejected with.
---@param value any
---@return any
function waiting.settle(value)
  if not promises.is(value) then
    waiting.finish_turn()
    return value
  end
  local state, outcome, wake
  promises.react(value, function(new_state, result)
    state, outcome = new_state, result
    if wake then native.wake(wake) end
  end)
  waiting.finish_turn()
  if not state then
    wake = native.wait_id "a promise"
    native.wait(wake)
  end
  if state == promises.REJECTED then error(host_error(outcome), 0) end
  return outcome
end

--- Calls a function of a program and waits for what it promises.
---@param fn function
---@return any
function waiting.call(fn, ...)
  local ok, value = pcall(fn, ...)
  if not ok then
    waiting.finish_turn()
    error(host_error(errors.caught(value)), 0)
  end
  return waiting.settle(value)
end

return waiting
