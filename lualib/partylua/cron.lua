--- cron: the crons of an application: read from its settings, and started when it serves.

local expression = require "partylua.cron.expression"
local failure = require "partylua.config.failure"
local native = require "partylua.native"
local run = require "partylua.cron.run"
local schedule = require "partylua.cron.schedule"
local zone = require "partylua.cron.zone"

local cron = {}

local function names_of(crons)
  local names = {}
  for name in pairs(crons) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function zone_of(name, zone_name)
  local found, message, hint = zone.load(zone_name)
  if found then return found end
  return failure.raise(('the time zone of crons."%s" %s'):format(name, message), hint)
end

local function read(name, definition, zone_name)
  local parsed, fault = expression.read(definition)
  if not parsed then failure.raise(('crons."%s" %s'):format(name, fault.message), fault.hint) end
  return {
    name = name, definition = definition, expression = parsed, zone = zone_of(name, zone_name),
  }
end

--- The crons of some settings, by name. Raises a failure where one is wrong; those of a
--- configuration file have been checked before.
---@param settings { crons?: table<string, string>, cron_timezones?: table<string, string> }
---@return partylua.cron.Planned[]
function cron.load(settings)
  local planned, zones = {}, settings.cron_timezones or {}
  local crons = settings.crons or {}
  for _, name in ipairs(names_of(crons)) do
    planned[#planned + 1] = read(name, crons[name], zones[name] or "UTC")
  end
  return planned
end

--- Starts the crons of the main party.
---@param planned partylua.cron.Planned[]
---@param class table    of the main party
---@param host string    host and port for the URLs that rooms will see
---@return partylua.cron.Schedule
function cron.start(planned, class, host)
  return schedule.start(planned, {
    now = function() return native.now() end,
    after = function(ms, fn) return native.timer(ms, false, fn) end,
    start = function(due, scheduled_ms)
      run.start(class, run.describe(due.name, due.definition, scheduled_ms), host)
    end,
    is_running = run.is_running,
    is_draining = native.is_draining,
    log = function(level, event, fields) native.log(level, "cron", event, fields) end,
  })
end

return cron
