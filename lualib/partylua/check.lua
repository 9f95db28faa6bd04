--- check: looks for everything that is wrong with a configuration and an app, without serving it.
---
--- The rules are those of `serve`, which stops at the first of them. Files of parties are run, as
--- they are when a server starts; no port is opened and no data folder touched.

local ai = require "partylua.config.ai"
local application = require "partylua.application"
local config = require "partylua.config"
local failure = require "partylua.config.failure"
local finding = require "partylua.check.finding"
local listing = require "partylua.check.listing"
local statics = require "partylua.check.statics"
local typescript = require "partylua.typescript"

local check = {}

---@class partylua.check.Report
---@field findings partylua.check.Finding[]    in the order of files and places
---@field errors integer
---@field warnings integer
---@field listing? partylua.check.Listing    where there are no errors

--- Takes those parties out of the settings whose TypeScript cannot be loaded. Returns the names
--- that the others' classes have of their own, by party.
local function look_at_typescript(settings, report)
  local looked, names = require "partylua.check.typescript", {}
  local function is_loadable(party, path)
    if not typescript.is_name(path) then return true end
    local is_clean, own = looked.look(party, path, settings, report)
    names[party] = own
    return is_clean
  end
  if settings.main and not is_loadable("main", settings.main) then settings.main = nil end
  for party, path in pairs(settings.parties) do
    if not is_loadable(party, path) then settings.parties[party] = nil end
  end
  return names
end

local function count(findings, severity)
  local number = 0
  for _, each in ipairs(findings) do
    if each.severity == severity then number = number + 1 end
  end
  return number
end

--- Loads the parties and looks at their classes. Returns what there is to list.
local function look_at_parties(settings, report)
  local names = look_at_typescript(settings, report)
  local definitions, files = application.inspect(settings, report)
  for party, definition in pairs(definitions) do
    statics.look(party, definition.class, report)
  end
  application.crons(settings, definitions, report)
  return { definitions = definitions, files = files, names = names }
end

--- Looks for everything that is wrong with what a request asks to serve.
---@param request partylua.config.Request
---@return partylua.check.Report
function check.run(request)
  local findings = {}
  --- Keeps what is found; what has no code of its own gets `code`.
  local function keep(code)
    return function(found) findings[#findings + 1] = finding.of(found, code) end
  end
  local settings = config.inspect(request, keep "P005")
  failure.guard(keep "P005", ai.read, settings.ai, settings.env, settings.blame)
  local parties = look_at_parties(settings, keep "P023")
  finding.sort(findings)
  local errors = count(findings, "error")
  return {
    findings = findings, errors = errors, warnings = #findings - errors,
    listing = errors == 0 and listing.of(settings, parties) or nil,
  }
end

return check
