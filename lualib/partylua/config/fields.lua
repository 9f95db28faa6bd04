--- fields: what the configuration file says that no option does.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"

---@class partylua.config.Serve
---@field path string    absolute
---@field singlePageApp? boolean
---@field browserTTL? number    seconds
---@field edgeTTL? number       seconds
---@field symlinks? boolean    follow symbolic links, wherever they lead
---@field cors? true|table<string, string>    headers for pages of other origins

local fields = {}

--- The folder of static files. Its path is relative to the file, like every other in it.
local function static_files(file)
  local serve = file:value { "serve" }
  if serve == nil then return nil end
  local path = type(serve) == "string" and { "serve" } or { "serve", "path" }
  if type(serve) == "string" then serve = { path = serve } end
  if not serve.path then return nil end -- it was wrong, and reported
  local folder = file:resolve(serve.path)
  if not fs.is_folder(folder) then
    error(file:failure(path, "names a folder that does not exist: " .. folder, nil, "P009"), 0)
  end
  return {
    path = folder,
    singlePageApp = serve.singlePageApp,
    browserTTL = type(serve.browserTTL) == "number" and serve.browserTTL or nil,
    edgeTTL = type(serve.edgeTTL) == "number" and serve.edgeTTL or nil,
    symlinks = serve.symlinks,
    cors = serve.cors or nil,
  }
end

--- A cron is its expression, or an object that has that and a time zone of its own.
local function add_crons(settings, file)
  local zone = file:value { "cronTimezone" }
  for name, cron in pairs(file:value { "crons" } or {}) do
    local plan = type(cron) == "table" and cron or { schedule = cron }
    settings.crons[name] = plan.schedule -- nil where that was wrong, and reported
    settings.cron_timezones[name] = plan.timezone or zone
  end
end

--- Whether a party is written in TypeScript, or the main one that the file itself names.
local function has_typescript(settings, file)
  local typescript = require "partylua.typescript" -- hardly anybody asks
  for _, main in pairs { settings.main, file:value { "main" } } do
    if type(main) == "string" and typescript.is_name(main) then return true end
  end
  for _, path in pairs(settings.parties) do
    if typescript.is_name(path) then return true end
  end
  return false
end

--- The names of fields without effect. Of how pages are built there is one that has some.
---@param file partylua.config.File
---@param settings partylua.Settings
---@return string[] names
---@return boolean live    that one
function fields.unused(file, settings)
  local build, names = file:value { "serve", "build" }, {}
  local only_live = type(build) == "table" and next(build) == "live" and not next(build, "live")
  for _, name in ipairs(file:unused()) do
    if name ~= "serve.build" or not only_live then names[#names + 1] = name end
  end
  local define = file:entries { "define" }
  if #define > 0 and not has_typescript(settings, file) then names[#names + 1] = "define" end
  return names, type(build) == "table" and build.live == true
end

--- Adds them to the settings; reports what is wrong.
---@param settings partylua.Settings
---@param file partylua.config.File
---@param report fun(found: partylua.Failure)
function fields.add(settings, file, report)
  settings.config_file = file.path
  settings.name = file:value { "name" }
  add_crons(settings, file)
  settings.vars = file:value { "vars" } or {}
  settings.serve = failure.guard(report, static_files, file)
  settings.define = file:value { "define" }
  settings.build = file:value { "build" }
  settings.ai = file:value { "ai" }
  settings.bindings = file:value { "bindings" }
  settings.cf = file:value { "cf" }
  settings.cors = file:value { "cors" }
  local persist = file:value { "persist" }
  if persist ~= nil then settings.persist = persist end
  local strict = file:value { "strictAlarms" }
  if strict ~= nil then settings.strict_alarms = strict end
  local unused, live = fields.unused(file, settings)
  settings.live = live
  if #unused > 0 then
    local names = table.concat(unused, ", ")
    settings.warnings[1] = ("%s: without effect here: %s"):format(file.name, names)
  end
end

return fields
