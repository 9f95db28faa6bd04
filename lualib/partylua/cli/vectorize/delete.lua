--- delete: `partylua vectorize delete NAME`: an index with everything in it.

local desk = require "partylua.cli.vectorize.desk"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local fs = require "partylua.fs"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local delete = { summary = "delete an index with everything in it" }

local function build_parser()
  local made = desk.parser("delete", " [--force] [--json] NAME",
    "Delete an index with everything in it. On a terminal it asks first.")
  desk.add_name(made)
  made:flag("-f --force", "do not ask")
  made:flag("--json", "print what was deleted as JSON")
  return made
end

function delete.help()
  return build_parser():get_help()
end

--- PartyKit: without a terminal nobody can be asked.
local function confirm(index)
  if not fs.is_terminal(0) then
    failure.raise(("the index '%s' has %d vectors, and nobody can be asked")
      :format(index.name, index.count), "--force deletes it without asking")
  end
  io.stdout:write(("delete the index '%s' with %d vectors? [y/N] "):format(index.name, index.count))
  io.stdout:flush()
  local answer = (io.stdin:read "*l" or ""):lower()
  if answer ~= "y" and answer ~= "yes" then failure.raise "nothing was changed" end
end

---@param args string[]
function delete.run(args)
  local result = parser.parse(build_parser(), "vectorize delete", args)
  if not result then return end
  local name = desk.check_name(result.name)
  local store = folder.open_existing(result)
  local index = desk.run(store, "describe", name, {})
  if not result.force then confirm(index) end
  desk.run(store, "drop", name, {})
  store:close()
  if result.json then
    output.write(ordered.encode { deleted = name, vectorsCount = index.count }, "\n")
  else
    output.write(("deleted the index '%s' with %d %s\n"):format(name, index.count,
      index.count == 1 and "vector" or "vectors"))
  end
  output.finish()
end

return delete
