--- create: `partylua vectorize create NAME`: an index that has nothing in it yet.

local config = require "partylua.config"
local definition = require "partylua.vectorize.definition"
local desk = require "partylua.cli.vectorize.desk"
local details = require "partylua.vectorize.details"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local units = require "partylua.config.units"

local create = { summary = "make an index" }

local function build_parser()
  local made = desk.parser("create", " NAME (--dimensions N --metric METRIC | --preset MODEL)",
    "Make an index. Its vectors have all the same number of dimensions; a preset knows that of "
    .. "a model, and the metric that goes with it.")
  desk.add_name(made)
  made:option("--dimensions", "how many numbers a vector has"):argname "N"
  made:option("--metric", "what near means: " .. table.concat(definition.METRICS, ", "))
    :argname "METRIC"
  made:option("--preset", "a model: " .. table.concat(definition.preset_names(), ", "))
    :argname "MODEL"
  made:option("--description", "what it is for"):argname "TEXT"
  made:flag("--json", "print what was made as JSON")
  return made
end

function create.help()
  return build_parser():get_help()
end

local function check(option, fault, hint)
  if fault then failure.raise(("vectorize create: --%s %s"):format(option, fault), hint) end
end

--- The most dimensions that the configuration allows: PARTYLUA_VECTORIZE_DIMENSIONS, or a limit of
--- the file.
local function most_dimensions(result)
  local most, message, hint =
    config.limit("vectorize-dimensions", { main = result.app, path = result.config })
  return most or failure.raise(message, hint)
end

local function shape_of(result)
  local dimensions
  if result.dimensions then
    local most = most_dimensions(result)
    dimensions = units.kinds.count.read(result.dimensions)
    check("dimensions", definition.dimensions_fault(dimensions, most),
      "PARTYLUA_VECTORIZE_DIMENSIONS, or limits.vectorize-dimensions of the configuration, allows "
      .. "more")
  end
  if result.metric then check("metric", definition.metric_fault(result.metric)) end
  if result.preset then check("preset", definition.preset_fault(result.preset)) end
  if result.description then
    check("description", definition.description_fault(result.description))
  end
  local shape, message = definition.shape {
    dimensions = dimensions, metric = result.metric, preset = result.preset,
    description = result.description,
  }
  if shape then return shape end
  return failure.raise("vectorize create: " .. (message or "what it is made of is missing"),
    "give --dimensions and --metric, or --preset")
end

---@param args string[]
function create.run(args)
  local result = parser.parse(build_parser(), "vectorize create", args)
  if not result then return end
  local name, shape = desk.check_name(result.name), shape_of(result)
  local store = folder.open(result, false)
  local index = desk.run(store, "create", name, shape)
  store:close()
  if result.json then
    output.write(ordered.encode(details.of(index)), "\n")
  else
    output.write(("made the index '%s': %d dimensions, %s\n"):format(name, index.dimensions,
      index.metric))
  end
  output.finish()
end

return create
