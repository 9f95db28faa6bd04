--- application: loads an app: from settings to the definitions of its parties.

local failure = require "partylua.config.failure"
local native = require "partylua.native"
local server = require "partylua.server"
local typescript = require "partylua.typescript"

local application = {}

--- Several parties of one file:
---
---     return party.app { main = Chat, parties = { cursors = Cursors } }
local App = {}
App.__index = App
application.App = App

---@param parts { main: table, parties?: table<string, table> }
function application.app(parts)
  if type(parts) ~= "table" or type(parts.main) ~= "table" then
    error("party.app takes { main = Class, parties = { name = Class } }", 2)
  end
  return setmetatable({ main = parts.main, parties = parts.parties or {} }, App)
end

-- Loading ---------------------------------------------------------------------------------------

local function folder_of(path)
  return path:match "^(.*)/[^/]*$" or "."
end

--- The app's own modules are found beside it, before any others.
local function add_module_folder(folder)
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(folder, folder, package.path)
end

--- A path as the user would write it.
local function short(path, directory)
  local prefix = (directory or "") .. "/"
  if path:sub(1, #prefix) == prefix then return path:sub(#prefix + 1) end
  return path
end

local function on_error(err)
  if failure.is(err) then return err end
  local trace = debug.traceback("", 2):gsub("^%s*stack traceback:", "")
  local lines = {}
  for line in trace:gmatch "[^\n]+" do -- frames of the user's files only
    if not line:find("partylua/", 1, true) and line:find ".lua:%d+:" then
      lines[#lines + 1] = line
    end
  end
  local message = type(err) == "table" and err.message or tostring(err)
  local missing = type(message) == "string" and message:match "^module '([^']+)' not found:"
  if missing then
    -- Lua lists every place it has looked at, and not the line that wanted the module.
    message = ("%s module '%s' not found"):format((lines[1] or ""):match "%S+:%d+:" or "", missing)
    return { text = message, hint = ("it is looked for as %s.lua beside the app")
      :format((missing:gsub("%.", "/"))) }
  end
  return { text = message .. (lines[2] and "\n" .. table.concat(lines, "\n") or "") }
end

local function run_file(path, name, settings)
  if typescript.is_name(path) then
    return typescript.load(path, name, settings.directory, settings.define)
  end
  local file = io.open(path)
  if not file then failure.raise("no such file: " .. name) end
  local source = file:read "*a"
  file:close()
  local chunk, why = loadstring(source:gsub("^#[^\n]*", ""), "@" .. name)
  if not chunk then failure.raise("syntax error: " .. why) end
  local ok, result = xpcall(chunk, on_error)
  if ok then return result end
  if failure.is(result) then error(result, 0) end
  return failure.raise(("%s failed while loading: %s"):format(name, result.text), result.hint)
end

--- Party name -> class, of all files.
local function load_classes(settings)
  local classes, files = {}, {}
  local function add(name, class, file)
    server.check_class(class, file) -- a table keeps no nil
    if classes[name] then
      failure.raise(("party %s is defined twice: in %s and in %s"):format(name, files[name], file))
    end
    classes[name], files[name] = class, file
  end
  local main_name = short(settings.main, settings.directory)
  add_module_folder(folder_of(settings.main))
  local main = run_file(settings.main, main_name, settings)
  local is_app = getmetatable(main) == App
  add("main", is_app and main.main or main, main_name)
  for name, class in pairs(is_app and main.parties or {}) do add(name, class, main_name) end
  for name, path in pairs(settings.parties or {}) do
    local file = short(path, settings.directory)
    add(name, run_file(path, file, settings), file)
  end
  return classes, files
end

application.short = short

--- Loads and checks every party.
---@param settings partylua.Settings
---@return table<string, partylua.Definition>
function application.load(settings)
  local classes, files = load_classes(settings)
  local definitions = {}
  for name, class in pairs(classes) do
    local definition, warnings = server.define(name, class, files[name])
    definition.file = files[name]
    definitions[name] = definition
    for _, warning in ipairs(warnings) do native.log("warn", "app", warning) end
  end
  return definitions
end

return application
