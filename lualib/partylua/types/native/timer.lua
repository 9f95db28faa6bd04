---@meta

--- timer: timers. Registered by runtime/lua/bind_timer.c.

---@class partylua.native
local native = {}

--- Runs a function in a task of the room that asks. The timer ends with its room; one that fires
--- once keeps the room in memory.
---@param ms number    0 to 1e15, rounded up
---@param repeats boolean
---@param fn function
---@return partylua.native.Timer
function native.timer(ms, repeats, fn) end

---@class partylua.native.Timer
local Timer = {}

--- Harmless when it has fired or was cancelled before.
function Timer:cancel() end
