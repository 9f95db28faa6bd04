--- forked: one sequence of chunks for two readers, each at its own pace.

local microtasks = require "ts2lua.runtime.microtasks"
local promises = require "ts2lua.runtime.promises"
local world = require "ts2lua.runtime.world"

local forked = {}

---@class ts2lua.Fork
---@field next fun(): string?       gives the next chunk of the source; may wait
---@field check? fun(count: integer)    raises when so many bytes are too many to be held
---@field chunks string[]           what has come
---@field bytes integer             of these
---@field is_over boolean
---@field problem any               what the source ended with
---@field asking? table             a promise, while one reader waits for the source

--- Asks the source for one more chunk.
local function ask(fork)
  fork.asking = promises.new()
  local ok, chunk = pcall(function()
    local chunk = fork.next()
    if chunk and fork.check then fork.check(fork.bytes + #chunk) end
    return chunk
  end)
  if not ok then fork.problem, chunk = chunk, nil end
  fork.is_over = chunk == nil
  if chunk then
    fork.chunks[#fork.chunks + 1], fork.bytes = chunk, fork.bytes + #chunk
  end
  local asking = fork.asking
  fork.asking = nil
  promises.resolve(asking, nil)
  microtasks.drain()
end

local function reader(fork)
  local i = 0
  return function()
    i = i + 1
    while not fork.chunks[i] and not fork.is_over do
      if fork.asking then world.wait(fork.asking) else ask(fork) end
    end
    if not fork.chunks[i] and fork.problem then error(fork.problem, 0) end
    return fork.chunks[i]
  end
end

--- Two iterators over what one gives.
---@param next_chunk fun(): string?
---@param check? fun(count: integer)
---@return fun(): string?
---@return fun(): string?
function forked.pair(next_chunk, check)
  local fork = { next = next_chunk, check = check, chunks = {}, bytes = 0, is_over = false }
  return reader(fork), reader(fork)
end

return forked
