--- modules: forgets what an app has required, so that the next one begins with nothing.

local modules = {}

---@class partylua.testing.Modules
---@field private before table<string, boolean>
local Modules = {}
Modules.__index = Modules

--- Remembers what is loaded now.
---@return partylua.testing.Modules
function modules.remember()
  local before = {}
  for name in pairs(package.loaded) do before[name] = true end
  return setmetatable({ before = before, path = package.path }, Modules)
end

--- Forgets what was loaded since from a folder, and where it was looked for.
---@param folder string    absolute
function Modules:forget(folder)
  for name in pairs(package.loaded) do
    if not self.before[name] then
      local file = package.searchpath(name, package.path)
      if file and file:sub(1, #folder + 1) == folder .. "/" then package.loaded[name] = nil end
    end
  end
  package.path = self.path
end

return modules
