--- schedule: starts crons when they are due by the wall clock.
---
--- Timers run on a clock that nobody sets, so the wall clock is looked at again at least every
--- minute. What it says counts:
---
---   late        the process or the machine was stopped, or the clock was set forward: a cron runs
---               once, for the latest of the times that have passed, and not at all when that is
---               over an hour ago
---   set back    a time for which a cron has run does not count again, unless the clock was set
---               back by more than an hour: then it starts afresh
---   running     a time that comes while the cron still runs is dropped

local schedule = {}

local LOOK_MS_MAX = 60 * 1000
local LATE_MS_MAX = 3600 * 1000

---@class partylua.cron.Planned
---@field name string
---@field definition string
---@field expression partylua.cron.Expression
---@field zone partylua.cron.Zone
---@field due_ms? number    the next time; math.huge for never
---@field handled_ms? number    the last time that was run or dropped

---@class partylua.cron.Drivers
---@field now fun(): number    the wall clock, in milliseconds since 1970
---@field after fun(ms: number, fn: fun()): partylua.Timer
---@field start fun(cron: partylua.cron.Planned, scheduled_ms: number)    must not wait
---@field is_running fun(name: string): boolean
---@field is_draining fun(): boolean
---@field log fun(level: string, event: string, fields: any[])

---@class partylua.cron.Schedule
---@field private crons partylua.cron.Planned[]
---@field private drivers partylua.cron.Drivers
---@field private seen_ms number    what the wall clock said last
---@field private timer? partylua.Timer
local Schedule = {}
Schedule.__index = Schedule

--- A time as logs show it.
---@param ms number
---@return string
function schedule.show(ms)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(ms / 1000))
end

local function next_of(cron, after_ms)
  return cron.expression:next(after_ms, cron.zone) or math.huge
end

--- Finds the next time of each cron.
function Schedule:plan(now_ms)
  for _, cron in ipairs(self.crons) do
    local handled_ms = cron.handled_ms or now_ms
    if handled_ms - now_ms > LATE_MS_MAX then
      cron.handled_ms, handled_ms = nil, now_ms
    end
    cron.due_ms = next_of(cron, math.max(now_ms, handled_ms))
  end
end

--- The latest time up to now, unless it is too long ago, and the next one after it.
local function latest(cron, now_ms)
  local due_ms = cron.due_ms
  if due_ms < now_ms - LATE_MS_MAX then due_ms = next_of(cron, now_ms - LATE_MS_MAX - 1) end
  if due_ms > now_ms then return nil, due_ms end
  while true do
    local following_ms = next_of(cron, due_ms)
    if following_ms > now_ms then return due_ms, following_ms end
    due_ms = following_ms
  end
end

function Schedule:fire(cron, now_ms)
  local log, first_ms = self.drivers.log, cron.due_ms
  local scheduled_ms, next_ms = latest(cron, now_ms)
  cron.due_ms = next_ms
  cron.handled_ms = scheduled_ms or first_ms
  local fields = { "name", cron.name, "scheduled", schedule.show(cron.handled_ms) }
  if not scheduled_ms then return log("warn", "dropped, it is over an hour late", fields) end
  if self.drivers.is_running(cron.name) then
    return log("debug", "dropped, still running", fields)
  end
  log("debug", "run", fields)
  self.drivers.start(cron, scheduled_ms)
end

--- Sets the timer for the first time that is due.
function Schedule:arm(now_ms)
  local first_ms = now_ms + LOOK_MS_MAX
  for _, cron in ipairs(self.crons) do first_ms = math.min(first_ms, cron.due_ms) end
  self.timer = self.drivers.after(math.max(first_ms - now_ms, 1), function() self:look() end)
end

--- Looks at the wall clock, and starts what is due.
function Schedule:look()
  if self.drivers.is_draining() then return end
  local now_ms = self.drivers.now()
  if now_ms < self.seen_ms then self:plan(now_ms) end
  self.seen_ms = now_ms
  for _, cron in ipairs(self.crons) do
    if cron.due_ms <= now_ms then self:fire(cron, now_ms) end
  end
  self:arm(now_ms)
end

--- Starts nothing more. What runs goes on.
function Schedule:stop()
  if self.timer then self.timer:cancel() end
  self.timer = nil
end

--- Starts a schedule. It begins with the next minute: what was due before is none of its business.
---@param crons partylua.cron.Planned[]
---@param drivers partylua.cron.Drivers
---@return partylua.cron.Schedule
function schedule.start(crons, drivers)
  local now_ms = drivers.now()
  local self = setmetatable({ crons = crons, drivers = drivers, seen_ms = now_ms }, Schedule)
  self:plan(now_ms)
  for _, cron in ipairs(crons) do
    local next_text = cron.due_ms == math.huge and "never" or schedule.show(cron.due_ms)
    drivers.log("info", "scheduled", {
      "name", cron.name, "cron", cron.definition, "zone", cron.zone.name, "next", next_text,
    })
  end
  if #crons > 0 then self:arm(now_ms) end
  return self
end

return schedule
