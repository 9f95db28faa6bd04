--- modules: the files that hold the parties.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"

local modules = {}

-- What is translated when it is loaded; a Lua file beside it counts first.
local TRANSLATED = { ts = true, tsx = true, mts = true, js = true, jsx = true, mjs = true }
local USUAL_NAMES = { "app.lua", "main.lua", "party.lua", "server.lua" }

--- The module at `path`: itself, or for `chat.ts` a `chat.lua` beside it. Otherwise nil, what is
--- wrong, and a hint.
local function module_at(path)
  local stem, ending = path:match "^(.*)%.(%w+)$"
  if TRANSLATED[ending] and fs.is_file(stem .. ".lua") then return stem .. ".lua" end
  if ending == "cjs" or ending == "cts" then
    return nil, "is a CommonJS module", "write it with import and export, as .js or .ts"
  end
  if fs.is_folder(path) then return nil, "is a folder, not a file" end
  if not fs.exists(path) then return nil, "names a file that does not exist: " .. path end
  return path
end

local function from_file(file, path)
  local entry = file:entry(path)
  local module, wrong, hint = module_at(file:resolve(entry.node.value))
  if not module then error(file:failure(path, wrong, hint, "P010"), 0) end
  return module
end

local function hint_for_folder(name, directory)
  local folder = fs.join(directory, name)
  for _, usual in ipairs(USUAL_NAMES) do
    if fs.is_file(fs.join(folder, usual)) then
      return ("did you mean '%s'?"):format(fs.join(name, usual))
    end
  end
end

--- The app named on the command line.
local function from_command_line(name, directory)
  local path = fs.join(directory, name)
  local module, wrong, hint = module_at(path)
  if module then return module end
  if fs.is_folder(path) then
    return failure.raise(("%s is a folder"):format(name), hint_for_folder(name, directory), "P010")
  end
  if not fs.exists(path) then return failure.raise("no such file: " .. name, hint, "P010") end
  return failure.raise(("%s %s"):format(name, wrong), hint, "P010")
end

local function nothing_to_serve(file, directory)
  local hint = "name the app: partylua serve app.lua"
  for _, usual in ipairs(USUAL_NAMES) do
    if fs.is_file(fs.join(directory, usual)) then
      hint = ("did you mean 'partylua serve %s'?"):format(usual)
      break
    end
  end
  if file then failure.raise(file.name .. ': has no "main", and no app was named', hint, "P008") end
  failure.raise("nothing to serve: no app was named, and there is no partylua.json in "
    .. directory .. " or above", hint, "P008")
end

--- The module of the party `main`, absolute.
---@param name string?    as given on the command line, relative to the directory
---@param file partylua.config.File?
---@param directory string    the working directory
---@return string path
function modules.main(name, file, directory)
  if name then return from_command_line(name, directory) end
  if file and file:entry { "main" } then return from_file(file, { "main" }) end
  return nothing_to_serve(file, directory)
end

--- The modules of the other parties, absolute, by name.
---@param file partylua.config.File?
---@param report fun(found: partylua.Failure)
---@return table<string, string>
function modules.parties(file, report)
  local parties = {}
  for _, entry in ipairs(file and file:entries { "parties" } or {}) do
    parties[entry.key] = failure.guard(report, from_file, file, { "parties", entry.key })
  end
  return parties
end

return modules
