--- chance: makes up steps that can be done now.

local chance = {}

local make = {}

local function pick_room(world, random)
  return random:pick(world.options.rooms)
end

local function pick_open(world, random)
  local open = {}
  for _, id in ipairs(world.ids) do
    if world:open_client(id) then open[#open + 1] = id end
  end
  return #open > 0 and random:pick(open) or nil
end

function make.connect(world, random)
  local absent = {}
  for _, id in ipairs(world.ids) do
    if not world:open_client(id) then absent[#absent + 1] = id end
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

function make.jumpClock(_, random)
  return { "jumpClock", seconds = random:pick { -86400, -3600, -1, 1, 3600, 86400 } }
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
  { "advance", 8 }, { "jumpClock", 1 }, { "hibernate", 6 }, { "close", 2 }, { "drop", 3 },
  { "slowCommits", 4 }, { "failCommits", 3 }, { "crash", 2 }, { "restart", 1 },
}

chance.names = {}
for i, each in ipairs(WEIGHTS) do chance.names[i] = each[1] end

--- The weights for options: what needs a function that was not given is left out.
---@param options partylua.testing.FuzzOptions
function chance.weights(options)
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
function chance.make_up(world, random, weights)
  for _ = 1, 100 do
    local step = make[random:weigh(weights)](world, random)
    if step then return step end
  end
  return { "advance", seconds = 1 }
end

return chance
