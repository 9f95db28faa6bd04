--- classes: a party written in TypeScript as a class of the host.
---
--- Hooks are declared only where the program has them: the host asks which there are.

local class = require "ts2lua.runtime.class"
local connections = require "ts2lua.host.connections"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local failure = require "partylua.config.failure"
local iterate = require "ts2lua.runtime.iterate"
local later = require "ts2lua.runtime.later"
local property = require "ts2lua.runtime.property"
local rooms = require "ts2lua.host.rooms"
local shape = require "ts2lua.runtime.shape"
local values = require "ts2lua.host.values"
local waiting = require "ts2lua.host.waiting"

local requests = later "requests"

local classes = {}

--- A response or request of a program as the host's; nil for nothing.
local function to_host(value)
  if value == nil then return nil end
  local metatable = type(value) == "table" and getmetatable(value)
  if metatable and (metatable.is_response or metatable.is_request) then return value[1] end
  return value
end

local function wrap_request(request) return requests.wrap(request) end

local function connection_context(ctx)
  return shape.record({ "request" }, { requests.wrap(ctx.request) })
end

--- Calls a hook of the room's object. An older form of a party gets the room as well, at `place`
--- among the arguments.
local function call(self, name, place, ...)
  local program = self.program
  local hook = program.object[name]
  if not program.is_object then return waiting.call(hook, program.object, ...) end
  local arguments = { ... }
  table.insert(arguments, place, program.room)
  return waiting.call(hook, program.object, unpack(arguments, 1, select("#", ...) + 1))
end

local ROOM_HOOKS = {
  onStart = function(self) return call(self, "onStart", 1) end,
  onConnect = function(self, conn, ctx)
    return call(self, "onConnect", 2, connections.wrap(conn), connection_context(ctx))
  end,
  onMessage = function(self, message, conn, is_binary)
    return call(self, "onMessage", 3, values.message_in(message, is_binary),
      connections.wrap(conn))
  end,
  onClose = function(self, conn) return call(self, "onClose", 2, connections.wrap(conn)) end,
  onError = function(self, conn, err)
    return call(self, "onError", 3, connections.wrap(conn),
      class.new(errors.Error, err.message))
  end,
  onRequest = function(self, request)
    return to_host(call(self, "onRequest", 2, requests.wrap(request)))
  end,
  onAlarm = function(self) return call(self, "onAlarm", 1) end,
  getConnectionTags = function(self, conn, ctx)
    local tags = call(self, "getConnectionTags", 3, connections.wrap(conn),
      connection_context(ctx))
    local list = {}
    for _, tag in iterate.iterate(tags) do list[#list + 1] = tag end
    return list
  end,
}

local function static(name, program)
  return function(self, subject, lobby, execution)
    return to_host(waiting.call(program[name], program, subject, rooms.lobby(lobby),
      rooms.execution(execution)))
  end
end

local function cron_of(cron)
  local made = shape.record({ "name", "definition", "cron", "scheduledTime" },
    { cron.name, cron.definition, cron.cron, cron.scheduledTime })
  rawset(made, "noRetry", function() end)
  return made
end

--- How the first argument of each static hook is given to the program.
local STATIC_HOOKS = {
  onBeforeConnect = wrap_request, onBeforeRequest = wrap_request, onFetch = wrap_request,
  onSocket = connections.wrap, onCron = cron_of,
}

local function add_static(made, program)
  for name, wrap in pairs(STATIC_HOOKS) do
    local key = name
    if name == "onFetch" and program.onFetch == nil then key = "unstable_onFetch" end
    if program[key] ~= nil then
      local hook = static(key, program)
      made[name] = function(self, subject, lobby, execution)
        return hook(self, wrap(subject), lobby, execution)
      end
    end
  end
end

--- Is the program's default export a class or a constructor, and no plain object?
local function is_class(program)
  return type(program) == "function"
    or type(program) == "table" and getmetatable(program).is_class == true
end

---@param has fun(name: string): boolean
local function add_hooks(made, has)
  for name, hook in pairs(ROOM_HOOKS) do
    if has(name) then made[name] = hook end
  end
end

--- A constructor made with `function` has its hooks in its prototype.
local function hooks_of(program)
  if type(program) == "function" then
    return function(name) return property.get(program, "prototype")[name] ~= nil end
  end
  return function(name) return class.has_hook(program, name) end
end

--- The options of a room's object, which the host reads once it is made.
local function options_of(object)
  local options = object.options
  if type(options) ~= "table" then return nil end
  return { hibernate = convert.truthy(options.hibernate) }
end

local function class_of(program)
  local made, has = {}, hooks_of(program)
  function made.constructor(self, handle)
    local room = rooms.wrap(handle)
    local object = waiting.call(class.new, program, room)
    self.program = { object = object, room = room }
    self.options = options_of(object)
    for name in pairs(STATIC_HOOKS) do
      if has(name) then rawset(self, name, true) end -- the host warns of them
    end
  end
  add_hooks(made, has)
  -- The host's room starts when what the constructor has begun is done.
  local on_start = made.onStart
  function made.onStart(self)
    rooms.wait_for_blocks(self.program.room)
    if on_start then on_start(self) end
  end
  add_static(made, program)
  return made
end

--- PartyKit: hibernation is on with onMessage, or without onConnect.
local function class_of_object(program)
  local made = {}
  function made.constructor(self, handle)
    self.program = { object = program, room = rooms.wrap(handle), is_object = true }
  end
  add_hooks(made, function(name) return program[name] ~= nil end)
  made.onStart, made.getConnectionTags = nil, nil
  add_static(made, program)
  made.options = { hibernate = made.onMessage ~= nil or made.onConnect == nil }
  return made
end

--- The host's class for what a module exports as its default.
---@param program any
---@param name string    the file's, for messages
---@return table
function classes.wrap(program, name)
  if is_class(program) then return class_of(program) end
  if type(program) == "table" then return class_of_object(program) end
  return failure.raise(name .. " must export the party's class as its default",
    "end the file with 'export default class … implements Party.Server'")
end

return classes
