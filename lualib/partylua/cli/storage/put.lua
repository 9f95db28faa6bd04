--- put: `partylua storage put`: writes one entry.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local json = require "partylua.json"
local limits = require "partylua.storage.limits"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local record = require "partylua.storage.record"
local room = require "partylua.cli.storage.room"
local value = require "partylua.value"

local put = { summary = "store a value under a key" }

local VALUE_BYTES_MAX = limits.ENCODED_BYTES_MAX
local INPUT_BYTES_MAX = 4 * 1024 * 1024 -- of JSON; the value in it has limits of its own

local function build_parser()
  local made = room.parser("put", " KEY VALUE", "Store a value under a key.")
  made:argument("key"):argname "KEY"
  made:argument("value", "JSON, as 'get' prints it; '-' reads it from standard input")
    :argname "VALUE"
  made:flag("--raw", "VALUE is a string, as it is")
  room.add_json_keys(made)
  return made
end

function put.help()
  return build_parser():get_help()
end

local function read_input()
  local text = io.stdin:read(INPUT_BYTES_MAX + 1) or ""
  if #text > INPUT_BYTES_MAX then
    failure.raise(("the value is larger than %d bytes"):format(INPUT_BYTES_MAX))
  end
  return text
end

--- The bytes to be stored.
local function bytes_of(result)
  local text = result.value == "-" and read_input() or result.value
  if result.raw then
    local bytes, fault = value.encode(text, VALUE_BYTES_MAX, "value")
    return bytes or failure.raise(("the value is larger than %d bytes: it has %d")
      :format(VALUE_BYTES_MAX, fault.size))
  end
  local node, message = json.tryDecode(text)
  local bytes
  if not message then bytes, message = record.encode(node, VALUE_BYTES_MAX) end
  return bytes or failure.raise("bad value: " .. message,
    "VALUE is JSON; with --raw it is a string as it stands")
end

---@param args string[]
function put.run(args)
  local result = parser.parse(build_parser(), "storage put", args)
  if not result then return end
  local party, id = room.of(result)
  local key, bytes = room.key(result, result.key), bytes_of(result)
  local store = folder.open_room(result, false)
  folder.check(store:write(party, id, { key, bytes }))
  store:close()
  output.write(("stored '%s' in %s\n"):format(output.printable(key), room.name(result)))
  output.finish()
end

return put
