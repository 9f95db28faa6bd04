--- host: programs in TypeScript as parties of this server.

local classes = require "ts2lua.host.classes"
local console = require "ts2lua.runtime.console"
local dates = require "ts2lua.runtime.dates"
local fetching = require "ts2lua.host.fetching"
local globals = require "ts2lua.runtime.globals"
local modules = require "ts2lua.host.modules"
local native = require "partylua.native"
local rooms = require "ts2lua.host.rooms"
local shape = require "ts2lua.runtime.shape"
local streams = require "ts2lua.runtime.streams"
local tasks = require "ts2lua.runtime.tasks"
local timers = require "ts2lua.runtime.timers"
local waiting = require "ts2lua.host.waiting"

local host = {}

-- What the runtime asks of the world.

dates.now = native.now
tasks.spawn = function(fn) native.spawn(fn) end
streams.wait = waiting.settle

console.write = function(level, text)
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
globals.add { process = process, fetch = fetching.fetch }

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
