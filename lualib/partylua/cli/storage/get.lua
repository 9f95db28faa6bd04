--- get: `partylua storage get`: one value.

local binary = require "partylua.binary"
local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local form = require "partylua.storage.form"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local record = require "partylua.storage.record"
local room = require "partylua.cli.storage.room"

local get = { summary = "print one value" }

local function build_parser()
  local made = room.parser("get", " KEY", "Print the value of a key as JSON.")
  made:argument("key"):argname "KEY"
  made:flag("--raw", "the bytes of a string, or of binary data, as they are")
  room.add_json_keys(made)
  return made
end

function get.help()
  return build_parser():get_help()
end

local function raw(given)
  local is_bytes = type(given) == "string" or binary.is(given)
  if not is_bytes then
    failure.raise("the value is no string and no binary data", "leave out --raw")
  end
  return (binary.unwrap(given))
end

---@param args string[]
function get.run(args)
  local result = parser.parse(build_parser(), "storage get", args)
  if not result then return end
  local party, id = room.of(result)
  local key = room.key(result, result.key)
  local store = folder.open(result, true)
  local bytes = store:get(party, id, key)
  store:close()
  if not bytes then
    failure.raise(("%s has no entry '%s'"):format(room.name(result), output.printable(key)))
  end
  local given = record.decode(key, bytes)
  if result.raw then
    output.write(raw(given))
  else
    output.write(ordered.encode(form.write(given), true), "\n")
  end
  output.finish()
end

return get
