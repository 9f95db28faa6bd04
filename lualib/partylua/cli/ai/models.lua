--- models: `partylua ai models`: which models the provider has.

local json = require "partylua.json"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local provider = require "partylua.cli.ai.provider"

local models = { summary = "list the models that the provider has" }

local function build_parser()
  local made = parser.new("ai models", "List the models that the provider has.")
  made:usage "Usage: partylua ai models [options]"
  made:option("--search", "only models with this in their name"):argname "TEXT"
  made:flag("--json", "the list as JSON")
  return provider.add_sources(made)
end

function models.help()
  return build_parser():get_help()
end

local function line_of(model)
  local line = model.name
  if model.task then line = line .. "   " .. model.task end
  local aliases = table.concat(model.aliases, ", ")
  if aliases ~= "" then line = ("%s   (%s)"):format(line, aliases) end
  return output.printable(line)
end

local function print_models(ai, result)
  local list = ai:models { search = result.search }
  if result.json then
    output.write(ordered.encode(json.array(list), true), "\n")
  else
    for _, model in ipairs(list) do output.write(line_of(model), "\n") end
  end
  output.finish()
end

---@param args string[]
function models.run(args)
  local result = parser.parse(build_parser(), "ai models", args)
  if not result then return end
  provider.run(result, function(ai) print_models(ai, result) end)
end

return models
