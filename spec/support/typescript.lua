--- typescript: runs pieces of TypeScript through the translator, with a clock of its own.
---
---     typescript.run "out(1 + 1)"      --> { "2" }
---
--- `out(x)` collects the JSON of x, in which what JSON lacks appears as "$undef", "$NaN",
--- "$Infinity", "$-Infinity" and "$fn". A piece that throws ends in a line "THREW message", one
--- that never ends in "PENDING". Timers run as soon as nothing else does.

local functions = require "ts2lua.runtime.functions"
local microtasks = require "ts2lua.runtime.microtasks"
local runtime = require "ts2lua.runtime"
local shape = require "ts2lua.runtime.shape"
local stringify = require "ts2lua.runtime.json_text"
local timers = require "ts2lua.runtime.timers"
local translator = require "ts2lua.translator"

local typescript = {}

--- Time that timers may take before a piece counts as never ending.
local MS_MAX = 10000

local SPECIAL = { [math.huge] = "$Infinity", [-math.huge] = "$-Infinity" }

local function show(_, _, value)
  if value == nil then return "$undef" end
  if type(value) == "function" then return "$fn" end
  if type(value) == "table" and getmetatable(value).is_class then return "$fn" end
  if value ~= value then return "$NaN" end
  if type(value) == "number" then return SPECIAL[value] or value end
  return value
end

--- Timers in order of time, and of their making.
local function clock()
  local now, waiting = 0, {}
  local function start(ms, repeats, fn)
    local timer = { due = now + ms, ms = repeats and ms, fn = fn }
    table.insert(waiting, timer)
    return function() timer.is_over = true end
  end
  local function take()
    local best
    for i, timer in ipairs(waiting) do
      if not best or timer.due < waiting[best].due then best = i end
    end
    return best and table.remove(waiting, best)
  end
  local function run()
    for timer in take do
      now = timer.due
      if now > MS_MAX then return end
      if not timer.is_over then
        if timer.ms then
          timer.due = now + timer.ms
          table.insert(waiting, timer)
        end
        timer.fn()
      end
    end
  end
  return start, run
end

--- Translates and loads a module; returns what it exports.
---@param source string
---@param file? string
---@return table exports
function typescript.load(source, file)
  file = file or "spec.ts"
  local translation, problem = translator.translate(source, file)
  if not translation then error(tostring(problem), 0) end
  local exports = shape.object()
  functions.programs[file] = { functions = translation.functions, source = source }
  local chunk = assert(loadstring(translation.lua, "@" .. file))
  chunk(runtime, function(name) error("no module " .. name, 0) end, exports)
  return exports
end

local function outcome(promise, lines)
  if promise[1] == 0 then lines[#lines + 1] = "PENDING" end
  if promise[1] == 2 then
    local problem = promise[2]
    local is_error = type(problem) == "table" and getmetatable(problem).is_error
    lines[#lines + 1] = "THREW " .. tostring(is_error and problem.message or problem)
  end
  promise[5] = true
end

--- Runs a piece as the body of an async function; returns the lines it gave out.
---@param code string
---@return string[]
function typescript.run(code)
  local lines = {}
  local start, run_timers = clock()
  timers.start = start
  rawset(runtime.G, "out", function(_, value) lines[#lines + 1] = stringify(value, show) end)
  local exports = typescript.load("export const run = async () => {" .. code .. "\n};")
  local promise = exports.run(nil)
  microtasks.drain()
  run_timers()
  outcome(promise, lines)
  return lines
end

return typescript
