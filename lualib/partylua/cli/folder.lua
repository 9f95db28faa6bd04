--- folder: what the commands that look into a data folder have in common: the options that say
--- which, and opening it.

local config = require "partylua.config"
local data_folder = require "partylua.data_folder"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local native = require "partylua.native"
local options = require "partylua.config.options"
local parser = require "partylua.cli.parser"

local folder = {}

--- A parser for a command of that kind.
---@param name string
---@param usage string    what stands behind the name
---@param description string
function folder.parser(name, usage, description)
  local made = parser.new(name, description)
  made:usage(("Usage: partylua %s [options]%s"):format(name, usage))
  made:group("The data folder",
    made:option("--app", "the app that the data belongs to"):argname "FILE",
    made:option("-c --config", "configuration, instead of the nearest partylua.json")
      :argname "FILE",
    unpack(parser.add_options(made, options.storage)))
  made:flag("-h --help", "show this")
  return made
end

local function settings_of(result, is_asking)
  local settings, message, hint = config.storage {
    main = result.app,
    path = result.config,
    flags = parser.flags(result, options.storage),
    is_asking = is_asking,
  }
  if not settings then return failure.raise(message, hint) end
  return settings
end

--- Where the data is that the arguments mean.
---@param result table    of parser.parse
---@return { data: string, map_bytes: integer }
function folder.settings(result)
  return settings_of(result, false)
end

--- The same for asking the server of the folder, which may keep nothing there.
---@param result table    of parser.parse
---@return { data: string, map_bytes: integer, persist?: boolean|string }
function folder.any_settings(result)
  return settings_of(result, true)
end

local function open_store(settings, is_reading)
  local store, message, errno = native.store_open(settings.data, {
    read_only = is_reading, map_bytes = settings.map_bytes,
  })
  return store or failure.raise(message, data_folder.hint(errno))
end

--- Opens the store that the arguments mean.
---@param result table    of parser.parse
---@param is_reading boolean    takes no lock, and changes nothing
---@return partylua.native.Store
---@return string path
function folder.open(result, is_reading)
  local settings = folder.settings(result)
  native.loaded()
  return open_store(settings, is_reading), settings.data
end

local function check_existing(settings)
  if fs.is_file(fs.join(settings.data, "data.mdb")) then return end
  failure.raise(("the data folder %s holds no data"):format(settings.data),
    data_folder.hint "ENOENT")
end

--- The same for changing what is stored: in a folder that is there, so that a name that was
--- mistyped makes no new one.
---@param result table    of parser.parse
---@return partylua.native.Store
function folder.open_existing(result)
  check_existing(folder.settings(result))
  return (folder.open(result, false))
end

--- The same for changing what one room has stored, which a server that runs is asked to do.
---@param result table    of parser.parse
---@param is_new boolean    whether the folder may be a new one
---@return partylua.native.Store|partylua.cli.Remote
function folder.open_room(result, is_new)
  local settings = folder.settings(result)
  if not is_new then check_existing(settings) end
  local running = require("partylua.cli.server").find(settings.data)
  if not running then return (folder.open(result, false)) end
  return require("partylua.cli.remote").new(running, (folder.open(result, true)))
end

--- Raises a failure when a change could not be made.
---@param ok true?
---@param message? string
---@param errno? string
function folder.check(ok, message, errno)
  if ok then return end
  failure.raise(("nothing was changed: %s"):format(message), data_folder.hint(errno))
end

return folder
