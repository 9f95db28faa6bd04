--- answer: the body of an answer that is still coming, as the source of a Response.
---
--- Called, it gives the next chunk. What is gathered as a whole is bounded; who reads chunk by
--- chunk may read as much as there is.

local units = require "partylua.config.units"

local BODILESS = { [204] = true, [205] = true, [304] = true }

---@class partylua.fetch.Answer
---@field private transfer partylua.native.Transfer
---@field private what string    method and host, for errors
---@field private bytes_max integer
---@field private on_over fun()
local Answer = {}
Answer.__index = Answer

---@param transfer partylua.native.Transfer
---@param what string
---@param bytes_max integer
---@param on_over fun()    called when all was read, or nothing more will come
function Answer.new(transfer, what, bytes_max, on_over)
  return setmetatable({
    transfer = transfer, what = what, bytes_max = bytes_max, on_over = on_over,
  }, Answer)
end

--- Whether an answer of this status can have a body.
---@param method string
---@param status integer
---@return boolean
function Answer.is_possible(method, status)
  return method ~= "HEAD" and not BODILESS[status]
end

function Answer:__call()
  local transfer = self.transfer
  while true do
    local chunk, state = transfer:take()
    if chunk then return chunk end
    if state ~= "wait" then self.on_over() end
    if state == "end" then return nil end
    if state == "broken" then
      error(("%s failed: the answer broke off: %s"):format(self.what, transfer:why()), 2)
    end
    transfer:wait "reading what was fetched"
  end
end

--- Gives up what has not come yet. Harmless when all of it has.
---@param why string
function Answer:cancel(why)
  self.transfer:cancel(why)
  self.on_over()
end

--- Lets it come to its end by itself: nothing of it will be read any more.
function Answer:leave()
  self.on_over()
end

--- Raises when so many bytes are too many to be held at once, and blames who asked for all of
--- them: three levels above, as it is called by gather in body.lua.
---@param count integer
function Answer:check_gathered(count)
  if count <= self.bytes_max then return end
  self.transfer:cancel "nobody wants the rest"
  self.on_over()
  error(("%s failed: the answer is larger than %s (see --fetch-body-bytes); read it with chunks()")
    :format(self.what, units.kinds.bytes.show(self.bytes_max)), 4)
end

return Answer
