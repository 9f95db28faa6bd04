--- exports: names that a module passes on from another one.
---
--- Most exports keep their value, and are copied. Those that change, and those that a circle of
--- imports has not filled yet, are asked for each time.

local property = require "ts2lua.runtime.property"
local shape = require "ts2lua.runtime.shape"

local rawget = rawget

local exports = {}

--- By the table of a module's exports: the names whose values change.
local live = setmetatable({}, { __mode = "k" })

--- Names exports that the module assigns to after it has begun.
function exports.mark_live(module, ...)
  local names = live[module] or {}
  live[module] = names
  for i = 1, select("#", ...) do names[select(i, ...)] = true end
end

--- `export { from as name } from other`
function exports.pass_on(module, name, other, from)
  local value = rawget(other, from)
  if value ~= nil and not (live[other] and live[other][from]) then
    module[name] = value
    return
  end
  exports.mark_live(module, name)
  shape.define_accessor(module, name, "get", function() return other[from] end)
end

--- `export * from other`. What the module exports itself counts first.
function exports.pass_all(module, other)
  local keys, count = property.own_keys(other)
  for i = 1, count do
    if keys[i] ~= "default" and not property.has_own(module, keys[i]) then
      exports.pass_on(module, keys[i], other, keys[i])
    end
  end
end

return exports
