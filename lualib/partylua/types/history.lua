---@meta partylua.history

-- The last messages of a room: `require "partylua.history"`; see docs/guides/history.md.

---@class partylua.HistoryOptions
---@field max? integer    messages that are kept; 100
---@field seconds? number    for how long one is; without it, until there are newer ones
---@field name? string    where a room has several of them

---@class partylua.HistoryListOptions
---@field after? integer    only messages with higher numbers
---@field limit? integer    the last so many

---@class partylua.HistoryItem
---@field number integer    1 for the first one that was ever added
---@field at number    when it was added, in milliseconds since 1970
---@field message any    as it was added

---@class partylua.History
---@overload fun(room: partylua.Room, options?: partylua.HistoryOptions): partylua.History
local History = {}

--- Adds a message at the end.
---@param message any    what storage takes
---@return integer number
function History:add(message) end

--- The messages, oldest first.
---@param options? partylua.HistoryListOptions
---@return partylua.HistoryItem[]
function History:list(options) end

--- Forgets all messages; numbers go on where they were, as long as the room is in memory.
function History:clear() end

return History
