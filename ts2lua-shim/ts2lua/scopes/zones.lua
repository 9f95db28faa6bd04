--- zones: uses of `let`, `const` and classes that may come before their declaration has run, which
--- is a ReferenceError.
---
--- What the text alone decides is marked "always". Where a function comes before, it depends on
--- when it is called: then the variable begins with a value of its own, and the use looks at it.
--- Nearly all programs have few such uses: what runs before a declaration has to be able to call
--- something.

local inert = require "ts2lua.scopes.inert"

local zones = {}

---@class ts2lua.Zone
---@field is_late boolean      something that may call functions runs before the declaration
---@field is_open? boolean     its value is being walked
---@field value? table         that
---@field case? integer        of a switch: the clause it stands in

--- The outermost function between a use and the binding.
local function function_between(binding, scope)
  local fn = scope.fn
  while fn.parent and fn.parent.fn ~= binding.scope.fn do fn = fn.parent.fn end
  return fn
end

--- Can such a function run before the declaration?
local function may_come_first(binding, fn)
  local zone = binding.zone
  if zone.is_open then return not inert.value(zone.value) end
  return zone.is_late and (fn.start < binding.start or fn.declared_in == binding.scope)
end

--- Marks a use of a binding.
---@param binding ts2lua.Binding
---@param node table    an Identifier
---@param scope ts2lua.Scope    where it stands
function zones.note(binding, node, scope)
  local zone = binding.zone
  if not zone then return end
  if binding.scope.fn == scope.fn then
    if node.start < binding.start or zone.is_open then
      node.zone = "always"
    elseif zone.case ~= binding.scope.case then
      node.zone = "checked"
    end
  elseif may_come_first(binding, function_between(binding, scope)) then
    node.zone = "checked"
  end
  if node.zone == "checked" then binding.is_checked = true end
end

return zones
