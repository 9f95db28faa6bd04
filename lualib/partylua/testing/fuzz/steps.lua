--- steps: what a fuzzed app goes through, one thing after another, as data: made up, done, and
--- written down as the Lua of a spec.
---
--- A step names clients and rooms, so that it can be done again when steps before it are left
--- out; what cannot be done then (a message of a client that is not there) does nothing.

local binary = require "partylua.binary"
local show = require "partylua.testing.show"

---@class partylua.testing.Step
---@field [1] string    what is done
---@field client? string
---@field room? string

local steps = {}

-- Doing -----------------------------------------------------------------------------------------

local on = {}

local function open_client(world, id)
  local client = world.clients[id]
  if client and client.state == "open" then return client end
end

local function hear_sent(world, step)
  local observe = world.options.sent
  if observe then observe(world, step.client, step.message) end
end

function on.connect(world, step)
  local options = { id = step.client }
  for key, value in pairs(step.options or {}) do options[key] = value end
  local left = world.clients[step.client]
  if left and left.state == "open" then return end
  world.rooms[step.client] = step.room
  world.clients[step.client] = world.app:room(step.room, step.party):connect(options)
end

local function send(world, step)
  local client = open_client(world, step.client)
  if not client then return end
  hear_sent(world, step)
  if type(step.message) == "table" and not binary.is(step.message) then
    client:sendJson(step.message)
  else
    client:send(step.message)
  end
end

on.send = send

function on.together(world, step)
  world.app:together(function()
    for _, each in ipairs(step.steps) do on[each[1]](world, each) end
  end)
end

function on.close(world, step)
  local client = open_client(world, step.client)
  if client then client:close(1000, "") end
end

function on.drop(world, step)
  local client = open_client(world, step.client)
  if client then client:drop() end
end

function on.fetch(world, step)
  local answer = world.app:room(step.room, step.party):fetch(step.path, step.init)
  local observe = world.options.answered
  if observe then observe(world, step, answer) end
end

--- Whatever holds the room off is no fault.
function on.hibernate(world, step)
  pcall(function() world.app:room(step.room, step.party):hibernate() end)
end

function on.crash(world) world.app:crash() end
function on.restart(world) world.app:restart() end
function on.advance(world, step) world.app:advance(step.seconds) end

function on.failCommits(world, step)
  world.app:failCommits(step.count, { kept = step.kept })
end

function on.slowCommits(world, step) world.app:slowCommits(step.seconds) end

on["do"] = function(world, step)
  world.options.actions[step.name](world, step.argument)
end

---@param world partylua.testing.World
---@param step partylua.testing.Step
function steps.run(world, step)
  on[step[1]](world, step)
end

-- Making up -------------------------------------------------------------------------------------

local make = {}

local function pick_room(world, random)
  return random:pick(world.options.rooms)
end

