--- dev: a server for somebody who writes an app: it watches, reloads, and shows what happens.
---
--- All of it runs in the command's Lua state; the app comes and goes in states of its own. While
--- the code is broken the one before serves on, and before there is any, requests are told so.

local async = require "partylua.async"
local excerpt = require "partylua.dev.excerpt"
local fs = require "partylua.fs"
local keys = require "partylua.dev.keys"
local live = require "partylua.dev.live"
local native = require "partylua.native"
local places = require "partylua.dev.places"
local reload = require "partylua.reload"
local screen = require "partylua.dev.screen"
local serving = require "partylua.serving"
local watcher = require "partylua.dev.watcher"

local dev = {}

---@class partylua.dev.Options
---@field read fun(): partylua.Settings    what files and variables say then
---@field opens_browser boolean
---@field has_keys boolean
---@field is_quiet boolean    the log is written as `serve` does, and nothing else

---@class partylua.dev.Session
---@field options partylua.dev.Options
---@field began_ms number
---@field port? integer
---@field admin_port? integer
---@field is_ready boolean
---@field loaded_from string[]    files of the app that serves
---@field watcher partylua.dev.Watcher
---@field tap? partylua.native.Tap
---@field reads_keys? boolean
---@field is_loading? boolean
---@field wanted? { why: string, within_ms?: integer }    the next load

local function count(number, noun)
  return ("%d %s%s"):format(number, noun, number == 1 and "" or "s")
end

-- Watching --------------------------------------------------------------------------------------

