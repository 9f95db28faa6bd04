--- list: `partylua storage list`: entries, one line of JSON each.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local form = require "partylua.storage.form"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local pages = require "partylua.cli.pages"
local parser = require "partylua.cli.parser"
local prefixes = require "partylua.storage.prefixes"
local record = require "partylua.storage.record"
local room = require "partylua.cli.storage.room"
local units = require "partylua.config.units"

local list = { summary = "print entries as lines of JSON" }

local function build_parser()
  local made = room.parser("list", "", "Print the entries of a room, in the order of their keys, "
    .. "as lines of JSON: {\"key\":…,\"value\":…}.")
  made:option("--prefix", "only keys that begin with it"):argname "TEXT"
  made:option("--limit", "at most so many"):argname "N"
  made:flag("--reverse", "from the last to the first")
  made:flag("--keys", "only keys")
  return made
end

function list.help()
  return build_parser():get_help()
end

local function limit_of(result)
  if not result.limit then return math.huge end
  local limit = units.kinds.count.read(result.limit)
  return limit or failure.raise(('--limit must be a whole number, not "%s"'):format(result.limit))
end

---@param args string[]
function list.run(args)
  local result = parser.parse(build_parser(), "storage list", args)
  if not result then return end
  local party, id = room.of(result)
  local left = limit_of(result)
  local store = folder.open(result, true)
  local prefix = result.prefix or ""
  local bounds = { start = prefix, stop = prefixes.behind(prefix), reverse = result.reverse }
  for key, bytes in pages.entries(store, party, id, bounds) do
    if left == 0 then break end
    left = left - 1
    output.write(result.keys and ordered.encode(form.write(key)) or record.entry(key, bytes), "\n")
  end
  output.finish()
  store:close()
end

return list
