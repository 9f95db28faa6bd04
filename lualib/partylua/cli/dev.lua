--- dev: `partylua dev [app]`: serves an app while it is written: what changes is loaded at once.

local failure = require "partylua.config.failure"
local options = require "partylua.config.options"
local parser = require "partylua.cli.parser"
local serve = require "partylua.cli.serve"

local dev = { summary = "serve an app while it is written, reloading what changes" }

local function build_parser()
  local made = parser.new("dev", "Serve an app while it is written: what changes is loaded at "
    .. "once, and sockets stay open.")
  made:usage "Usage: partylua dev [options] [app]"
  made:epilog(serve.EPILOG)
  made:argument("app", 'Lua or TypeScript file of the main party (default: "main" of the '
    .. "configuration)"):args "?"
  local own = {
    made:flag("--live", "pages load themselves again when static files change, and show errors"),
    made:option("--persist", "keep what rooms store, in this folder (default: .partylua/state)")
      :argname("[=DIR]"),
    made:flag("--no-persist", "forget what rooms store when it ends"):target "no_persist",
    made:flag("--open", "open a browser"),
    made:flag("--no-hotkeys", "read no keys from the terminal"):target "no_hotkeys",
  }
  local app = serve.add_app_options(made)
  local help = made:flag("-h --help", "show this")
  made:group("Development", unpack(own))
  made:group("The app", unpack(app))
  made:group("The server", unpack(parser.add_options(made, options.general)))
  made:group("Limits", unpack(parser.add_options(made, options.limits)))
  made:group("Help", help)
  return made
end

--- `--persist` may stand alone, or before PartyKit's `false`; a folder follows "=", so that an app
--- behind it is still the app.
local function read_persist(args)
  local rest, persist = {}, nil
  for i, arg in ipairs(args) do
    local folder = arg:match "^%-%-persist=(.*)$"
    if folder == "false" then persist = false
    elseif folder == "true" or arg == "--persist" then persist = true
    elseif folder then persist = folder
    elseif (arg == "false" or arg == "true") and args[i - 1] == "--persist" then
      persist = arg == "true"
    else rest[#rest + 1] = arg end
  end
  if persist == "" then failure.raise("dev: --persist= names no folder") end
  return rest, persist
end

--- What config.load is asked for.
local function request_of(result, persist)
  local request = serve.request(result)
  if type(persist) == "string" then
    if request.flags.data then
      failure.raise("dev: --data and --persist=DIR both name a folder")
    end
    request.flags.data, persist = persist, true
  end
  if result.no_persist then persist = false end
  request.dev, request.dev_endpoints = true, true
  request.live, request.persist = result.live, persist
  return request
end

function dev.help()
  return build_parser():get_help()
end

---@param args string[]
---@return integer exit_code
function dev.run(args)
  local rest, persist = read_persist(args)
  local result = parser.parse(build_parser(), "dev", rest)
  if not result then return 0 end
  local request = request_of(result, persist)
  return require("partylua.dev").run(serve.load(request), {
    read = function() return serve.load(request) end,
    opens_browser = result.open,
    has_keys = not result.no_hotkeys,
    is_quiet = request.flags["log-format"] == "json" or request.flags["log-format"] == "text",
  })
end

return dev
