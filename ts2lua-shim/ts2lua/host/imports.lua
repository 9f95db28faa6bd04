--- imports: what is wrong with the name of a module that leads nowhere, as a fault of the file
--- that imports it.

local builtins = require "ts2lua.host.builtins"
local fault = require "ts2lua.fault"
local node_modules = require "ts2lua.host.node_modules"
local paths = require "ts2lua.host.paths"

local imports = {}

--- Packages of which the host has its own.
local OWN = { ["partykit-ai"] = true }

local PLATFORM = { ["partykit/server"] = true, ["partysocket"] = true, ["partykit"] = true }

local function package_of(name)
  return name:match "^@[^/]+/[^/]+" or name:match "^[^/]+" or name
end

--- The message and the hint for a name.
local function describe(name)
  local instead = builtins.hint(name)
  if instead then return ("'%s' is a module of Node, which is not there"):format(name), instead end
  local message = ("cannot find the module '%s'"):format(name)
  if PLATFORM[name] then return message, "import its types with 'import type'" end
  if name:find "^%.%.?/" then
    return message, "the file is looked for beside the one that imports it"
  end
  return message, ("packages are found in node_modules: npm install %s"):format(package_of(name))
end

--- Is the module part of the host?
---@param name string
---@return boolean
function imports.is_own(name)
  return OWN[name] == true
end

--- The file of a module's name in a program; nil and a fault when there is none.
---@param name string
---@param from string    path of the program
---@param source string    its text
---@param display string    its name in messages
---@param start integer    where the name stands
---@return string? path
---@return ts2lua.Fault?
function imports.find(name, from, source, display, start)
  -- npm has packages with the names of Node's, such as "events" and "buffer": they count first.
  local path = not name:find "^node:" and paths.resolve(name, from)
  if path then return path end
  local message, hint = describe(name)
  return nil, fault.at(source, display, start, message, hint)
end

--- The fault of a file that is a CommonJS module; nil when it is none. Only packages are asked: a
--- program of the project is told about each name.
---@param translation ts2lua.Translation
---@param path string
---@return ts2lua.Fault?
function imports.commonjs_fault(translation, path)
  if not node_modules.holds(path) or translation.has_exports then return nil end
  for _, each in ipairs(translation.absent) do
    if each.is_commonjs then
      each.message = "this package is a CommonJS module, which is not loaded"
      each.hint = "look for a version with ES modules, or copy what you need of it"
      return each
    end
  end
  return nil
end

return imports
