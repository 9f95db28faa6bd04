--- restore: `partylua restore FILE`: a data folder out of a backup.

local data_folder = require "partylua.data_folder"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local native = require "partylua.native"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local restore = { summary = "make a data folder out of a backup" }

local function build_parser()
  local made = folder.parser("restore", " FILE",
    "Put a file that 'partylua backup' has written into an empty or missing data folder. The file "
    .. "is looked through before; no server may be running.")
  made:argument("file"):argname "FILE"
  made:flag("--force", "also where there is data, which is kept as data.mdb.before-restore")
  return made
end

function restore.help()
  return build_parser():get_help()
end

local function print_result(restored, path)
  output.write(("restored %d %s with %d %s into %s\n"):format(
    restored.rooms, restored.rooms == 1 and "room" or "rooms",
    restored.entries, restored.entries == 1 and "entry" or "entries", path))
  if restored.kept then
    output.write(("the data that was there is %s/%s\n"):format(path, restored.kept))
  end
  output.finish()
end

---@param args string[]
function restore.run(args)
  local result = parser.parse(build_parser(), "restore", args)
  if not result then return end
  local settings = folder.settings(result)
  local restored, message, errno, place = native.store_restore(result.file, settings.data, {
    force = result.force, map_bytes = settings.map_bytes,
  })
  if restored then return print_result(restored, settings.data) end
  local is_folder = place == "folder"
  return failure.raise(message, is_folder and data_folder.hint(errno) or nil)
end

return restore
