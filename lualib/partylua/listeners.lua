--- listeners: who listens to a socket that a room has opened, to another room or another server.
---
--- A socket has `listeners`, lists of functions by kind of event, and `crowd`, which runs them.

local listeners = {}

local EVENTS = { open = true, message = true, close = true, error = true }

--- Calls a listener, unless it was removed since its event came: events that come together are
--- dispatched before the first listener runs.
local function call(list, fn, event)
  for i = 1, #list do
    if list[i] == fn then return fn(event) end
  end
end

--- Each listener runs by itself, so that one's error or waiting is no matter of the others.
---@param socket table
---@param kind "open"|"message"|"close"|"error"
---@param event table
function listeners.dispatch(socket, kind, event)
  event.type, event.target = kind, socket
  local list = socket.listeners[kind] or {}
  for i = 1, #list do
    local fn = list[i]
    socket.crowd:run(function() return call(list, fn, event) end)
  end
end

--- A socket's addEventListener.
---@param socket table
---@param kind "open"|"message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function listeners.add(socket, kind, fn)
  if not EVENTS[kind] then error(("there is no event %q"):format(tostring(kind)), 2) end
  if type(fn) ~= "function" then error("a listener must be a function", 2) end
  local list = socket.listeners[kind] or {}
  socket.listeners[kind] = list
  list[#list + 1] = fn
end

--- A socket's removeEventListener.
---@param socket table
---@param kind "open"|"message"|"close"|"error"
---@param fn fun(event: partylua.SocketEvent)
function listeners.remove(socket, kind, fn)
  local list = socket.listeners[kind]
  for i = list and #list or 0, 1, -1 do
    if list[i] == fn then table.remove(list, i) end
  end
end

return listeners
