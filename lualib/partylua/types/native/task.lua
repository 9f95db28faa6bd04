---@meta

--- task: what waits raises outside of a task, and where Lua cannot suspend. Registered by
--- runtime/lua/bind_task.c.

---@class partylua.native
local native = {}

--- Waits.
---@param ms number    0 to 1e15, rounded up
function native.sleep(ms) end

--- Prepares the running task for a wait.
---@param what string    who waits, for errors
---@return number id    for `wait`, and for the one `wake`
function native.wait_id(what) end

--- Waits for the wake, unless it came before.
---@param id number
---@return any ...    what `wake` was given
function native.wait(id) end

--- Lets the task that waits with this id go on with these values.
---@param id number
---@param ... any
---@return boolean    false when it was woken before or is gone
function native.wake(id, ...) end

--- Runs a function as a task of the same room, at the end of the turn.
---@param fn function
---@param ... any
function native.spawn(fn, ...) end

--- The same for a function whose end the running task waits for.
---@param fn function
---@param ... any
function native.spawn_awaited(fn, ...) end
