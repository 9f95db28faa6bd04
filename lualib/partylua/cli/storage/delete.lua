--- delete: `partylua storage delete`: entries of a room, or everything.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local output = require "partylua.cli.output"
local parser = require "partylua.cli.parser"
local room = require "partylua.cli.storage.room"

local delete = { summary = "delete entries, or all that a room has stored" }

local function build_parser()
  local made = room.parser("delete", " KEY… | --all",
    "Delete entries of a room, or everything it has stored.")
  made:argument("keys"):argname("KEY"):args "*"
  made:flag("--all", "every entry, and the alarm")
  room.add_json_keys(made)
  return made
end

function delete.help()
  return build_parser():get_help()
end

local function check_arguments(result)
  local has_keys = result.keys[1] ~= nil
  if has_keys and result.all then
    failure.raise("storage delete: --all takes no keys")
  elseif not has_keys and not result.all then
    failure.raise("storage delete: no key is named", "--all deletes everything of the room")
  end
end

--- What store:write takes, and how many entries it deletes. A key that is named twice counts once.
local function writes_of(store, party, id, keys)
  local writes, count, seen = {}, 0, {}
  for _, key in ipairs(keys) do
    if not seen[key] and store:get(party, id, key) then
      writes[#writes + 1], writes[#writes + 2] = key, false
      count = count + 1
    end
    seen[key] = true
  end
  return writes, count
end

---@param args string[]
function delete.run(args)
  local result = parser.parse(build_parser(), "storage delete", args)
  if not result then return end
  local party, id = room.of(result)
  check_arguments(result)
  local keys = {}
  for i, text in ipairs(result.keys) do keys[i] = room.key(result, text) end
  local store = folder.open_room(result, false)
  local writes, count = writes_of(store, party, id, keys)
  if result.all then count = store:measure(party, id) end
  folder.check(store:write(party, id, writes, result.all and { clear = true, due = 0 } or nil))
  store:close()
  output.write(("deleted %d %s of %s\n"):format(count, count == 1 and "entry" or "entries",
    room.name(result)))
  output.finish()
end

return delete
