--- errors: what code of an app has raised, as a spec looks at it.

local native = require "partylua.native"

local errors = {}

--- An error of a hook. As a string it is the place and the message: `chat.lua:24: boom`.
---@class partylua.testing.Error
---@field message string
---@field place string    `chat.lua:24`, or empty
---@field source string    that line
---@field stack string
---@field hook string    "onMessage", "party.after"
---@field party? string
---@field room? string
local Error = {}
Error.__index = Error

function Error:__tostring()
  if self.place == "" then return self.message end
  return self.place .. ": " .. self.message
end

--- The error in a few lines, for whoever did not expect it.
---@return string
function Error:describe()
  local where = self.hook
  if self.room then where = ("%s of %s/%s"):format(where, self.party, self.room) end
  local source = self.source ~= "" and ("\n    | %s"):format(self.source) or ""
  return ("  %s (%s)%s"):format(tostring(self), where, source)
end

---@param fields table
---@return partylua.testing.Error
function errors.new(fields)
  return setmetatable(fields, Error)
end

--- Adds what hooks have raised since the last call.
---@param list partylua.testing.Error[]
function errors.gather(list)
  for _, fault in ipairs(native.lab_faults()) do list[#list + 1] = errors.new(fault) end
end

---@param list partylua.testing.Error[]
---@return string
function errors.describe(list)
  local lines = {}
  for i, each in ipairs(list) do lines[i] = each:describe() end
  return table.concat(lines, "\n")
end

return errors
