---@meta partylua.ratelimit

-- So many in so much time: `require "partylua.ratelimit"`; see docs/guides/rate-limits.md.

---@class partylua.RateLimitOptions
---@field count number    how many may come at once
---@field seconds number    after which as many may come again
---@field keys? integer    remembered at most; 20000

---@class partylua.RateLimit
---@overload fun(options: partylua.RateLimitOptions): partylua.RateLimit
local RateLimit = {}

--- Takes one of the key's count, or `cost` of them. False when there are not so many, and after
--- how many seconds there will be; then nothing is taken.
---@param key any    not nil
---@param cost? number    1
---@return boolean ok
---@return number seconds    0 when it is ok
function RateLimit:take(key, cost) end

--- Gives a key its whole count back.
---@param key any
function RateLimit:reset(key) end

return RateLimit
