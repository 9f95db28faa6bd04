--- world: an app that is being fuzzed, its clients, and what the spec knows about them.

local App = require "partylua.testing.app"
local errors = require "partylua.testing.errors"
local json = require "partylua.json"
local steps = require "partylua.testing.fuzz.steps"

---@class partylua.testing.World
---@field app partylua.testing.App
---@field clients table<string, partylua.testing.Client>    by name: "c1"
---@field rooms table<string, string>    the room that each client is in, or was last
---@field ids string[]    the names of all clients
---@field model any    what the option `model` has made
---@field options partylua.testing.FuzzOptions
local World = {}
World.__index = World

---@param source string|table
---@param options partylua.testing.FuzzOptions
---@return partylua.testing.World
function World.open(source, options)
  local ids = {}
  for i = 1, options.clients do ids[i] = "c" .. i end
  return setmetatable({
    app = App.open(source, options.app, 2), clients = {}, rooms = {}, ids = ids,
    model = options.model and options.model() or {}, options = options, told = {},
  }, World)
end

--- A client that can do something now.
---@param id string
---@return partylua.testing.Client?
function World:open_client(id)
  local client = self.clients[id]
  return client and client.state == "open" and client or nil
end

--- The room a client is in, as a handle.
---@param id string
---@return partylua.testing.Room
function World:roomOf(id)
  return self.app:room(self.rooms[id])
end

--- A message as it is observed: what it says as JSON, when it is JSON.
local function read(message)
  if type(message) ~= "string" then return message end
  local value, why = json.tryDecode(message)
  return why and message or value
end

--- Shows the spec what clients have heard since the last step.
local function observe(self)
  local received, closed = self.options.received, self.options.closed
  for _, id in ipairs(self.ids) do
    local client = self.clients[id]
    while client do
      local message = client:receive()
      if message == nil then break end
      if received then received(self, id, read(message), message) end
    end
    local ending = client and client.closed
    if ending and self.told[id] ~= ending then
      self.told[id] = ending
      if closed then closed(self, id, ending) end
    end
  end
end

local function check_errors(self)
  local raised = self.app:takeErrors()
  if #raised == 0 or self.options.mayRaise then return end
  error("a hook raised:\n" .. errors.describe(raised), 0)
end

local function check_invariants(self, invariants)
  local names = {}
  for name in pairs(invariants or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local ok, why = pcall(invariants[name], self)
    if not ok then
      local text = type(why) == "table" and why.message or why
      error({ name = name, message = tostring(text) }, 0)
    end
  end
end

local function guarded(self, fn, ...)
  local ok, why = pcall(fn, ...)
  if ok then return nil end
  if type(why) == "table" and why.name then return why end
  local text = type(why) == "table" and why.message or why
  return { name = "the step itself", message = tostring(text) }
end

---@class partylua.testing.Violation
---@field name string    of the invariant
---@field message string

--- Does a step and looks at what came of it; gives what does not hold any more.
---@param step partylua.testing.Step
---@return partylua.testing.Violation?
function World:step(step)
  return guarded(self, function()
    steps.run(self, step)
    observe(self)
    check_errors(self)
    check_invariants(self, self.options.invariants)
  end)
end

--- Heals the disk, lets two hours pass, and looks for what must hold then: a server looks at its
--- alarms once an hour, should somebody have set the clock.
---@return partylua.testing.Violation?
function World:rest()
  return guarded(self, function()
    self.app:failCommits(false)
    self.app:slowCommits(0)
    self.app:advance(7200)
    observe(self)
    check_errors(self)
    check_invariants(self, self.options.invariants)
    check_invariants(self, self.options.atRest)
  end)
end

function World:close()
  self.app:takeErrors()
  self.app:stop()
end

return World
