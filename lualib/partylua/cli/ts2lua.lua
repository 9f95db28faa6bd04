--- ts2lua: `partylua ts2lua FILE` prints the Lua that a TypeScript file becomes.

local parser = require "partylua.cli.parser"
local typescript = require "partylua.typescript"

local ts2lua = { summary = "print the Lua that a TypeScript file becomes" }

local function make_parser()
  local made = parser.new("ts2lua",
    "Print the Lua that a TypeScript or JavaScript file becomes. Every statement stands on the "
    .. "line it has in the file.")
  made:argument("file", "the file to translate"):args(1)
  made:flag("-h --help", "print this")
  return made
end

function ts2lua.help()
  return make_parser():get_help()
end

---@param args string[]
---@return integer? exit_code
function ts2lua.run(args)
  local given = parser.parse(make_parser(), "ts2lua", args)
  if not given then return 0 end
  io.stdout:write(typescript.translate(given.file).lua)
  return 0
end

return ts2lua
