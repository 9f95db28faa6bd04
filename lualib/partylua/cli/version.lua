--- version: `partylua version` and `partylua --version`.

local version = { summary = "print the version" }

--- "partylua 0.1.0 (LuaJIT 2.1.…)"
---@return string
function version.line()
  local native = require "partylua.native"
  return ("partylua %s (%s)"):format(native.version, native.luajit or jit.version)
end

function version.help()
  return "Usage: partylua version\n\nPrint the version of partylua and of the LuaJIT inside it."
end

---@return integer exit_code
function version.run()
  io.stdout:write(version.line(), "\n")
  return 0
end

return version
