--- ratelimit: so many in so much time, for each key by itself: an address, a connection, a user.
---
---     local limit = ratelimit { count = 10, seconds = 1 }
---     local ok, wait = limit:take(request.address)
---
--- A key may spend its whole count at once, and has one back after each part of the time (a token
--- bucket, in the form of GCRA: one number a key says when all of it will be there again).
---
--- Strangers choose keys, so no more than `keys` are remembered: those not seen for longest go,
--- half of them at a time.

local class = require "partylua.class"
local native = require "partylua.native"

local KEYS = 20000

---@class partylua.RateLimitOptions
---@field count number    how many may come at once
---@field seconds number    after which as many may come again
---@field keys? integer    remembered at most; 20000

---@class partylua.RateLimit
---@field private window_ms number
---@field private each_ms number    one of the count
---@field private half integer    of the keys
---@field private young table<any, number>    key -> time when it has everything back
---@field private old table<any, number>    the same of keys not seen since `young` began
---@field private young_count integer
---@overload fun(options: partylua.RateLimitOptions): partylua.RateLimit
local RateLimit = class()

local function check_number(options, name, otherwise)
  local value = options[name]
  if value == nil then value = otherwise end
  if type(value) == "number" and value > 0 and value < 1e12 then return value end
  error(("ratelimit: %s must be a number above 0"):format(name), 4)
end

---@param options partylua.RateLimitOptions
function RateLimit:init(options)
  if type(options) ~= "table" then
    error("ratelimit takes a table such as { count = 10, seconds = 1 }", 3)
  end
  self.window_ms = check_number(options, "seconds") * 1000
  self.each_ms = self.window_ms / check_number(options, "count")
  self.half = math.ceil(check_number(options, "keys", KEYS) / 2)
  self.young, self.old, self.young_count = {}, {}, 0
end

--- When the key has everything back. A clock that was turned back makes nobody wait longer than
--- the window.
local function full_at(self, key, now)
  local at = self.young[key] or self.old[key] or now
  return math.min(math.max(at, now), now + self.window_ms)
end

local function keep(self, key, at)
  if self.young[key] == nil then
    if self.young_count >= self.half then
      self.old, self.young, self.young_count = self.young, {}, 0
    end
    self.young_count = self.young_count + 1
  end
  self.young[key] = at
end

--- Takes one of the key's count, or `cost` of them. False when there are not so many, and after
--- how many seconds there will be; then nothing is taken.
---@param key any    not nil
---@param cost? number    1
---@return boolean ok
---@return number seconds    0 when it is ok
function RateLimit:take(key, cost)
  if key == nil then error("ratelimit: a key is missing", 2) end
  local now = native.now()
  local at = full_at(self, key, now) + (cost or 1) * self.each_ms
  local wait_ms = at - self.window_ms - now
  -- A part of a millisecond is what counting in parts leaves.
  if wait_ms > 0.001 then return false, wait_ms / 1000 end
  keep(self, key, at)
  return true, 0
end

--- Gives a key its whole count back.
---@param key any
function RateLimit:reset(key)
  if self.young[key] ~= nil then self.young_count = self.young_count - 1 end
  self.young[key], self.old[key] = nil, nil
end

return RateLimit
