--- host: programs in TypeScript as parties of this server.

local classes = require "ts2lua.host.classes"
local globals = require "ts2lua.runtime.globals"
local modules = require "ts2lua.host.modules"
local native = require "partylua.native"
local rooms = require "ts2lua.host.rooms"
local shape = require "ts2lua.runtime.shape"
local tasks = require "ts2lua.runtime.tasks"
local timers = require "ts2lua.runtime.timers"
local waiting = require "ts2lua.host.waiting"
local world = require "ts2lua.runtime.world"

local host = {}

-- What the runtime asks of the world.

world.now, world.wait = native.now, waiting.settle
tasks.spawn = function(fn) native.spawn(fn) end

function world.log(level, text)
  native.log(level, "console", text)
end

timers.start = function(ms, repeats, fn)
  local timer = native.timer(ms, repeats, function()
    local ok, problem = pcall(fn)
    waiting.finish_turn()
    if not ok then waiting.call(function() error(problem, 0) end) end
  end)
  return function() timer:cancel() end
end

--- `process.env` has the application's variables.
local process = shape.object()
shape.define_accessor(process, "env", "get", rooms.env)
globals.add { process = process }
globals.add_later("WebSocket", function() return require("ts2lua.host.sockets").WebSocket end)
globals.add_later("fetch", function() return require("ts2lua.host.fetching").fetch end)

--- Loads a party's file; returns its class.
---@param path string
---@param name string
---@param directory? string
---@param define? fun(name: string): table?
---@return table
function host.load(path, name, directory, define)
  local exports = modules.load(path, name, directory, define)
  return classes.wrap(rawget(exports, "default"), name)
end

return host
