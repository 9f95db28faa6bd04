--- luarc: what the Lua language server reads of a project, so that it knows the API.

local json = require "partylua.json"
local native = require "partylua.native"
local ordered = require "partylua.json.ordered"

local luarc = {}

-- What busted puts into the globals of a spec.
local SPEC_GLOBALS = {
  "describe", "it", "before_each", "after_each", "setup", "teardown", "lazy_setup",
  "lazy_teardown", "strict_setup", "strict_teardown", "finally", "pending", "insulate", "expose",
  "randomize", "spec", "test", "context", "spy", "stub", "mock", "match",
}

--- The folder of the LuaCATS definitions.
---@return string
function luarc.folder()
  return native.lualib .. "/partylua/types"
end

--- The text of a .luarc.json.
---@return string
function luarc.text()
  return ordered.encode({
    ["runtime.version"] = "LuaJIT",
    ["workspace.library"] = json.array { luarc.folder() },
    ["workspace.checkThirdParty"] = false,
    ["diagnostics.globals"] = json.array { unpack(SPEC_GLOBALS) },
  }, true)
end

return luarc
