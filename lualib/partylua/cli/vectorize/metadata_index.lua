--- metadata_index: `partylua vectorize create-metadata-index NAME` and the like. Vectorize filters
--- by nothing but what has such an index; here everything can be filtered by. Scripts that make
--- them find nothing in their way.

local desk = require "partylua.cli.vectorize.desk"
local folder = require "partylua.cli.folder"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local metadata_index = {}

local function build_parser(name)
  local made = desk.parser(name, " NAME", "Does nothing: an index can be filtered by everything in "
    .. "its metadata. Here for scripts that are written for Vectorize.")
  desk.add_name(made)
  made:option("--property-name", "any"):argname("TEXT"):target "property"
  made:option("--type", "any"):argname("TEXT")
  made:flag("--json", "print a list, which is empty, as JSON")
  return made
end

---@param name string    of the verb
---@return partylua.cli.Verb
function metadata_index.verb(name)
  local verb = { summary = "does nothing" }

  function verb.help()
    return build_parser(name):get_help()
  end

  ---@param args string[]
  function verb.run(args)
    local result = parser.parse(build_parser(name), "vectorize " .. name, args)
    if not result then return end
    local index_name = desk.check_name(result.name)
    local store = folder.open(result, true)
    desk.run(store, "describe", index_name, {})
    store:close()
    output.write(result.json and "[]\n"
      or ("nothing to do: the index '%s' can be filtered by everything in its metadata\n")
        :format(index_name))
    output.finish()
  end

  return verb
end

return metadata_index
