--- boxes: tables for variables where Lua has too few registers.
---
--- A Lua function has at most 200 locals and takes at most 60 variables from outside. Functions
--- that come near keep variables in a table, one for each scope.

local names = require "ts2lua.scopes.names"

local boxes = {}

local LIMITS = {
  roomy = { locals = 110, free = 30 },
  tight = { locals = 40, free = 12 },
}

local CAN_MOVE = { let = true, const = true, var = true, ["function"] = true, class = true }

local function box(program, binding)
  local scope = binding.scope
  if not scope.can_box or not CAN_MOVE[binding.kind] then return end
  if binding.place or binding.enum then return end
  if not scope.box then
    program.box_count = (program.box_count or 0) + 1
    scope.box = "__box" .. program.box_count
  end
  binding.place, binding.is_boxed = names.member(scope.box, binding.lua), true
end

--- Pairs of a set in a certain order, so that the output is the same each time.
local function in_order(set)
  local list = {}
  for binding in pairs(set) do list[#list + 1] = binding end
  table.sort(list, function(a, b)
    if a.start ~= b.start then return a.start < b.start end
    return a.name < b.name
  end)
  return list
end

--- Decides which variables live in tables.
---@param program table
---@param is_tight boolean    the roomy limits were not enough
function boxes.assign(program, is_tight)
  local limits = is_tight and LIMITS.tight or LIMITS.roomy
  for _, scope in ipairs(program.functions) do
    if scope.free_count > limits.free then
      for _, binding in ipairs(in_order(scope.free)) do box(program, binding) end
    end
    if #scope.list > limits.locals then
      for _, binding in ipairs(scope.list) do box(program, binding) end
    end
  end
end

return boxes
