--- commands: which there are, and which of PartyKit's there are not, with what to use instead.

local commands = {
  names = {
    "serve", "test", "rooms", "storage", "vectorize", "backup", "restore", "ai", "ts2lua",
    "types", "version", "help",
  },
}

local MODULES = {
  serve = function() return require "partylua.cli.serve" end,
  test = function() return require "partylua.cli.test" end,
  rooms = function() return require "partylua.cli.rooms" end,
  storage = function() return require "partylua.cli.storage" end,
  vectorize = function() return require "partylua.cli.vectorize" end,
  backup = function() return require "partylua.cli.backup" end,
  restore = function() return require "partylua.cli.restore" end,
  ai = function() return require "partylua.cli.ai" end,
  ts2lua = function() return require "partylua.cli.ts2lua" end,
  types = function() return require "partylua.cli.types" end,
  version = function() return require "partylua.cli.version" end,
  help = function() return require "partylua.cli.help" end,
}

local NO_PLATFORM = "there is no hosting platform and there are no accounts: "
  .. "'partylua serve' is the whole server, on a machine of yours"
local SERVE = "'partylua serve app.lua' serves a room; see 'partylua help serve'"
local LOGS = "the log goes to standard error; see --log-level in 'partylua help serve'"
local ENV = "room.env comes from \"vars\" in partylua.json, .env, --env-file and --var"

--- Commands of PartyKit that are not here, with what to know instead.
---@type table<string, string>
commands.left_out = {
  dev = SERVE, start = SERVE, tail = LOGS, env = ENV,
  init = "a project is one Lua file, served with 'partylua serve FILE.lua'",
}
for name in ("deploy publish login logout whoami token domain delete list info"):gmatch "%a+" do
  commands.left_out[name] = NO_PLATFORM
end

---@class partylua.cli.Command
---@field summary string
---@field run fun(args: string[]): integer?
---@field help fun(part?: string): string    of the whole, or of a part that it has

---@param name string
function commands.has(name)
  return MODULES[name] ~= nil
end

---@param name string
---@return partylua.cli.Command
function commands.get(name)
  return MODULES[name]()
end

--- Runs a command; behind each, --help explains it.
---@param name string
---@param args string[]
---@return integer exit_code
function commands.run(name, args)
  local command = commands.get(name)
  if args[1] == "--help" or args[1] == "-h" then
    io.stdout:write(command.help(), "\n")
    return 0
  end
  return command.run(args) or 0
end

return commands
