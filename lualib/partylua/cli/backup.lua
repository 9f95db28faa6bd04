--- backup: `partylua backup FILE`: a copy of all that rooms have stored, also while a server runs.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local fs = require "partylua.fs"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"

local backup = { summary = "copy all that rooms have stored into one file" }

local function build_parser()
  local made = folder.parser("backup", " FILE",
    "Copy all that rooms have stored into a new file, as it is at one moment and without gaps, "
    .. "also while a server runs. The file is there when it is whole and on disk; until then it "
    .. "is called FILE.part.")
  made:argument("file"):argname "FILE"
  return made
end

function backup.help()
  return build_parser():get_help()
end

local HINTS = {
  ENOSPC = "make room on the disk",
  ENOENT = "the folder of the file has to be there",
}

local function fail(file, message, errno)
  if errno ~= "EEXIST" then
    failure.raise(("cannot write %s: %s"):format(file, message), HINTS[errno])
  end
  if fs.exists(file) then
    failure.raise(file .. " is there already", "choose a new name: a backup replaces no other")
  end
  failure.raise(("%s.part is there already"):format(file),
    "another backup writes it, or one was cut short: then remove it")
end

local function size_of(file)
  local opened = io.open(file, "rb")
  local size = opened and opened:seek "end"
  if opened then opened:close() end
  return size or 0
end

---@param args string[]
function backup.run(args)
  local result = parser.parse(build_parser(), "backup", args)
  if not result then return end
  local store = folder.open(result, true)
  local ok, message, errno = store:backup(result.file)
  if not ok then fail(result.file, message, errno) end
  store:close()
  output.write(("wrote %s: %d bytes\n"):format(result.file, size_of(result.file)))
  output.finish()
end

return backup
