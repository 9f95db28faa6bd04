--- schema: `partylua schema` prints the JSON Schema of partylua.json.

local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local schema = { summary = "print the JSON Schema of partylua.json, for editors" }

local function build_parser()
  local made = parser.new("schema", "Print the JSON Schema of partylua.json, from which editors "
    .. "complete keys, explain them, and underline what is wrong: write it to a file, and name "
    .. "that in \"$schema\".")
  made:flag("-h --help", "show this")
  return made
end

function schema.help()
  return build_parser():get_help()
end

---@param args string[]
---@return integer exit_code
function schema.run(args)
  if not parser.parse(build_parser(), "schema", args) then return 0 end
  output.write(ordered.encode(require("partylua.config.json_schema").document(), true), "\n")
  output.finish()
  return 0
end

return schema
