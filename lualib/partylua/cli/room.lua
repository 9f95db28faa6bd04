--- room: `partylua room VERB PARTY/ROOM`: one room of a running server.

local failure = require "partylua.config.failure"
local hint = require "partylua.hint"
local json = require "partylua.json"
local ordered = require "partylua.json.ordered"
local output = require "partylua.cli.output"
local room_name = require "partylua.cli.storage.room"
local server = require "partylua.cli.server"

local room = { summary = "look at one room of a running server, hibernate it, speak to it" }

local verbs = {}
local VERBS = { "show", "hibernate", "send" }

local SUMMARIES = {
  show = "print a room's connections and its alarm",
  hibernate = "let a room leave memory, or sleep, now",
  send = "send a text to everyone in a room, or to one connection",
}

local DESCRIPTIONS = {
  show = "Print what a room is and who is in it.",
  hibernate = "Let a room without connections leave memory, and one that hibernates sleep, without "
    .. "waiting until it has been idle. Fails when hooks, timers or writes hold it off.",
  send = "Send a text message to everyone in a room, or to one of its connections.",
}

--- What rooms are that are not in memory.
local AT_REST = {
  stored = "not in memory",
  unknown = "not in memory, and has stored nothing",
}

local function build_parser(verb)
  local usage = verb == "send" and " PARTY/ROOM TEXT" or " PARTY/ROOM"
  local made = server.parser("room " .. verb, usage, DESCRIPTIONS[verb])
  made:argument("room", "such as main/lobby; the id as it stands in the URL"):argname "PARTY/ROOM"
  if verb == "send" then
    made:argument("text"):argname "TEXT"
    made:option("--conn", "only to the connection with this id"):argname "ID"
  elseif verb == "show" then
    made:flag("--json", "one line of JSON")
  end
  return made
end

local function check_verb(name)
  if SUMMARIES[name] then return name end
  return failure.raise(("room: there is no '%s'"):format(tostring(name)),
    hint.did_you_mean(tostring(name), VERBS) or "'partylua help room' lists what there is")
end

---@param name? string
function room.help(name)
  if name then return build_parser(check_verb(name)):get_help() end
  local lines = {
    "Usage: partylua room VERB PARTY/ROOM …", "", "One room of a running server.", "",
  }
  for _, verb in ipairs(VERBS) do
    lines[#lines + 1] = ("   %-10s %s"):format(verb, SUMMARIES[verb])
  end
  return table.concat(lines, "\n") .. "\n\n'partylua help room VERB' says more about each."
end

local function print_connections(found)
  for _, connection in ipairs(found.connections) do
    local text = connection.state ~= nil and ordered.encode(connection.state) or ""
    output.write(("  %s  %s  %s\n"):format(output.printable(connection.id),
      output.printable(table.concat(connection.tags, ",")), output.printable(text)))
  end
end

function verbs.show(running, query, result)
  local found = running:ask("GET", server.path("/api/room", query))
  if result.json then return output.write(ordered.encode(found), "\n") end
  if AT_REST[found.state] then
    output.write(room_name.name(result), "  ", AT_REST[found.state], "\n")
  else
    output.write(("%s  %s, %.1f messages/s, %d connections\n"):format(room_name.name(result),
      found.state, found.rate, #found.connections))
  end
  if found.alarm then
    output.write("  alarm ", os.date("!%Y-%m-%dT%H:%M:%SZ", found.alarm / 1000), "\n")
  end
  print_connections(found)
end

function verbs.hibernate(running, query, result)
  running:ask("POST", server.path("/api/room/hibernate", query), "")
  output.write(room_name.name(result), " hibernates\n")
end

function verbs.send(running, query, result)
  query.conn = result.conn
  running:ask("POST", server.path("/api/room/broadcast", query),
    json.encode { text = result.text })
  output.write("sent to ", room_name.name(result), "\n")
end

---@param args string[]
function room.run(args)
  if not args[1] then
    failure.raise("room: what is to be done is missing",
      "'partylua help room' lists what there is")
  end
  local verb = check_verb(args[1])
  local result, running = server.parse(build_parser(verb), "room " .. verb, { unpack(args, 2) })
  if not result then return end
  local party, id = room_name.of(result)
  verbs[verb](running, { party = party, room = id }, result)
  output.finish()
end

return room
