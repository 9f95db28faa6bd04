--- export: `partylua storage export`: all that a room has stored, as lines of JSON.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local record = require "partylua.storage.record"
local room = require "partylua.cli.storage.room"

local export = { summary = "print everything a room has stored, for 'import'" }

local function build_parser()
  return room.parser("export", "", "Print everything a room has stored as lines of JSON: a head "
    .. "with its alarm, and each entry. All of it is of one moment, also beside a running server.")
end

function export.help()
  return build_parser():get_help()
end

---@param args string[]
function export.run(args)
  local result = parser.parse(build_parser(), "storage export", args)
  if not result then return end
  local party, id = room.of(result)
  local store = folder.open(result, true)
  local found = store:room(party, id)
  if not found then failure.raise(room.name(result) .. " has stored nothing") end
  local entries = store:measure(party, id)
  output.write(record.head(party, id, found, entries), "\n")
  for key, bytes in store:entries(party, id) do
    output.write(record.entry(key, bytes), "\n")
  end
  output.finish()
  store:close()
end

return export
