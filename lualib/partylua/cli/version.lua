--- version: `partylua version` and `partylua --version`.

local parser = require "partylua.cli.parser"

local version = { summary = "print the version" }

--- "partylua 0.1.0 (LuaJIT 2.1.…)"
---@return string
function version.line()
  local native = require "partylua.native"
  return ("partylua %s (%s)"):format(native.version, native.luajit or jit.version)
end

local function make_parser()
  local made = parser.new("version", "Print the version of partylua and of the LuaJIT inside it.")
  made:flag("-h --help", "print this")
  return made
end

function version.help()
  return make_parser():get_help()
end

---@param args string[]
---@return integer exit_code
function version.run(args)
  if not parser.parse(make_parser(), "version", args) then return 0 end
  io.stdout:write(version.line(), "\n")
  return 0
end

return version
