--- query: `partylua vectorize query NAME`: the vectors that are nearest to one.

local desk = require "partylua.cli.vectorize.desk"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local json = require "partylua.json"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local units = require "partylua.config.units"

local query = { summary = "print the vectors that are nearest to one" }

local function build_parser()
  local made = desk.parser("query", " NAME (--vector JSON | --id ID)",
    "Print the nearest vectors as lines of JSON, the nearest first.")
  desk.add_name(made)
  made:option("--vector", "a list of numbers, as JSON; '-' is standard input"):argname "JSON"
  made:option("--id", "of a vector in the index"):argname "ID"
  made:option("--top-k", "at most so many; 5 if left out"):argname("N"):target "top_k"
  made:option("--namespace", "only vectors of this one"):argname "TEXT"
  made:option("--filter", "only vectors whose metadata has this, as JSON"):argname "JSON"
  made:flag("--values", "with values"):target "values"
  made:flag("--metadata", "with metadata")
  return made
end

function query.help()
  return build_parser():get_help()
end

local function decode(option, text)
  local value, message = json.tryDecode(text)
  if not message then return value end
  return failure.raise(("vectorize query: --%s: %s"):format(option, message))
end

local function options_of(result)
  local count
  if result.top_k then
    count = units.kinds.count.read(result.top_k) or failure.raise(
      ('vectorize query: --top-k must be a whole number, not "%s"'):format(result.top_k))
  end
  return {
    topK = count, namespace = result.namespace,
    filter = result.filter and decode("filter", result.filter) or nil,
    returnValues = result.values or nil, returnMetadata = result.metadata or nil,
  }
end

local function search(index, result, options)
  if result.id then return index:queryById(result.id, options) end
  local text = result.vector == "-" and io.stdin:read "*a" or result.vector
  return index:query(decode("vector", text), options)
end

---@param args string[]
function query.run(args)
  local result = parser.parse(build_parser(), "vectorize query", args)
  if not result then return end
  local name = desk.check_name(result.name)
  if (result.vector == nil) == (result.id == nil) then
    failure.raise("vectorize query: give either --vector or --id")
  end
  local options = options_of(result)
  local store = folder.open(result, true)
  local ok, found = pcall(search, desk.index(store, name), result, options)
  store:close()
  if not ok then
    failure.raise(failure.is(found) and found.message or "vectorize query: " .. tostring(found))
  end
  for _, match in ipairs(found.matches) do output.write(ordered.encode(match), "\n") end
  output.finish()
end

return query
