--- serve: `partylua serve [app.lua]`: settings from flags and files, then the server.

local config = require "partylua.config"
local failure = require "partylua.config.failure"
local options = require "partylua.config.options"
local parser = require "partylua.cli.parser"

local serve = { summary = "serve an app until SIGTERM or SIGINT" }

serve.EPILOG = "Sizes take KiB to TiB; times are seconds, or take ms, s, min and h.\n"
  .. "Each option of the server and each limit is also a variable: PARTYLUA_MESSAGE_BYTES."

--- Adds the options that are about the app, and returns what argparse made of them.
---@param made table
function serve.add_app_options(made)
  return {
    made:option("-c --config", "configuration, instead of the nearest partylua.json")
      :argname "FILE",
    made:option("-v --var", "put a text into room.env; repeatable")
      :argname("NAME=VALUE"):count "*":target "vars",
    made:option("--env-file", "put the values of a .env file into room.env; repeatable")
      :argname("FILE"):count "*":target "env_files",
  }
end

local function build_parser()
  local made = parser.new("serve", "Serve an app until SIGTERM or SIGINT.")
  made:usage "Usage: partylua serve [options] [app.lua]"
  made:epilog(serve.EPILOG)
  made:argument("app", 'Lua file of the main party (default: "main" of the configuration)')
    :args "?"
  local app = serve.add_app_options(made)
  app[#app + 1] = made:flag("--dev-endpoints",
    "answer PartyKit's development URLs, such as /__scheduled__"):target "dev_endpoints"
  local help = made:flag("-h --help", "show this")
  made:group("The app", unpack(app))
  made:group("The server", unpack(parser.add_options(made, options.general)))
  made:group("Limits", unpack(parser.add_options(made, options.limits)))
  made:group("Help", help)
  return made
end

--- What arguments ask for.
---@param result table    of parser.parse
---@return partylua.config.Request
function serve.request(result)
  return {
    main = result.app,
    path = result.config,
    vars = result.vars,
    env_files = result.env_files,
    dev_endpoints = result.dev_endpoints,
    flags = parser.flags(result, options.all),
  }
end

--- The settings that are asked for; raises a failure when they cannot be had.
---@param request partylua.config.Request
---@return partylua.Settings
function serve.load(request)
  local settings, message, hint = config.load(request)
  return settings or failure.raise(message, hint)
end

--- The settings that arguments ask for.
---@param args string[]
---@return partylua.Settings? settings    nil when help was asked for and printed
function serve.settings(args)
  local result = parser.parse(build_parser(), "serve", args)
  if not result then return nil end
  return serve.load(serve.request(result))
end

function serve.help()
  return build_parser():get_help()
end

---@param args string[]
---@return integer exit_code
function serve.run(args)
  local settings = serve.settings(args)
  if not settings then return 0 end
  for _, warning in ipairs(settings.warnings) do
    io.stderr:write("partylua: warning: ", warning, "\n")
  end
  return require("partylua.serving").run(settings, function() return serve.settings(args) end)
end

return serve
