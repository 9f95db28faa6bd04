--- program: the code of an app, loaded anew for each server, so that each begins with nothing.

local application = require "partylua.application"
local fs = require "partylua.fs"

---@class partylua.testing.Program
---@field definitions table<string, partylua.Definition>
---@field private folder? string    of the app's files; nil for a class
---@field private before table<string, boolean>    modules that were loaded before
---@field private path string    where modules were looked for before
local Program = {}
Program.__index = Program

--- Loads an app's code; raises a failure when it cannot be loaded.
---@param settings partylua.testing.Settings
---@return partylua.testing.Program
function Program.load(settings)
  local self = setmetatable({ before = {}, path = package.path }, Program)
  for name in pairs(package.loaded) do self.before[name] = true end
  if type(settings.main) == "string" then self.folder = fs.parent(settings.main) end
  math.randomseed(settings.seed) -- a file may draw numbers while it is loaded
  local ok, definitions = pcall(application.load, settings)
  if not ok then
    self:forget()
    error(definitions, 0)
  end
  self.definitions = definitions
  return self
end

local function nothing() end

--- Forgets what was required since from the app's folder, and where modules were looked for.
---@return fun() undo
function Program:forget()
  local folder, path, gone = self.folder, package.path, {}
  if not folder then return nothing end
  for name, module in pairs(package.loaded) do
    local file = not self.before[name] and package.searchpath(name, path)
    if file and file:sub(1, #folder + 1) == folder .. "/" then gone[name] = module end
  end
  for name in pairs(gone) do package.loaded[name] = nil end
  package.path = self.path
  return function()
    for name, module in pairs(gone) do package.loaded[name] = module end
    package.path = path
  end
end

return Program