--- Every file that the app or its configuration comes from, there or not.
local function files_of(session, settings, looked_at)
  local files = places.of(settings)
  for _, path in ipairs(session.loaded_from) do files[#files + 1] = path end
  for _, path in ipairs(looked_at) do files[#files + 1] = path end
  return files
end

--- Watches what the last attempt to load the app has looked at.
local function watch(session, outcome, problem, since_ms)
  local settings = reload.settings()
  if outcome then session.loaded_from = outcome.app.files end
  local files = files_of(session, settings, problem and problem.files or {})
  session.watcher:set(files, settings.serve and settings.serve.path, since_ms,
    problem ~= nil)
end

-- Loading ---------------------------------------------------------------------------------------

local function show_ready(session)
  local settings, report = reload.settings(), reload.report()
  session.is_ready = true
  if session.options.is_quiet then
    return serving.announce(settings, session.admin_port)
  end
  local url = serving.url(places.reachable(settings.host), session.port)
  screen.ready({
    ms = native.clock_ms() - session.began_ms, url = url,
    network = places.network_urls(settings.host, session.port),
    inspector = serving.inspector_url(settings, true),
    storage = places.storage(settings),
    parties = report.parties, crons = report.crons, has_pages = settings.serve ~= nil,
  }, native.version)
  if session.reads_keys then screen.keys(session.admin_port ~= nil) end
  if session.options.opens_browser then keys.open_browser(url .. "/") end
end

local function describe(outcome)
  local parts = { ("reloaded in %d ms"):format(math.floor(outcome.milliseconds + 0.5)) }
  if outcome.moved > 0 then parts[#parts + 1] = count(outcome.moved, "room") .. " restarted" end
  if outcome.connections > 0 then
    parts[#parts + 1] = count(outcome.connections, "connection") .. " kept"
  end
  if outcome.leaving > 0 then
    parts[#parts + 1] = count(outcome.leaving, "room") .. " to follow when its hooks have ended"
  end
  return table.concat(parts, ", ")
end

local function say_outcome(session, why, outcome)
  live.set_fault(nil)
  for _, warning in ipairs(reload.settings().warnings) do
    screen.say("warning: " .. warning, "warn")
  end
  if #outcome.unchanged > 0 then
    screen.say("restart to change: " .. table.concat(outcome.unchanged, ", "), "warn")
  end
  if not session.is_ready then return show_ready(session) end
  screen.say(("%s: %s"):format(why, describe(outcome)), "good")
end

local function say_problem(session, why, problem)
  local directory = reload.settings().directory
  local what = session.is_ready and "not reloaded, the old code runs on" or "not loaded"
  screen.fault(("%s: %s"):format(why, what), problem, directory)
  if not session.is_ready then
    screen.say(("requests to %s get this until it loads")
      :format(serving.url(places.reachable(reload.settings().host), session.port)), "faint")
  end
  local text = excerpt.add(problem.message, directory)
  live.set_fault(problem.hint and text .. "\nhint: " .. problem.hint or text)
end

--- Loads, shows what came of it, and watches what that needs.
---@param session partylua.dev.Session
---@param why string
---@param within_ms? integer
local function load(session, why, within_ms)
  local since_ms = native.now()
  local outcome, problem = reload.run(within_ms)
  watch(session, outcome, problem, since_ms)
  if outcome then say_outcome(session, why, outcome) else say_problem(session, why, problem) end
  native.finish_reload(problem and problem.message, problem and problem.hint)
end

local function load_wanted(session)
  while session.wanted do
    local wanted = session.wanted
    session.wanted = nil
    load(session, wanted.why, wanted.within_ms)
  end
end

--- One after the other: what changes meanwhile is loaded when that is done.
local function request_load(session, why, within_ms)
  session.wanted = { why = why, within_ms = within_ms }
  if session.is_loading then return end
  session.is_loading = true
  local ok, problem = pcall(load_wanted, session)
  session.is_loading = false -- a fault of ours shall not be the end of reloading
  if not ok then error(problem, 0) end
end

local function on_change(session, changes)
  local directory = reload.settings().directory
  local function names(paths)
    local first = fs.display(paths[1], directory)
    return #paths == 1 and first or ("%s and %s"):format(first, count(#paths - 1, "more file"))
  end
  if #changes.files > 0 then request_load(session, names(changes.files) .. " changed") end
  if #changes.pages == 0 then return end
  local settings = reload.settings()
  if settings.live then
    live.pages_changed(changes.pages)
    screen.say(names(changes.pages) .. " changed: pages reload", "good")
  end
end

-- Life ------------------------------------------------------------------------------------------

--- Shows what happens until the server is told to end.
local function show_events(session)
  session.tap = native.tap { connections = true, requests = true, log = true }
  while session.tap do
    session.tap:wait()
    if session.tap then screen.events(session.tap:take()) end
  end
end

--- Nothing of ours shall hold up the end.
local function stop(session)
  local tap = session.tap
  session.tap = nil
  if tap then
    screen.events(tap:take())
    tap:close()
  end
  session.watcher:stop()
  native.stop_keys()
  live.stop()
end

local function listen(session, port, admin_port)
  session.port, session.admin_port = port, admin_port
  if not session.options.is_quiet then async.spawn(show_events, session) end
  session.reads_keys = session.options.has_keys and keys.start {
    url = function() return serving.url(places.reachable(reload.settings().host), port) .. "/" end,
    inspector = function() return serving.inspector_url(reload.settings(), true) end,
    restart = function() request_load(session, "restart", 0) end,
  }
  async.spawn(request_load, session, "app")
end

--- Serves until it is told to stop.
---@param settings partylua.Settings
---@param options partylua.dev.Options
---@return integer exit_code
function dev.run(settings, options)
  local session = {
    options = options, began_ms = native.clock_ms(), is_ready = false, loaded_from = {},
  }
  session.watcher = watcher.new(function(changes) on_change(session, changes) end)
  settings.log_format = options.is_quiet and settings.log_format or "silent"
  native.log_configure(settings.log_level, settings.log_format)
  screen.set_level(settings.log_level)
  if options.is_quiet then screen.be_quiet() end
  reload.configure(settings, function()
    local new = options.read()
    new.log_format, new.log_level = settings.log_format, screen.level()
    return new
  end)
  return serving.open(settings, {
    is_empty = true,
    front = live.answer,
    on_listening = function(port, admin_port) listen(session, port, admin_port) end,
    on_reload = function() request_load(session, "reload") end,
    on_drain = function() stop(session) end,
  })
end

return dev
