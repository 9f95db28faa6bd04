--- reload: reads the configuration and the app anew while the server goes on.
---
--- The one seam for everybody who wants that. `run` belongs to the command's Lua state, and is what
--- SIGHUP and `partylua dev` use; `request` may be called in any state, also in the app's, which is
--- where admin requests are answered. Both wait, so they are called in a task. What is wrong with
--- the new code or the new configuration is returned, and the old goes on.

local failure = require "partylua.config.failure"
local native = require "partylua.native"
local parcel = require "partylua.parcel"

local reload = {}

---@class partylua.ReloadReport
---@field app partylua.AppReport
---@field moved integer          rooms that run the new code, or will when they wake up
---@field leaving integer        rooms whose hooks have to end first
---@field connections integer    those of all these rooms
---@field milliseconds number    from the beginning until the new code served
---@field unchanged string[]     names of settings that change at the next start only

--- What a server cannot change while it runs.
local FIXED = {
  "host", "port", "data", "persist", "map_bytes", "fetch_allow", "fetch_deny", "fetch_proxy",
  "fetch_ca",
}

---@type partylua.Settings
local settings
---@type fun(): partylua.Settings
local read_settings

--- Sets what is served, and how its settings are read again; that may raise a failure.
---@param current partylua.Settings
---@param read fun(): partylua.Settings
function reload.configure(current, read)
  settings, read_settings = current, read
end

--- The settings in force.
---@return partylua.Settings
function reload.settings()
  return settings
end

local function is_same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  return table.concat(a, "\n") == table.concat(b, "\n")
end

local function fixed_changes(new)
  local changed = {}
  for _, name in ipairs(FIXED) do
    if not is_same(settings[name], new[name]) then
      changed[#changed + 1] = name
      new[name] = settings[name]
    end
  end
  return changed
end

--- Loads the app with these settings, waits for the rooms that can move at once, and reports.
local function start(new)
  local began_ms, unchanged = native.clock_ms(), fixed_changes(new)
  local bytes, message, hint = native.reload {
    app = parcel.pack_settings(new), limits = new.limits, within_ms = new.reload_timeout_ms,
  }
  if not bytes then return nil, message, hint end
  native.log_configure(new.log_level, new.log_format)
  settings = new
  native.sleep(0) -- rooms move at the end of the turn
  local report = native.renewal()
  report.app, report.unchanged = parcel.unpack(bytes), unchanged
  report.milliseconds = native.clock_ms() - began_ms
  return report
end

--- Reloads. Waits; to be called in a task of the command's state.
---@return partylua.ReloadReport? report
---@return string? message    what is wrong: nothing has changed
---@return string? hint
function reload.run()
  local ok, new = pcall(read_settings)
  if ok then return start(new) end
  if not failure.is(new) then return nil, "internal error: " .. tostring(new) end
  return nil, new.message, new.hint
end

local function log_report(report)
  if #report.unchanged > 0 then
    native.log("warn", "server", "changed and without effect before a restart",
      { "settings", table.concat(report.unchanged, ",") })
  end
  native.log("info", "server", "reloaded", {
    "ms", math.floor(report.milliseconds + 0.5), "rooms", report.moved, "waiting", report.leaving,
    "connections", report.connections,
  })
end

--- Reloads, logs what came of it, and tells those who asked: for SIGHUP and `request`.
function reload.run_and_log()
  native.log("info", "server", "reloading")
  local report, message, hint = reload.run()
  if report then
    log_report(report)
  else
    native.log("error", "server", "not reloaded, the app that was there serves on",
      { "err", message, "hint", hint or "" })
  end
  native.finish_reload(message, hint)
end

--- Asks for a reload and waits for its end, in whichever state of the process: for the admin
--- socket.
---@return boolean? ok
---@return string? message    what is wrong: nothing has changed
---@return string? hint
function reload.request()
  native.await_reload()
  local message, hint = native.reload_fault()
  if not message then return true end
  return nil, message, hint ~= "" and hint or nil
end

return reload
