--- tick: what tick.ts does, as a person writes it in Lua.

local WIDTH, HEIGHT, RADIUS, DRAG = 800, 600, 12, 1

local Game = {}
Game.__index = Game

function Game.new(room)
  local self = setmetatable({ room = room, bodies = {}, ticks = 0 }, Game)
  for i = 0, 15 do
    self.bodies[i + 1] = {
      x = 40 + i * 45, y = 30 + (i * 97) % 540, vx = i % 5 - 2, vy = i % 7 - 3, hits = 0,
    }
  end
  return self
end

function Game:move(body)
  body.x = body.x + body.vx
  body.y = body.y + body.vy
  if body.x < RADIUS or body.x > WIDTH - RADIUS then body.vx = -body.vx end
  if body.y < RADIUS or body.y > HEIGHT - RADIUS then body.vy = -body.vy end
  body.vx = body.vx * DRAG
  body.vy = body.vy * DRAG
end

function Game:collide(a, b)
  local dx, dy = b.x - a.x, b.y - a.y
  local distance = math.sqrt(dx * dx + dy * dy)
  if distance == 0 or distance > 2 * RADIUS then return end
  local nx, ny = dx / distance, dy / distance
  local push = (a.vx - b.vx) * nx + (a.vy - b.vy) * ny
  if push <= 0 then return end
  a.vx = a.vx - push * nx
  a.vy = a.vy - push * ny
  b.vx = b.vx + push * nx
  b.vy = b.vy + push * ny
  a.hits = a.hits + 1
  b.hits = b.hits + 1
end

function Game:onTick()
  local energy = 0
  for _, body in ipairs(self.bodies) do
    self:move(body)
    energy = energy + body.vx * body.vx + body.vy * body.vy
  end
  local bodies = self.bodies
  for i = 1, #bodies do
    for j = i + 1, #bodies do self:collide(bodies[i], bodies[j]) end
  end
  self.ticks = self.ticks + 1
  return math.floor(energy * 100 + 0.5) / 100
end

return Game
