--- application: loads an app: from settings to the definitions of its parties.

local bounds = require "partylua.bounds"
local cf = require "partylua.cf"
local connection = require "partylua.connection"
local context = require "partylua.context"
local failure = require "partylua.config.failure"
local host = require "partylua.host"
local lazy = require "partylua.lazy"
local native = require "partylua.native"
local parties = require "partylua.parties"
local server = require "partylua.server"
local typescript = require "partylua.typescript"

local ai_binding = lazy "partylua.ai.binding" ---@module "partylua.ai.binding"
local cron = lazy "partylua.cron" ---@module "partylua.cron"
local place = lazy "partylua.place" ---@module "partylua.place"

local ENOENT = 2

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
  local where, missing = tostring(message):match "^([^\n]-)module '([^'\n]+)' not found:"
  if missing then
    -- Lua lists every place it has looked at, and not always the line that wanted the module.
    if where == "" then where = ((lines[1] or ""):match "%S+:%d+:" or "") .. " " end
    message = ("%smodule '%s' not found"):format(where, missing)
    return { text = message, hint = ("it is looked for as %s.lua beside the app")
      :format((missing:gsub("%.", "/"))) }
  end
  return { text = message .. (lines[2] and "\n" .. table.concat(lines, "\n") or "") }
end

--- What LuaJIT says about a chunk that it cannot compile, in the module at fault.
local function raise_syntax(why)
  local found = place.of_message(why, "syntax error: ", nil, "P022")
  if found then error(found, 0) end
  failure.raise("syntax error: " .. why, nil, "P022")
end

--- What went wrong while a file was run.
---@param name string    the file's
---@param problem { text: string, hint?: string }
local function raise_loading(name, problem)
  local text = problem.text
  local module = text:match "error loading module '[^\n]-' from file '[^\n]-':\n\t([^\n]+)"
  if module then raise_syntax(module) end
  local is_missing = text:find "^[^\n]* ?module '[^\n]*' not found$"
  local code, intro = is_missing and "P024" or "P023", name .. " failed while loading: "
  local found = place.of_message(text, intro, problem.hint, code)
  if not found then failure.raise(intro .. text, problem.hint, code) end
  found.message = found.message .. (text:match "\n.*" or "") -- and where it was called from
  error(found, 0)
end

local function run_file(path, name, settings)
  if typescript.is_name(path) then
    return typescript.load(path, name, settings.directory, settings.define)
  end
  local file, why_not, errno = io.open(path)
  if not file and errno == ENOENT then failure.raise("no such file: " .. name, nil, "P010") end
  if not file then failure.raise("cannot read " .. why_not, nil, "P010") end
  local source = file:read "*a"
  file:close()
  local chunk, why = loadstring(source:gsub("^#[^\n]*", ""), "@" .. name)
  if not chunk then raise_syntax(why) end
  local ok, result = xpcall(chunk, on_error)
  if ok then return result end
  if failure.is(result) then error(result, 0) end
  return raise_loading(name, result)
end

--- What a party is made of: the class itself, or the file that gives it.
local function class_of(source, name, settings)
  if type(source) == "table" then return source end
  return run_file(source, name, settings)
end

local function name_of(source, directory)
  return type(source) == "table" and "the app" or short(source, directory)
end

--- The names in a table, in an order that is the same every time.
local function sorted_names(by_name)
  local names = {}
  for name in pairs(by_name) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- Classes by the name of the party, as they are loaded, with their files.
local Classes = {}
Classes.__index = Classes

function Classes:add(name, class, file)
  server.check_class(class, file) -- a table keeps no nil
  local other = self.files[name]
  if other then
    failure.raise(("party %s is defined twice: in %s and in %s"):format(name, other, file), nil,
      "P011")
  end
  self.classes[name], self.files[name] = class, file
end

--- The main party, whose file may hold others as well.
function Classes:load_main(source, settings)
  local file = name_of(source, settings.directory)
  if type(source) == "string" then add_module_folder(folder_of(source)) end
  local main = class_of(source, file, settings)
  local is_app = getmetatable(main) == App
  self:add("main", is_app and main.main or main, file)
  local others = is_app and main.parties or {}
  for _, name in ipairs(sorted_names(others)) do self:add(name, others[name], file) end
end

function Classes:load_party(name, source, settings)
  local file = name_of(source, settings.directory)
  self:add(name, class_of(source, file, settings), file)
end

--- Loads every party, and reports what is wrong with it.
---@param settings partylua.Settings
---@param report fun(found: partylua.Failure)
---@return table<string, partylua.Definition> definitions    of those that could be loaded
---@return table<string, string> files    by party
function application.inspect(settings, report)
  typescript.forget()
  local loaded = setmetatable({ classes = {}, files = {} }, Classes)
  if settings.main then
    failure.guard(report, loaded.load_main, loaded, settings.main, settings)
  end
  for _, name in ipairs(sorted_names(settings.parties or {})) do
    failure.guard(report, loaded.load_party, loaded, name, settings.parties[name], settings)
  end
  local definitions = {}
  for _, name in ipairs(sorted_names(loaded.classes)) do
    definitions[name] = server.define(name, loaded.classes[name], loaded.files[name], report)
    definitions[name].file = loaded.files[name]
  end
  return definitions, loaded.files
end

--- A warning as a line of the log has it.
local function warning_text(found)
  local at = found.place
  if not at then return found.message end
  return ("%s (%s:%d)"):format(found.what, at.file, at.line)
end

local function raise_or_warn(found)
  if not found.is_warning then error(found, 0) end
  native.log("warn", "app", warning_text(found))
end

application.short = short

--- Loads and checks every party; raises the first failure.
---@param settings partylua.Settings
---@return table<string, partylua.Definition>
function application.load(settings)
  return (application.inspect(settings, raise_or_warn))
end

-- For those who run it --------------------------------------------------------------------------

local function traits_of(definitions)
  local traits, names = {}, {}
  for name, definition in pairs(definitions) do
    traits[#traits + 1] = definition:traits()
    names[#names + 1] = name
  end
  table.sort(names)
  return traits, names
end

--- The crons to start. Configured ones that nobody would hear of are worth a warning.
---@param settings partylua.Settings
---@param definitions table<string, partylua.Definition>
---@param report? fun(found: partylua.Failure)    the log, if left out
---@return partylua.cron.Planned[]
function application.crons(settings, definitions, report)
  if not settings.crons or next(settings.crons) == nil then return {} end
  local planned, main = cron.load(settings), definitions.main
  if #planned == 0 or not main or main.class.onCron then return planned end
  local message = ("are configured and never run: %s has no onCron")
    :format(name_of(settings.main, settings.directory))
  local found = settings.blame({ "crons" }, message, nil, "P030")
  found.is_warning = true
  local tell = report or raise_or_warn
  tell(found)
  return {}
end

--- Gives definitions and settings to all who answer for rooms; from then on hooks may run.
---@param settings partylua.Settings
---@param definitions table<string, partylua.Definition>
---@return table[] traits    what the native side wants to know of each party
---@return string[] names    of the parties, sorted
---@return table? services    that code may ask: native.ServeOptions.services
function application.configure(settings, definitions)
  local traits, names = traits_of(definitions)
  host.configure(definitions)
  parties.configure(names)
  local ai, services
  if settings.ai then
    ai, services = ai_binding.make(settings.ai, settings.env, settings.blame)
  end
  context.configure(settings, ai)
  cf.configure(settings.cf)
  connection.configure(settings.limits.state_bytes)
  bounds.configure(settings.limits)
  native.set_strict_alarms(settings.strict_alarms)
  return traits, names, services
end

return application