local function pick_open(world, random)
  local open = {}
  for _, id in ipairs(world.ids) do
    if open_client(world, id) then open[#open + 1] = id end
  end
  return #open > 0 and random:pick(open) or nil
end

function make.connect(world, random)
  local absent = {}
  for _, id in ipairs(world.ids) do
    if not open_client(world, id) then absent[#absent + 1] = id end
  end
  if #absent == 0 then return nil end
  local id = random:pick(absent)
  local options = world.options.connect and world.options.connect(random, id, world)
  return { "connect", client = id, room = pick_room(world, random), options = options }
end

function make.send(world, random)
  local id = pick_open(world, random)
  if not id then return make.connect(world, random) end
  return { "send", client = id, message = world.options.message(random, id, world) }
end

function make.together(world, random)
  local list = {}
  for i = 1, random(2, 4) do list[i] = make.send(world, random) end
  return #list > 0 and { "together", steps = list } or nil
end

local function make_ending(name)
  return function(world, random)
    local id = pick_open(world, random)
    return id and { name, client = id }
  end
end

make.close, make.drop = make_ending "close", make_ending "drop"

function make.fetch(world, random)
  local room = pick_room(world, random)
  local path, init = world.options.request(random, room, world)
  return { "fetch", room = room, path = path, init = init }
end

function make.hibernate(world, random)
  return { "hibernate", room = pick_room(world, random) }
end

function make.crash() return { "crash" } end
function make.restart() return { "restart" } end

--- Mostly moments, sometimes longer than anything waits.
function make.advance(_, random)
  return { "advance", seconds = random:pick { 0.001, 0.1, 1, 1, 5, 30, 61, 3600, 86400 } }
end

function make.failCommits(_, random)
  return { "failCommits", count = random(0, 2), kept = random(4) == 1 or nil }
end

function make.slowCommits(_, random)
  return { "slowCommits", seconds = random:pick { 0, 0, 0.05, 1, 10, math.huge } }
end

make["do"] = function(world, random)
  local names = {}
  for name in pairs(world.options.actions) do names[#names + 1] = name end
  table.sort(names)
  local name = random:pick(names)
  return { "do", name = name, argument = random(1000000) }
end

--- How often each is done; those that lead far are rare.
local WEIGHTS = {
  { "send", 40 }, { "connect", 8 }, { "together", 6 }, { "fetch", 6 }, { "do", 6 },
  { "advance", 8 }, { "hibernate", 6 }, { "close", 2 }, { "drop", 3 }, { "slowCommits", 4 },
  { "failCommits", 3 }, { "crash", 2 }, { "restart", 1 },
}

steps.names = {}
for i, each in ipairs(WEIGHTS) do steps.names[i] = each[1] end

--- The weights for options: what needs a function that was not given is left out.
---@param options partylua.testing.FuzzOptions
function steps.weights(options)
  local needs = { send = options.message, together = options.message, fetch = options.request,
    ["do"] = options.actions and next(options.actions) }
  local weights = {}
  for i, each in ipairs(WEIGHTS) do
    local name, weight = each[1], (options.weights or {})[each[1]] or each[2]
    local is_possible = needs[name] or not (name == "send" or name == "together"
      or name == "fetch" or name == "do")
    weights[i] = { name, is_possible and weight or 0 }
  end
  return weights
end

--- A step that can be done now.
---@param world partylua.testing.World
---@param random partylua.testing.Random
---@param weights table
---@return partylua.testing.Step
function steps.make_up(world, random, weights)
  for _ = 1, 100 do
    local step = make[random:weigh(weights)](world, random)
    if step then return step end
  end
  return { "advance", seconds = 1 }
end

-- Writing down ----------------------------------------------------------------------------------

local write = {}

local function room_text(step)
  if step.party then return ("app:room(%q, %q)"):format(step.room, step.party) end
  return ("app:room(%q)"):format(step.room)
end

local function message_text(message)
  if type(message) ~= "table" then return (":send(%s)"):format(show.value(message)) end
  if binary.is(message) then return (":sendBinary(%q)"):format(message.bytes) end
  return (":sendJson(%s)"):format(show.value(message))
end

local function number_text(number)
  return number == math.huge and "math.huge" or tostring(number)
end

function write.connect(step)
  local options = { id = step.client }
  for key, value in pairs(step.options or {}) do options[key] = value end
  return ("%s = %s:connect(%s)"):format(step.client, room_text(step), show.value(options))
end

function write.send(step) return step.client .. message_text(step.message) end

function write.together(step)
  local lines = {}
  for i, each in ipairs(step.steps) do lines[i] = "  " .. steps.text(each) end
  return ("app:together(function()\n%s\nend)"):format(table.concat(lines, "\n"))
end

function write.close(step) return step.client .. ":close(1000)" end
function write.drop(step) return step.client .. ":drop()" end

function write.fetch(step)
  local arguments = show.value(step.path or "")
  if step.init then arguments = arguments .. ", " .. show.value(step.init) end
  return ("%s:fetch(%s)"):format(room_text(step), arguments)
end

function write.hibernate(step) return room_text(step) .. ":hibernate()" end
function write.crash() return "app:crash()" end
function write.restart() return "app:restart()" end
function write.advance(step) return ("app:advance(%s)"):format(number_text(step.seconds)) end

function write.failCommits(step)
  return ("app:failCommits(%d%s)"):format(step.count, step.kept and ", { kept = true }" or "")
end

function write.slowCommits(step)
  return ("app:slowCommits(%s)"):format(number_text(step.seconds))
end

write["do"] = function(step)
  return ("actions[%q](world, %s)"):format(step.name, show.value(step.argument))
end

--- A step as Lua.
---@param step partylua.testing.Step
---@return string
function steps.text(step)
  return write[step[1]](step)
end

--- The names of the clients that are connected, in that order.
local function add_clients(script, names, seen)
  for _, step in ipairs(script) do
    if step.steps then add_clients(step.steps, names, seen) end
    if step[1] == "connect" and not seen[step.client] then
      seen[step.client] = true
      names[#names + 1] = step.client
    end
  end
end

--- All steps, as they can be pasted into a spec.
---@param script partylua.testing.Step[]
---@param source string|table    the app
---@return string
function steps.script(script, source)
  local names, lines = {}, {}
  add_clients(script, names, {})
  lines[1] = ("local app = party.app(%s)")
    :format(type(source) == "string" and ("%q"):format(source) or "App")
  if #names > 0 then lines[2] = "local " .. table.concat(names, ", ") end
  for _, step in ipairs(script) do lines[#lines + 1] = steps.text(step) end
  return table.concat(lines, "\n")
end

return steps
