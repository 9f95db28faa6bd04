---@meta

--- admin: what the admin doors answer with. Registered by runtime/lua/bind_admin.c.

---@class partylua.native
local native = {}

-- Each raises without a server.

---@class partylua.native.LiveRoom
---@field party string
---@field room string
---@field state "awake"|"hibernating"|"starting"
---@field connections integer
---@field rate number    messages a second, over about the last ten
---@field waiting integer    events that wait for it
---@field hooks integer    that run or wait

--- Rooms in memory, in no order.
---@param most integer
---@param party? string
---@return partylua.native.LiveRoom[]
---@return boolean is_whole    false when there are more
function native.live_rooms(most, party) end

---@param party string
---@param id string
---@return partylua.native.LiveRoom?    nil when it is not in memory
function native.live_room(party, id) end

---@param party string
---@param id string
---@return boolean?    false when something holds it off, nil when it is not in memory
function native.hibernate_room(party, id) end

--- Makes the running task, which must be of an admin request, one of a room: its answer waits until
--- what it writes is durable. The room is not started.
---@param party string
---@param id string
---@return partylua.Room?    nil without such a party
function native.enter_room(party, id) end

--- Waits while another task blocks the room that was entered.
function native.await_room() end

--- Sets a room's alarm as it was stored; due 0 takes it away.
---@param room partylua.native.Room
---@param due number
---@param attempt number
---@param retries integer
function native.restore_alarm(room, due, attempt, retries) end

---@class partylua.native.Totals    of all parties, since the server has started
---@field rooms integer    in memory
---@field hibernating integer    of these
---@field connections integer
---@field received integer    messages
---@field sent integer
---@field errors integer    hooks that have failed
---@field hooks number[][]    { seconds, count }: hooks that took up to so long; -1 is any time
---@field hook_seconds number

---@return partylua.native.Totals
function native.totals() end
