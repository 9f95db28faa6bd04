--- tasks: work that waits for the world, as promises.

local errors = require "ts2lua.runtime.errors"
local microtasks = require "ts2lua.runtime.microtasks"
local promises = require "ts2lua.runtime.promises"

local tasks = {}

--- Runs a function that may wait, beside its caller. Set by the host; here nothing waits.
---@type fun(fn: fun())
tasks.spawn = function(fn) fn() end

--- A promise for what a function returns.
---@param fn fun(): any
---@param can_wait boolean
function tasks.run(fn, can_wait)
  local promise = promises.new()
  local function body()
    local ok, value = pcall(fn)
    if ok then
      promises.resolve(promise, value)
    else
      promises.settle(promise, promises.REJECTED, errors.caught(value))
    end
    if can_wait then microtasks.drain() end
  end
  if can_wait then tasks.spawn(body) else body() end
  return promise
end

return tasks
