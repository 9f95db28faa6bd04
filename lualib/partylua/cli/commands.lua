--- commands: which there are, and which of PartyKit's there are not, with what to use instead.

local commands = {
  names = {
    "serve", "dev", "check", "test", "init", "rooms", "room", "info", "tail", "connect", "fetch",
    "storage", "vectorize", "reload", "drain", "stop", "backup", "restore", "ai", "ts2lua",
    "types", "schema", "completion", "version", "help",
  },
}

local MODULES = {
  serve = function() return require "partylua.cli.serve" end,
  dev = function() return require "partylua.cli.dev" end,
  check = function() return require "partylua.cli.check" end,
  init = function() return require "partylua.cli.init_project" end,
  test = function() return require "partylua.cli.test" end,
  rooms = function() return require "partylua.cli.rooms" end,
  room = function() return require "partylua.cli.room" end,
  info = function() return require "partylua.cli.info" end,
  tail = function() return require "partylua.cli.tail" end,
  connect = function() return require "partylua.cli.connect" end,
  fetch = function() return require "partylua.cli.fetch" end,
  reload = function() return require "partylua.cli.reload" end,
  drain = function() return require "partylua.cli.drain" end,
  stop = function() return require "partylua.cli.stop" end,
  storage = function() return require "partylua.cli.storage" end,
  vectorize = function() return require "partylua.cli.vectorize" end,
  backup = function() return require "partylua.cli.backup" end,
  restore = function() return require "partylua.cli.restore" end,
  ai = function() return require "partylua.cli.ai" end,
  ts2lua = function() return require "partylua.cli.ts2lua" end,
  types = function() return require "partylua.cli.types" end,
  schema = function() return require "partylua.cli.schema" end,
  completion = function() return require "partylua.cli.completion" end,
  version = function() return require "partylua.cli.version" end,
  help = function() return require "partylua.cli.help" end,
}

local NO_PLATFORM = "there is no hosting platform and there are no accounts: "
  .. "'partylua serve' is the whole server, on a machine of yours"
local SERVE = "'partylua serve app.lua' serves a room; see 'partylua help serve'"
local ENV = "room.env comes from \"vars\" in partylua.json, .env, --env-file and --var"

--- Commands of PartyKit that are not here, with what to know instead.
---@type table<string, string>
commands.left_out = {
  list = "'partylua rooms' lists rooms, 'partylua info' says what the server is",
  start = SERVE, env = ENV,
}
for name in ("deploy publish login logout whoami token domain delete"):gmatch "%a+" do
  commands.left_out[name] = NO_PLATFORM
end

---@class partylua.cli.Command
---@field summary string
---@field run fun(args: string[]): integer?
---@field help fun(part?: string): string    of the whole, or of a part that it has
---@field parts? string[]

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
