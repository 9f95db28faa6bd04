--- parts: pieces of settings that a server has, and those who do something without serving.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local options = require "partylua.config.options"

local parts = {}

--- An option's value from the file; the file has been checked, so it reads.
---@param file? partylua.config.File
---@return fun(option: partylua.config.Option): any
function parts.from_file(file)
  return function(option)
    local value = file and option.path and file:value(option.path)
    if value == nil then return nil end
    return (options.read(option, value))
  end
end

--- Every option: the general ones, and the limits.
---@param settings partylua.Settings
---@param request partylua.config.Request
---@param file? partylua.config.File
function parts.add_options(settings, request, file)
  local function resolve(option)
    local value = failure.guard(request.report, options.resolve, option, request.flags,
      request.getenv, parts.from_file(file), request.dev)
    if value == nil then return option.default end -- what was given is wrong, and reported
    return value
  end
  for _, option in ipairs(options.general) do
    settings[options.setting(option)] = resolve(option)
  end
  settings.limits = {}
  for _, option in ipairs(options.limits) do
    settings.limits[options.setting(option)] = resolve(option)
  end
end

--- The folder of the app that was named, else the working directory.
---@param request partylua.config.Request
---@return string
function parts.app_folder(request)
  if not request.main then return request.directory end
  return fs.parent(fs.join(request.directory, request.main))
end

--- Where rooms store: --data, else `persist` of the file, else the default. PartyKit: relative
--- to the working directory, or to the file when that was named.
---@param settings partylua.Settings
---@param request partylua.config.Request
---@param file? partylua.config.File
---@return string
function parts.data_folder(settings, request, file)
  local given = request.flags.data or request.getenv "PARTYLUA_DATA"
  if given and given ~= "" then return fs.join(request.directory, settings.data) end
  local persist = settings.persist
  local base = request.path and file and file.folder or request.directory
  return fs.join(base, type(persist) == "string" and persist or settings.data)
end

--- The certificates of --fetch-ca: relative to the working directory, or in a file to its folder.
---@param settings partylua.Settings
---@param request partylua.config.Request
---@param file? partylua.config.File
function parts.add_certificates(settings, request, file)
  local path = settings.fetch_ca
  if not path then return end
  local given = request.flags["fetch-ca"] or request.getenv "PARTYLUA_FETCH_CA"
  local is_in_file = not given or given == ""
  settings.fetch_ca = fs.join(is_in_file and file.folder or request.directory, path)
  if fs.read(settings.fetch_ca) then return end
  local message = "names a file that cannot be read: " .. settings.fetch_ca
  if is_in_file then error(file:failure({ "fetch", "ca" }, message, nil, "P009"), 0) end
  failure.raise("--fetch-ca " .. message, nil, "P009")
end

--- A failure that points at a field of the file, for checks made after loading.
---@param file? partylua.config.File
---@return fun(path: string[], message: string, hint?: string, code?: string): partylua.Failure
function parts.blame_with(file)
  return function(path, message, hint, code)
    if file then return file:failure(path, message, hint, code) end
    return failure.new(table.concat(path, ".") .. " " .. message, hint, code)
  end
end

return parts
