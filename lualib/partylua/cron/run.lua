--- run: one run of onCron, and which crons are running.
---
--- A run lasts until its hook has returned and the work given to ctx:waitUntil has ended.

local context = require "partylua.context"
local fault = require "partylua.cron.fault"
local native = require "partylua.native"

local run = {}

---@class partylua.Cron
---@field name string
---@field definition string    the expression, as the configuration has it
---@field cron string    the same
---@field scheduledTime number    when it was due, in milliseconds since 1970
---@field noRetry fun(self: partylua.Cron)    does nothing: a run that fails is not repeated

local function no_retry() end

--- What is under way, as tokens: each is held by the task that will give it back. The table is
--- weak for the sake of a task that never does, because it has called coroutine.yield.
local under_way = setmetatable({}, { __mode = "k" })

local function enter(name)
  local token = {}
  under_way[token] = name
  return token
end

local function leave(token)
  under_way[token] = nil
end

--- Whether a run of this name has not ended.
---@param name string
---@return boolean
function run.is_running(name)
  for _, running in pairs(under_way) do
    if running == name then return true end
  end
  return false
end

--- The object that onCron is given.
---@param name string
---@param definition string
---@param scheduled_ms number
---@return partylua.Cron
function run.describe(name, definition, scheduled_ms)
  return {
    name = name, definition = definition, cron = definition, scheduledTime = scheduled_ms,
    noRetry = no_retry,
  }
end

--- Calls user code; what it raises is logged.
local function call(what, cron, fn, ...)
  local ok, wrong = xpcall(fn, fault.read, ...)
  if ok then return true end
  -- LuaJIT skips the handler when memory is short.
  if type(wrong) ~= "table" then wrong = { message = tostring(wrong), place = "", stack = "" } end
  native.log("error", "cron", what .. " failed",
    { "name", cron.name, "at", wrong.place, "err", wrong.message })
  native.log("debug", "cron", "stack", { "name", cron.name, "stack", wrong.stack })
  return false, wrong.message
end

local function execution(cron)
  return context.execution(function(work)
    local token = enter(cron.name)
    return function()
      call("waitUntil of onCron", cron, work)
      leave(token)
    end
  end)
end

--- Runs a cron and waits until its hook returns. What the hook raises is logged.
---@param class table    of the main party
---@param cron partylua.Cron
---@param host string    host and port for the URLs that rooms will see
---@return boolean ok
---@return string? message    what the hook has raised
function run.now(class, cron, host)
  local token = enter(cron.name)
  local ok, message = call("onCron", cron, class.onCron, class, cron, context.lobby(host),
    execution(cron))
  leave(token)
  return ok, message
end

--- Runs a cron in a task of its own; it counts as running at once.
---@param class table
---@param cron partylua.Cron
---@param host string
function run.start(class, cron, host)
  local token = enter(cron.name)
  native.spawn(function()
    run.now(class, cron, host)
    leave(token)
  end)
end

return run
