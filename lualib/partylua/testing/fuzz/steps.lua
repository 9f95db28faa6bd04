--- steps: what a fuzzed app goes through, one thing after another, as data, and how each is done.
---
--- A step names clients and rooms, so that it can be done again when steps before it are left
--- out; what cannot be done then (a message of a client that is not there) does nothing.

local binary = require "partylua.binary"

---@class partylua.testing.Step
---@field [1] string    what is done
---@field client? string
---@field room? string

local steps = {}

local on = {}

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
  local client = world:open_client(step.client)
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
  local client = world:open_client(step.client)
  if client then client:close(1000, "") end
end

function on.drop(world, step)
  local client = world:open_client(step.client)
  if client then client:drop() end
end

function on.fetch(world, step)
  local answer = world.app:room(step.room, step.party):fetch(step.path, step.init)
  local observe = world.options.answered
  if observe then observe(world, step, answer) end
end

--- Whatever holds the room off is no fault. What nobody has collected yet would still be at hand.
function on.hibernate(world, step)
  pcall(function() world.app:room(step.room, step.party):hibernate() end)
  collectgarbage()
end

function on.crash(world) world.app:crash() end
function on.restart(world) world.app:restart() end
function on.advance(world, step) world.app:advance(step.seconds) end

function on.jumpClock(world, step) world.app:jumpClock(step.seconds) end

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

return steps
