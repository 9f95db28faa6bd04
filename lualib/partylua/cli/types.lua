--- types: `partylua types` tells where the type annotations for editors are.

local types = { summary = "print the folder of the LuaCATS type definitions, for editors" }

function types.help()
  return [[
Usage: partylua types

Print the folder that holds the LuaCATS definitions of the API. Put it under
"workspace.library" in .luarc.json, and the Lua language server knows every hook and method.]]
end

---@return integer exit_code
function types.run()
  io.stdout:write(require("partylua.native").lualib, "/partylua/types\n")
  return 0
end

return types
