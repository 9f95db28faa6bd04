---@meta

--- crowd: listeners. Registered by runtime/lua/bind_crowd.c.

---@class partylua.native
local native = {}

--- The listeners of one socket.
---@return partylua.native.Crowd
function native.crowd() end

---@class partylua.native.Crowd
local Crowd = {}

--- Calls a listener in a task of the running one's room.
---@param fn fun(event: table)
---@param event table
function Crowd:run(fn, event) end

---@return boolean    false while too many of them run
function Crowd:has_room() end

--- Waits until one has ended.
---@param what string    who waits, for errors
function Crowd:wait(what) end
