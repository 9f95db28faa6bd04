--- Everybody on a page sees the pointers of the others.

local party = require "partylua"

local json = party.json

-- Moves of the same moment go out as one message: a room of n people costs n messages a tick, and
-- not n for every move of each of them.
local TICK_SECONDS = 1 / 30

---@class Cursors : party.Server
---@field visits integer    how many connections there have been
---@field moved table<integer, table>    by number, the positions to tell at the next tick
local Cursors = {}

function Cursors:onStart()
  self.visits = 0
  self.moved = {}
end

--- A pointer is known by a number: whoever knows a connection's own id can take its place.
function Cursors:onConnect(conn)
  local pointers = json.array {}
  for other in self.room:getConnections() do
    if other.state and other.state.x then table.insert(pointers, other.state) end
  end
  self.visits = self.visits + 1
  conn:setState { id = self.visits }
  conn:send(json.encode { type = "welcome", you = self.visits, pointers = pointers })
end

local function is_fraction(value)
  return type(value) == "number" and value >= 0 and value <= 1
end

--- A message is { x, y }, from 0 to 1 both ways, because windows differ in size.
function Cursors:onMessage(data, sender, isBinary)
  local ok, position = pcall(json.decode, data)
  local is_right = not isBinary and ok and type(position) == "table"
    and is_fraction(position.x) and is_fraction(position.y)
  if not is_right then
    local why = "a message is { x, y } with numbers from 0 to 1"
    return sender:send(json.encode { type = "error", message = why })
  end
  local id = sender.state.id
  self.moved[id] = sender:setState { id = id, x = position.x, y = position.y }
  if not self.tick then
    self.tick = party.after(TICK_SECONDS, function() self:tell_moves() end)
  end
end

function Cursors:tell_moves()
  self.tick = nil
  local pointers = json.array {}
  for _, pointer in pairs(self.moved) do table.insert(pointers, pointer) end
  self.moved = {}
  self.room:broadcast(json.encode { type = "moves", pointers = pointers })
end

function Cursors:onClose(conn)
  self.moved[conn.state.id] = nil
  self.room:broadcast(json.encode { type = "left", id = conn.state.id })
end

return Cursors
