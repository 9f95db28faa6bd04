--- get: `partylua vectorize get NAME`: what an index is, as JSON.

local desk = require "partylua.cli.vectorize.desk"
local details = require "partylua.vectorize.details"
local folder = require "partylua.cli.folder"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local get = { summary = "say what an index is" }

local function build_parser()
  local made = desk.parser("get", " NAME",
    "Print what an index is, and how many vectors are in it.")
  desk.add_name(made)
  made:flag("--json", "as JSON")
  return made
end

function get.help()
  return build_parser():get_help()
end

local function print_lines(index)
  local lines = {
    { "name", index.name }, { "dimensions", index.dimensions }, { "metric", index.metric },
    { "preset", index.preset }, { "vectors", index.count },
    { "created", os.date("!%Y-%m-%dT%H:%M:%SZ", index.created / 1000) },
    { "changed", os.date("!%Y-%m-%dT%H:%M:%SZ", index.changed / 1000) },
    { "description", index.description and output.printable(index.description) },
  }
  for _, line in ipairs(lines) do
    if line[2] then output.write(("%-12s %s\n"):format(line[1], tostring(line[2]))) end
  end
end

---@param args string[]
function get.run(args)
  local result = parser.parse(build_parser(), "vectorize get", args)
  if not result then return end
  local name = desk.check_name(result.name)
  local store = folder.open(result, true)
  local index = desk.run(store, "describe", name, {})
  store:close()
  if result.json then
    output.write(ordered.encode(details.of(index)), "\n")
  else
    print_lines(index)
  end
  output.finish()
end

return get
