--- sources: which files of a project an app was loaded from.
---
--- A module that could not be found, or not be loaded, counts too: it is what will change next.

local fs = require "partylua.fs"
local native = require "partylua.native"

local sources = {}

local seen, list = {}, {}

--- Remembers a file, unless it belongs to this program or to the system.
---@param path string
function sources.note(path)
  path = fs.join(fs.cwd(), path)
  if seen[path] or path:sub(1, #native.lualib + 1) == native.lualib .. "/" then return end
  if path:find "^/usr/" then return end
  seen[path] = true
  list[#list + 1] = path
end

--- The places in the project where a module may come to be.
local function note_missing(name)
  local folder = package.path:match "^([^;]*)/%?%.lua"
  if folder then sources.note(folder .. "/" .. name:gsub("%.", "/") .. ".lua") end
end

--- Notes from now on what `require` looks for. Runs before every loader but that of this library,
--- and finds nothing.
function sources.watch()
  table.insert(package.loaders, 3, function(name)
    local path = package.searchpath(name, package.path)
    if path then sources.note(path) else note_missing(name) end
  end)
end

--- What was noted so far, as absolute paths.
---@return string[]
function sources.list()
  return list
end

return sources
