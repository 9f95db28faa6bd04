--- list: `partylua vectorize list`: the indexes of a data folder.

local columns = require "partylua.cli.columns"
local desk = require "partylua.cli.vectorize.desk"
local details = require "partylua.vectorize.details"
local folder = require "partylua.cli.folder"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local list = { summary = "list the indexes" }

local function build_parser()
  local made = desk.parser("list", "", "List the indexes of the data folder.")
  made:flag("--json", "a line of JSON for each")
  return made
end

function list.help()
  return build_parser():get_help()
end

local function rows_of(indexes)
  local rows = { { "INDEX", "VECTORS", "DIMENSIONS", "METRIC", "PRESET", "DESCRIPTION" } }
  for i, index in ipairs(indexes) do
    rows[i + 1] = {
      index.name, ("%d"):format(index.count), ("%d"):format(index.dimensions), index.metric,
      index.preset or "-", index.description and output.printable(index.description) or "-",
    }
  end
  return rows
end

---@param args string[]
function list.run(args)
  local result = parser.parse(build_parser(), "vectorize list", args)
  if not result then return end
  local store = folder.open(result, true)
  local _, indexes = desk.run(store, "list", "", {})
  store:close()
  if result.json then
    for _, index in ipairs(indexes) do output.write(ordered.encode(details.of(index)), "\n") end
  else
    columns.print(rows_of(indexes), { false, true, true })
  end
  output.finish()
end

return list
