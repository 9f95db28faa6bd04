--- fuzz: random things done to an app, and whether what was promised holds after each.
---
---     party.fuzz("app.lua", {
---       clients = 3, steps = 500, seed = 42,
---       message = function(random) return { type = "add", n = random(10) } end,
---       invariants = {
---         ["the sum is never negative"] = function(world) ... end,
---       },
---     })
---
--- The same seed does the same things. A failure names it, and the shortest script that was found
--- to fail the same way, as Lua that can stand in a spec.

local World = require "partylua.testing.fuzz.world"
local chance = require "partylua.testing.fuzz.chance"
local hint = require "partylua.hint"
local native = require "partylua.native"
local random = require "partylua.testing.fuzz.random"
local script_writer = require "partylua.testing.fuzz.script"
local shrink = require "partylua.testing.fuzz.shrink"

local fuzz = {}

local DEFAULTS = {
  clients = 3, steps = 500, runs = 1, rooms = { "lobby" }, shrinkSeconds = 10,
}
local NAMES = {
  "clients", "steps", "seed", "runs", "rooms", "message", "connect", "request", "actions",
  "weights", "model", "sent", "received", "closed", "answered", "invariants", "atRest", "mayRaise",
  "app", "shrinkSeconds",
}

local function is_among(name, names)
  for _, each in ipairs(names) do
    if each == name then return true end
  end
  return false
end

local function check_names(given, names, what, level)
  for name in pairs(given) do
    if not is_among(name, names) then
      local meant = hint.did_you_mean(tostring(name), names)
      error(("party.fuzz has no %s '%s'%s"):format(what, tostring(name),
        meant and ": " .. meant or ""), level + 1)
    end
  end
end

local function any_seed()
  local a, b, c = native.random_bytes(3):byte(1, 3)
  return a + b * 256 + c * 65536
end

local function complete(given, level)
  if type(given) ~= "table" then error("party.fuzz takes a table of options", level + 1) end
  check_names(given, NAMES, "option", level + 1)
  check_names(given.weights or {}, chance.names, "kind of step", level + 1)
  local options = {}
  for name, value in pairs(DEFAULTS) do options[name] = value end
  for name, value in pairs(given) do options[name] = value end
  options.seed = options.seed or any_seed()
  return options
end

-- Runs ------------------------------------------------------------------------------------------

--- The options of one run: the app's own ids and random numbers follow from its seed, too.
local function options_of(options, seed)
  local app = { seed = seed }
  for name, value in pairs(options.app or {}) do app[name] = value end
  return setmetatable({ app = app }, { __index = options })
end

--- Makes up steps and does them; gives those that were done, and what does not hold in the end.
local function explore(source, options, seed, counts)
  local world, numbers = World.open(source, options), random.new(seed)
  local weights, script, violation = chance.weights(options), {}, nil
  for i = 1, options.steps do
    local step = chance.make_up(world, numbers, weights)
    script[i] = step
    counts[step[1]] = (counts[step[1]] or 0) + 1
    violation = world:step(step)
    if violation then break end
  end
  violation = violation or world:rest()
  world:close()
  return script, violation
end

--- Does the steps of a script; gives what does not hold, at any time.
local function replay(source, options, script)
  local world, violation = World.open(source, options), nil
  for _, step in ipairs(script) do
    violation = world:step(step)
    if violation then break end
  end
  violation = violation or world:rest()
  world:close()
  return violation
end

--- The shortest script that was found within the time, and what does not hold after it.
local function shorten(source, options, script, violation)
  local give_up = os.clock() + options.shrinkSeconds
  local last = violation
  local shortest = shrink.run(script, function(shorter)
    if os.clock() > give_up then return nil end
    local found = replay(source, options, shorter)
    if not found or found.name ~= violation.name then return false end
    last = found
    return true
  end)
  return shortest, last
end

local REPORT = [[
party.fuzz found that this does not hold: %s
%s
It was seed %d, after %d steps. The shortest script that fails the same way has %d:

%s
]]

--- Fuzzes an app. Raises when something does not hold.
---@param source string|table    as of party.app
---@param given partylua.testing.FuzzOptions
---@param level integer    as in error(), counted from the caller
---@return partylua.testing.FuzzResult
function fuzz.run(source, given, level)
  local options = complete(given, level + 1)
  local result = { seed = options.seed, steps = 0, counts = {} }
  for seed = options.seed, options.seed + options.runs - 1 do
    local run_options = options_of(options, seed)
    local script, violation = explore(source, run_options, seed, result.counts)
    result.steps = result.steps + #script
    if violation then
      local shortest, last = shorten(source, run_options, script, violation)
      error(REPORT:format(last.name, last.message, seed, #script, #shortest,
        script_writer.write(shortest, source, run_options.app, options.app)), level + 1)
    end
  end
  return result
end

return fuzz
