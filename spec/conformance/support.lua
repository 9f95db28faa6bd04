--- support: what several parties of the conformance project share.

local party = require "partylua"

local support = {}

--- The message of a caught error as a client would see it: without Lua's `file:line: `.
---@param err any
---@return string?    nil when the error has no message
function support.message(err)
  if type(err) == "table" then return err.message end
  if err == nil then return nil end
  return (tostring(err):gsub("^[^\n]-%.lua:%d+: ", "", 1))
end

--- The path segments after the room id, joined: "body/text" of "/parties/http/abc/body/text".
---@param req partylua.Request
---@return string
function support.after_room(req)
  return req.path:match "^/[^/]*/[^/]*/[^/]*/(.*)$" or ""
end

--- The request headers whose name starts with `x-`.
---@param req partylua.Request
---@return table<string, string>
function support.x_headers(req)
  local found = {}
  for name in req.headers:entries() do
    if name:sub(1, 2) == "x-" then found[name] = req.headers:get(name) end
  end
  return found
end

--- The ids of a room's connections, as getConnections gives them.
---@param room partylua.Room
---@param tag string?
---@return string[]    a JSON array, also when it is empty
function support.ids(room, tag)
  local ids = party.json.array {}
  for connection in room:getConnections(tag) do ids[#ids + 1] = connection.id end
  return ids
end

--- The same, in the order of the ids.
---@param room partylua.Room
---@param tag string?
---@return string[]
function support.sorted_ids(room, tag)
  local ids = support.ids(room, tag)
  table.sort(ids)
  return ids
end

---@param bytes string
---@return string    two small hexadecimal digits for each byte
function support.hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

---@param digits string
---@return string
function support.unhex(digits)
  return (digits:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

--- Sends a value as JSON text.
---@param connection partylua.Connection
---@param value table
function support.reply(connection, value)
  connection:send(party.json.encode(value))
end

return support
