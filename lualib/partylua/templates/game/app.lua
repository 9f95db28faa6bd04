--- Players run for a coin. The server moves them, ten times a second: a page only says which way.

local party = require "partylua"

local json = party.json

local WIDTH, HEIGHT = 20, 12
local TICK_SECONDS = 0.1
local PLAYERS_MAX = 50
local STEPS = { up = { 0, -1 }, down = { 0, 1 }, left = { -1, 0 }, right = { 1, 0 } }

---@class Game : party.Server
---@field players table<integer, table>    by number
---@field coin table
---@field best integer    the best score there has been
local Game = {}

function Game:onStart()
  self.players, self.visits, self.playing = {}, 0, 0
  self.best = self.room.storage:get "best" or 0
  self:place_coin()
end

function Game:place_coin()
  self.coin = { x = math.random(0, WIDTH - 1), y = math.random(0, HEIGHT - 1) }
end

function Game:onConnect(conn)
  if self.playing == PLAYERS_MAX then return conn:close(4503, "the game is full") end
  self.visits, self.playing = self.visits + 1, self.playing + 1
  self.players[self.visits] = {
    id = self.visits, x = math.random(0, WIDTH - 1), y = math.random(0, HEIGHT - 1), score = 0,
  }
  conn:setState { id = self.visits }
  conn:send(json.encode { type = "welcome", you = self.visits, width = WIDTH, height = HEIGHT })
  self.is_changed = true
  -- A timer keeps the room in memory: it runs while somebody plays.
  self.timer = self.timer or party.every(TICK_SECONDS, function() self:tick() end)
end

--- A message is { move }, up, down, left or right. The last one before a tick counts.
function Game:onMessage(data, sender)
  local ok, sent = pcall(json.decode, data)
  local step = ok and type(sent) == "table" and STEPS[sent.move]
  if not step then
    local why = "a move is { move } with up, down, left or right"
    return sender:send(json.encode { type = "error", message = why })
  end
  self.players[sender.state.id].step = step
end

function Game:onClose(conn)
  if not conn.state then return end -- it was never in the game
  self.players[conn.state.id] = nil
  self.playing = self.playing - 1
  self.is_changed = true
  if self.playing == 0 then
    self.timer:cancel()
    self.timer = nil
  end
end

-- The game ---------------------------------------------------------------------------------------

local function clamp(value, limit)
  return math.max(0, math.min(limit - 1, value))
end

function Game:move(player)
  player.x = clamp(player.x + player.step[1], WIDTH)
  player.y = clamp(player.y + player.step[2], HEIGHT)
  player.step = nil
  self.is_changed = true
  if player.x == self.coin.x and player.y == self.coin.y then self:score(player) end
end

function Game:score(player)
  player.score = player.score + 1
  if player.score > self.best then
    self.best = player.score
    self.room.storage:put("best", self.best)
  end
  self:place_coin()
end

function Game:tick()
  for _, player in pairs(self.players) do
    if player.step then self:move(player) end
  end
  if not self.is_changed then return end
  self.is_changed = false
  local players = json.array {}
  for _, each in pairs(self.players) do
    table.insert(players, { id = each.id, x = each.x, y = each.y, score = each.score })
  end
  self.room:broadcast(json.encode {
    type = "state", players = players, coin = self.coin, best = self.best,
  })
end

return Game
