--- rooms: admin requests about rooms and their connections.

local answer = require "partylua.admin.answer"
local binary = require "partylua.binary"
local form = require "partylua.storage.form"
local json = require "partylua.json"
local native = require "partylua.native"
local parties = require "partylua.parties"

local rooms = {}

local ROOMS_MAX = 10000
local CONNECTIONS_MAX = 1000
local FETCH_BYTES_MAX = 1024 * 1024

--- Enters a room, whose task the request is from now on.
---@param query table<string, string>
---@return partylua.Room
function rooms.enter(query)
  local party, id = answer.room(query)
  local room = native.enter_room(party, id)
  if not room then answer.fail(404, ("there is no party '%s'"):format(party)) end
  native.await_room()
  return room
end

local function is_before(a, b)
  if a.party ~= b.party then return a.party < b.party end
  return a.room < b.room
end

--- Rooms that are in memory, in the order of their names.
function rooms.list(exchange)
  local query = answer.query(exchange)
  local list, is_whole
  if query.room then
    local found = native.live_room(answer.room(query))
    list, is_whole = { found }, true
  else
    list, is_whole = native.live_rooms(ROOMS_MAX, query.party)
  end
  table.sort(list, is_before)
  answer.send(exchange, { rooms = json.array(list), whole = is_whole })
end

local function state_of(connection)
  local ok, shown = pcall(form.write, connection.state)
  if ok then return shown end
end

local function connections_of(room)
  local list, is_whole = json.array {}, true
  for connection in room:getConnections() do
    if #list == CONNECTIONS_MAX then
      is_whole = false
      break
    end
    list[#list + 1] = {
      id = connection.id, uri = connection.uri, tags = json.array(connection.tags),
      state = connection.state ~= nil and state_of(connection) or nil,
    }
  end
  return list, is_whole
end

--- What a room is that is not in memory.
local function state_at_rest(room, alarm)
  local has_entries = native.storage_list(room, "", false, nil, false, 1)() ~= nil
  return (has_entries or alarm) and "stored" or "unknown"
end

--- One room, with its connections and its alarm.
function rooms.show(exchange)
  local query = answer.query(exchange)
  local live = native.live_room(answer.room(query))
  local room = rooms.enter(query)
  local connections, is_whole = connections_of(room)
  local alarm = native.alarm_get(room)
  answer.send(exchange, {
    party = query.party, room = query.room,
    state = live and live.state or state_at_rest(room, alarm),
    rate = live and live.rate or 0, waiting = live and live.waiting or 0,
    connections = connections, whole = is_whole, alarm = alarm,
  })
end

--- Lets a room leave memory, or sleep, now.
function rooms.hibernate(exchange)
  local party, id = answer.room(answer.query(exchange))
  local ok = native.hibernate_room(party, id)
  if ok == nil then answer.fail(404, "the room is not in memory") end
  if not ok then
    answer.fail(409, "the room cannot hibernate now: it has connections without "
      .. "options = { hibernate = true }, or hooks, timers or writes that are not done")
  end
  native.log("info", "admin", "room hibernates", { "party", party, "room", id })
  answer.send(exchange, { ok = true })
end

local function message_of(body)
  if type(body.text) == "string" then return body.text end
  if type(body.hex) == "string" and not body.hex:find "[^%x]" and #body.hex % 2 == 0 then
    return binary(body.hex:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
  end
  return answer.fail(400, "a message is { text } or { hex }")
end

local function find_connection(room, id)
  local connection = room:getConnection(id)
  if not connection then answer.fail(404, "there is no connection with this id") end
  return connection
end

--- Sends a message to everyone in a room, or to one of its connections.
function rooms.broadcast(exchange)
  local query, body = answer.query(exchange), answer.body(exchange)
  local room, message = rooms.enter(query), message_of(body)
  if query.conn then
    find_connection(room, query.conn):send(message)
    native.log("info", "admin", "message sent", { "conn", query.conn })
  else
    room:broadcast(message)
    native.log("info", "admin", "message broadcast")
  end
  answer.send(exchange, { ok = true })
end

--- Closes one connection.
function rooms.close(exchange)
  local query = answer.query(exchange)
  local room = rooms.enter(query)
  find_connection(room, query.conn or ""):close(1000, "closed by an operator")
  native.log("info", "admin", "connection closed", { "conn", query.conn })
  answer.send(exchange, { ok = true })
end

--- A text of so many bytes at most, without a part of a character at its end.
local function shortened(text, bytes_max)
  local is_within = text:find("^[\128-\191]", bytes_max + 1)
  text = text:sub(1, bytes_max)
  return is_within and text:gsub("[\192-\255][\128-\191]*$", "") or text
end

--- The beginning of an answer's body, which may have no end.
local function beginning_of(response)
  local pieces, size = {}, 0
  local _, chunks, source = response:take_body()
  for chunk in chunks do
    pieces[#pieces + 1], size = chunk, size + #chunk
    if size > FETCH_BYTES_MAX then
      source:cancel()
      break
    end
  end
  return shortened(table.concat(pieces), FETCH_BYTES_MAX)
end

local function take_answer(response)
  local text, headers = beginning_of(response), {}
  for name, value in response.headers:entries() do headers[name] = value end
  if not native.utf8_valid(text) then text = ("(%d bytes that are no text)"):format(#text) end
  return { status = response.status, headers = json.object(headers), body = text }
end

--- Asks a room, as other rooms do: { method, path, headers, body }.
function rooms.fetch(exchange)
  local party, id = answer.room(answer.query(exchange))
  local body = answer.body(exchange)
  local all = parties.for_host(exchange:host())
  if not all[party] then answer.fail(404, ("there is no party '%s'"):format(party)) end
  local ok, response = pcall(function()
    return all[party]:get(id):fetch(body.path or "", {
      method = body.method, headers = body.headers, body = body.body,
    })
  end)
  if not ok then
    local why = type(response) == "table" and response.message or response
    answer.fail(400, tostring(why))
  end
  answer.send(exchange, take_answer(response))
end

return rooms
