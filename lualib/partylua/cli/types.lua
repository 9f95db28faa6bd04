--- types: `partylua types` tells editors where the type definitions are.
---
---   cd "$(partylua types)"       the folder
---   partylua types --write       writes the .luarc.json that the Lua language server reads

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local luarc = require "partylua.luarc"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local types = { summary = "print the folder of the LuaCATS type definitions, for editors" }

local FILE = ".luarc.json"

local function build_parser()
  local made = parser.new("types", "Print the folder of the LuaCATS definitions of the API, from "
    .. "which the Lua language server knows every hook and method. It reads " .. FILE .. " in the "
    .. "folder of a project.")
  made:flag("--luarc", "print a " .. FILE .. " with that folder as a library")
  made:flag("--write", "write it into the current folder; one that is there is left alone")
  made:flag("-h --help", "show this")
  return made
end

function types.help()
  return build_parser():get_help()
end

local function write()
  if fs.exists(FILE) then
    failure.raise(FILE .. " is there already",
      ('put "%s" under "workspace.library" in it'):format(luarc.folder()))
  end
  local ok, why = fs.write_new(FILE, luarc.text() .. "\n")
  if not ok then failure.raise("cannot write " .. why) end
  output.write("wrote ", FILE, "\n")
end

---@param args string[]
---@return integer exit_code
function types.run(args)
  local result = parser.parse(build_parser(), "types", args)
  if not result then return 0 end
  if result.write then
    write()
  else
    output.write(result.luarc and luarc.text() or luarc.folder(), "\n")
  end
  output.finish()
  return 0
end

return types
