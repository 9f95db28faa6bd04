--- project: a temporary folder with files, and what partylua.config makes of it.
---
--- Call `project.open` before and `project.close` after each spec.

local config = require "partylua.config"
local dir = require "pl.dir"
local file = require "pl.file"

local project = {}

local root

--- Makes the folder and returns its path.
function project.open()
  root = os.tmpname()
  os.remove(root)
  dir.makepath(root)
  return root
end

--- Removes the folder with all that is in it.
function project.close()
  dir.rmtree(root)
end

--- Writes a file below the folder and returns its path.
function project.write(name, text)
  local path = root .. "/" .. name
  dir.makepath(path:match "^(.*)/")
  assert(file.write(path, text))
  return path
end

--- Loads in the folder, with no environment but `variables`.
local function load(request, variables)
  request = request or {}
  request.directory = request.directory or root
  request.getenv = function(name) return (variables or {})[name] end
  return config.load(request)
end

--- The settings, which there must be.
function project.loaded(request, variables)
  local settings, message = load(request, variables)
  return assert(settings, message)
end

--- The same for the app app.lua named on the command line.
function project.serving(request, variables)
  request = request or {}
  request.main = "app.lua"
  return project.loaded(request, variables)
end

--- The message and the hint; there must be no settings.
function project.refused(request, variables)
  local settings, message, hint = load(request, variables)
  assert(settings == nil, "the configuration was not refused")
  return message, hint
end

--- The settings with this partylua.json.
function project.settings_of(text)
  project.write("app.lua", "return {}")
  project.write("partylua.json", text)
  return project.serving()
end

--- The message and hint for a partylua.json with this text.
function project.refused_file(text)
  project.write("app.lua", "return {}")
  project.write("partylua.json", text)
  return project.refused()
end

return project
