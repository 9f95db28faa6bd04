--- later: modules of the runtime that are read when they are first needed. A program needs few of
--- them, and reading all would be most of the time it takes to load one.
---
---     local dates = later "dates"      -- reads nothing yet
---     dates.Date                       -- reads ts2lua/runtime/dates.lua

local rawset, setmetatable = rawset, setmetatable

--- Stands for a module of this folder that is a table.
---@param name string
---@return table
local function later(name)
  return setmetatable({}, {
    __index = function(self, key)
      local value = require("ts2lua.runtime." .. name)[key]
      rawset(self, key, value)
      return value
    end,
  })
end

return later
