--- legacy: PartyKit's older form of a party, a table of functions that get the room as an argument.
---
---     return party.legacy {
---       onConnect = function(conn, room, ctx) conn:send("welcome to " .. room.id) end,
---       onMessage = function(message, conn, room) room:broadcast(message) end,
---     }

-- Where the room stands among the arguments of each hook of a room.
local ROOM_LAST = {
  onMessage = function(fn)
    return function(self, message, conn, is_binary)
      return fn(message, conn, self.room, is_binary)
    end
  end,
  onClose = function(fn)
    return function(self, conn, code, reason, was_clean)
      return fn(conn, self.room, code, reason, was_clean)
    end
  end,
  onError = function(fn)
    return function(self, conn, err) return fn(conn, err, self.room) end
  end,
  onRequest = function(fn)
    return function(self, request) return fn(request, self.room) end
  end,
  onAlarm = function(fn)
    return function(self, info) return fn(self.room, info) end
  end,
  onConnect = function(fn)
    return function(self, conn, ctx) return fn(conn, self.room, ctx) end
  end,
}

local STATIC = {
  onBeforeConnect = true, onBeforeRequest = true, onFetch = true, onSocket = true, onCron = true,
}

local function static(fn)
  return function(self, ...) -- luacheck: ignore self
    return fn(...)
  end
end

--- Makes a class of a table of functions. Hibernation is implicit, as in PartyKit: on with
--- onMessage, or without onConnect.
---@param functions table<string, function>
---@return table class
local function legacy(functions)
  if type(functions) ~= "table" then
    error("party.legacy takes a table of functions, got " .. type(functions), 2)
  end
  local class = {}
  for name, fn in pairs(functions) do
    local is_older = name == "unstable_onFetch"
    local place = is_older and "onFetch" or name
    local wrap = ROOM_LAST[place] or STATIC[place] and static
    if not wrap then error(("party.legacy: there is no hook '%s'"):format(tostring(name)), 2) end
    if type(fn) ~= "function" then
      error(("party.legacy: %s should be a function, got %s"):format(name, type(fn)), 2)
    end
    if not is_older or functions.onFetch == nil then class[place] = wrap(fn) end
  end
  class.options = { hibernate = class.onMessage ~= nil or class.onConnect == nil }
  return class
end

return legacy
