--- reload: reads the configuration and the app anew while the server goes on.
---
--- The one seam for everybody who wants that. It belongs to the command's Lua state, which serves
--- the admin doors too; `request` may be called in any state. All of it waits, so it is called in
--- a task. What is wrong with the new code or the new configuration is returned, and the old goes
--- on.

local failure = require "partylua.config.failure"
local native = require "partylua.native"
local parcel = require "partylua.parcel"

local reload = {}

---@class partylua.ReloadOutcome
---@field app partylua.AppReport
---@field moved integer          rooms that run the new code, or will when they wake up
---@field leaving integer        rooms whose hooks have to end first
---@field connections integer    those of all these rooms
---@field milliseconds number    from the beginning until the new code served
---@field unchanged string[]     names of settings that change at the next start only

---@class partylua.ReloadProblem
---@field message string
---@field hint? string
---@field files string[]    what was looked at until then

--- What a server cannot change while it runs.
local FIXED = {
  "host", "port", "admin", "admin_host", "admin_port", "admin_token", "is_admin_token_new", "data",
  "persist", "map_bytes", "trusted_proxies", "subprotocols", "cors",
}

---@type partylua.Settings
local settings
---@type fun(): partylua.Settings
local read_settings
---@type partylua.AppReport?
local report

--- Sets what is served, and how its settings are read again; that may raise a failure.
---@param current partylua.Settings
---@param read fun(): partylua.Settings
function reload.configure(current, read)
  settings, read_settings, report = current, read, nil
end

--- The settings in force.
---@return partylua.Settings
function reload.settings()
  return settings
end

--- Sets what the app that serves has reported.
---@param new partylua.AppReport
function reload.set_report(new)
  report = new
end

--- What the app that serves has reported; nil while there is none.
---@return partylua.AppReport?
function reload.report()
  return report
end

--- The names of the parties that are served, sorted.
---@return string[]
function reload.party_names()
  local names = {}
  for i, party in ipairs(report and report.parties or {}) do names[i] = party.name end
  return names
end

-- Doing it --------------------------------------------------------------------------------------

local function is_same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  for key, value in pairs(a) do
    if value ~= b[key] then return false end
  end
  return true
end

--- The names of settings that differ and have to stay; they do.
local function keep_fixed(new)
  local changed = {}
  for _, name in ipairs(FIXED) do
    if not is_same(settings[name], new[name]) then
      -- A token that nobody has chosen is another one each time.
      if not name:find "admin_token" then changed[#changed + 1] = name end
      new[name] = settings[name]
    end
  end
  return changed
end

--- Loads the app with these settings, waits for the rooms that can move at once, and reports.
local function start(new, within_ms)
  local began_ms, unchanged = native.clock_ms(), keep_fixed(new)
  local bytes, message, hint, files = native.reload {
    app = parcel.pack_settings(new), limits = new.limits,
    within_ms = within_ms or new.reload_timeout_ms,
  }
  if not bytes then
    return nil, { message = message, hint = hint, files = files and parcel.unpack(files) or {} }
  end
  native.log_configure(new.log_level, new.log_format)
  settings, report = new, parcel.unpack(bytes)
  native.sleep(0) -- rooms move at the end of the turn
  local outcome = native.renewal()
  outcome.app, outcome.unchanged = report, unchanged
  outcome.milliseconds = native.clock_ms() - began_ms
  return outcome
end

--- Reloads. Waits; to be called in a task of the command's state.
---@param within_ms? integer    for hooks of the old code, instead of --reload-timeout
---@return partylua.ReloadOutcome? outcome
---@return partylua.ReloadProblem? problem    nothing has changed
function reload.run(within_ms)
  if native.is_draining() then
    return nil, { message = "the server is shutting down", files = {} }
  end
  local ok, new = pcall(read_settings)
  if ok then return start(new, within_ms) end
  if failure.is(new) then return nil, { message = new.message, hint = new.hint, files = {} } end
  return nil, { message = "internal error: " .. tostring(new), files = {} }
end

local function log_outcome(outcome)
  if #outcome.unchanged > 0 then
    native.log("warn", "server", "changed and without effect before a restart",
      { "settings", table.concat(outcome.unchanged, ",") })
  end
  native.log("info", "server", "reloaded", {
    "ms", math.floor(outcome.milliseconds + 0.5), "rooms", outcome.moved,
    "waiting", outcome.leaving, "connections", outcome.connections,
  })
end

--- Reloads, logs what came of it, and tells those who have requested it: for SIGHUP.
function reload.run_and_log()
  native.log("info", "server", "reloading")
  local outcome, problem = reload.run()
  if outcome then
    log_outcome(outcome)
    return native.finish_reload()
  end
  native.log("error", "server", "not reloaded, the app that was there serves on",
    { "err", problem.message, problem.hint and "hint", problem.hint })
  native.finish_reload(problem.message, problem.hint)
end

--- Asks for what SIGHUP does and waits for its end, in whichever state of the process.
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
