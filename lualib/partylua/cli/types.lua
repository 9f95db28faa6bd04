--- types: `partylua types` tells editors where the type definitions are.
---
---   cd "$(partylua types)"               the folder
---   partylua types --luarc > .luarc.json what the Lua language server reads of a project

local failure = require "partylua.config.failure"
local json = require "partylua.json"
local native = require "partylua.native"

local types = { summary = "print the folder of the LuaCATS type definitions, for editors" }

function types.help()
  return [[
Usage: partylua types [--luarc]

Print the folder that holds the LuaCATS definitions of the API. With --luarc, print a
.luarc.json with that folder as a library, from which the Lua language server knows every hook
and method:

   partylua types --luarc > .luarc.json

Where there is a .luarc.json already, put the folder under "workspace.library" in it.]]
end

local function luarc(folder)
  return ([[
{
  "runtime.version": "LuaJIT",
  "workspace.library": [%s]
}]]):format(json.encode(folder))
end

---@param args string[]
---@return integer exit_code
function types.run(args)
  local folder = native.lualib .. "/partylua/types"
  if args[1] == nil then
    io.stdout:write(folder, "\n")
  elseif args[1] == "--luarc" and args[2] == nil then
    io.stdout:write(luarc(folder), "\n")
  else
    failure.raise(("types: unknown argument '%s'"):format(args[2] or args[1]),
      "'partylua help types' says more")
  end
  return 0
end

return types
