--- resolve: walks the tree once and ties each name to its binding.
---
--- Afterwards an Identifier has `binding` (nil for a global), and what opens a scope has `scope`.

local hoist = require "ts2lua.scopes.hoist"
local Scope = require "ts2lua.scopes.scope"
local walk = require "ts2lua.scopes.walk"

require "ts2lua.scopes.expressions"
require "ts2lua.scopes.statements"

local resolve = {}

--- Resolves a whole program.
---@param program table
function resolve.program(program)
  local scope = Scope.new(nil, true)
  scope.can_box, scope.program = true, program
  program.functions = { scope }
  program.absent, program.tested, program.imports = {}, {}, {}
  program.scope = scope
  hoist.variables(program.body, scope)
  hoist.block(program.body, scope)
  walk.statements(program.body, scope)
end

return resolve
