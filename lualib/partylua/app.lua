--- app: the app in a Lua state of its own: what native.serve and native.reload run there.
---
--- Settings come as bytes from the command's state, which has read them; nothing else passes
--- between the two but a report, as bytes too. Every reload begins with a new state, so that
--- nothing of old code can be left over.

local application = require "partylua.application"
local context = require "partylua.context"
local failure = require "partylua.config.failure"
local host = require "partylua.host"
local lazy = require "partylua.lazy"
local native = require "partylua.native"
local parcel = require "partylua.parcel"
local sources = require "partylua.sources"

local config_file = lazy "partylua.config.file" ---@module "partylua.config.file"
local cron = lazy "partylua.cron" ---@module "partylua.cron"
local vectorize = lazy "partylua.vectorize" ---@module "partylua.vectorize"

local app = {}

---@class partylua.AppReport
---@field parties { name: string, file: string }[]    sorted by name
---@field crons { name: string, definition: string, zone: string, next_ms: number }[]
---@field files string[]    absolute paths of what was loaded, or looked for and not found
---@field app string    the main party's file, as the user would write it

local function report_of(settings, names, definitions, crons)
  local report = {
    parties = {}, crons = {}, files = sources.list(),
    app = application.short(settings.main, settings.directory),
  }
  for i, name in ipairs(names) do
    report.parties[i] = { name = name, file = definitions[name].file }
  end
  for i, each in ipairs(crons) do
    report.crons[i] = {
      name = each.name, definition = each.definition, zone = each.zone.name,
      next_ms = each.expression:next(native.now(), each.zone) or math.huge,
    }
  end
  return report
end

--- A failure that points at a field of the configuration file, which is read again for that.
local function blame_with(settings)
  return function(path, message, hint, code)
    local file = settings.config_file
      and config_file.find(settings.config_file, settings.directory, settings.directory)
    if file then return file:failure(path, message, hint, code) end
    return failure.new(table.concat(path, ".") .. " " .. message, hint, code)
  end
end

local function open(bytes)
  local settings = parcel.unpack(bytes)
  sources.watch()
  settings.blame = blame_with(settings)
  local definitions = application.load(settings)
  local crons = application.crons(settings, definitions)
  local traits, names, services = application.configure(settings, definitions)
  function host.started(authority)
    local indexes = context.shared "vectorize"
    if indexes then vectorize.check(indexes) end
    if #crons > 0 then cron.start(crons, definitions.main.class, authority) end
  end
  return {
    hooks = host,
    parties = traits,
    has_socket = definitions.main.class.onSocket ~= nil,
    hides_errors = settings.errors == "hide",
    fetch_allow = settings.fetch_allow,
    fetch_deny = settings.fetch_deny,
    fetch_proxy = settings.fetch_proxy,
    fetch_ca = settings.fetch_ca,
    services = services,
  }, parcel.pack(report_of(settings, names, definitions, crons))
end

--- Keeps what is meant for the user; anything else is a fault of ours and gets a traceback.
local function on_error(err)
  if failure.is(err) then return err end
  return failure.new("internal error: " .. debug.traceback(tostring(err), 2))
end

--- Loads the app of these settings.
---@param bytes string    of parcel.pack_settings
---@return table? options    for the native side
---@return string report    an AppReport; or what is wrong
---@return string? hint
---@return string? files    packed: what was looked at
function app.open(bytes)
  local results = { xpcall(open, on_error, bytes) }
  if results[1] then return results[2], results[3] end
  local wrong = results[2]
  if not failure.is(wrong) then wrong = failure.new(tostring(wrong)) end
  return nil, wrong.message, wrong.hint, parcel.pack(sources.list())
end

return app
