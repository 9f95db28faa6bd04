--- room: the arguments of a verb that names a room and keys of it.

local failure = require "partylua.config.failure"
local folder = require "partylua.cli.folder"
local json = require "partylua.json"
local output = require "partylua.cli.output"
local record = require "partylua.storage.record"

local room = {}

--- A parser for the verb `name`, with the room as the first argument.
---@param name string
---@param usage string    what stands behind the room
---@param description string
function room.parser(name, usage, description)
  local made = folder.parser("storage " .. name, " PARTY/ROOM" .. usage, description)
  made:argument("room", "such as main/lobby; the id as it stands in the URL"):argname "PARTY/ROOM"
  return made
end

--- The party and the id of the room.
---@param result table    of parser.parse
---@return string party
---@return string id
function room.of(result)
  local party, id = result.room:match "^([^/]+)/(.+)$"
  if party then return party, id end
  return failure.raise(("'%s' names no room"):format(output.printable(result.room)),
    "write PARTY/ROOM, such as main/lobby")
end

--- How messages call it.
---@param result table
---@return string
function room.name(result)
  return output.printable(result.room)
end

--- Adds the flag that room.key heeds.
function room.add_json_keys(made)
  made:flag("--json-keys", "keys are given as JSON, as 'list' prints them"):target "json_keys"
end

--- The key that an argument means.
---@param result table
---@param text string
---@return string
function room.key(result, text)
  local node, message = text, nil
  if result.json_keys then node, message = json.tryDecode(text) end
  local key
  if not message then key, message = record.key(node) end
  return key or failure.raise(("bad key %s: %s"):format(output.printable(text), message))
end

return room
