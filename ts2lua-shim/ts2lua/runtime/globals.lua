--- globals: the names that programs find without declaring them.

local operators = require "ts2lua.runtime.operators"
local raise = require "ts2lua.runtime.raise"

local rawget, rawset = rawget, rawset

local globals = {}

--- Makes globals that are not there before they are asked for.
---@type table<string, fun(): any>
local makers = {}

--- The global of that name; nil where there is none.
local function find(G, name)
  local value = rawget(G, name)
  if value ~= nil then return value end
  local make = makers[name]
  if not make then return nil end
  makers[name] = nil
  value = make()
  rawset(G, name, value)
  return value
end

--- The object of all globals. Asking for one that is not there is an error.
local G = setmetatable({}, {
  __index = function(G, name)
    local value = find(G, name)
    if value == nil then raise.reference_error(raise.name(name) .. " is not defined") end
    return value
  end,
})
globals.G = G

rawset(G, "globalThis", setmetatable({}, {
  __index = function(_, name) return find(G, name) end,
  __newindex = function(_, name, value) rawset(G, name, value) end,
}))

--- Adds the fields of a table as globals.
function globals.add(list)
  for name, value in next, list do rawset(G, name, value) end
end

--- Adds a global that `make` makes when it is first asked for.
---@param name string
---@param make fun(): any
function globals.add_later(name, make)
  makers[name] = make
end

--- `typeof name`, where the name may not exist.
function globals.typeof(name)
  return operators.typeof(find(G, name))
end

return globals
