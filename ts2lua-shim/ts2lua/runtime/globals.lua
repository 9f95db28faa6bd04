--- globals: the names that programs find without declaring them.

local globals = {}

local raise = require "ts2lua.runtime.raise"
local operators = require "ts2lua.runtime.operators"

--- The object of all globals. Asking for one that is not there is an error.
local G = setmetatable({}, {
  __index = function(_, key)
    raise.reference_error(raise.name(key) .. " is not defined")
  end,
})
globals.G = G
rawset(G, "globalThis", setmetatable({}, { __index = function(_, key) return rawget(G, key) end,
  __newindex = function(_, key, value) rawset(G, key, value) end }))

--- Adds the fields of a table as globals.
function globals.add(list)
  for name, value in next, list do rawset(G, name, value) end
end

--- `typeof name`, where the name may not exist.
function globals.typeof(name)
  return operators.typeof(rawget(G, name))
end

return globals
