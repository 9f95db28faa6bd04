--- typescript: finds the part of this software that takes TypeScript, which is loaded only when
--- there is some.

local failure = require "partylua.config.failure"
local native = require "partylua.native"
local sources = require "partylua.sources"

local typescript = {}

--- In the build tree it stands beside this library; installed, within it.
local function add_path()
  if package.searchpath("ts2lua.translator", package.path) then return end
  local folder = native.lualib .. "/../ts2lua-shim"
  package.path = ("%s/?.lua;%s/?/init.lua;%s"):format(folder, folder, package.path)
end

--- Is a file of that name TypeScript or JavaScript?
---@param name string
---@return boolean
function typescript.is_name(name)
  return name:find "%.[cm]?[tj]sx?$" ~= nil
end

--- The line that a fault points at, with a caret under the place.
local function excerpt(fault, source)
  local line = 1
  for text in (source .. "\n"):gmatch "(.-)\r?\n" do
    if line == fault.line then
      local before = text:sub(1, fault.column - 1):gsub("[\128-\191]", ""):gsub("[^\t]", " ")
      return ("\n %4d | %s\n      | %s^"):format(line, text:sub(1, 200), before)
    end
    line = line + 1
  end
  return ""
end

--- Raises a fault of the translator as a failure for the person at the command line.
---@param fault ts2lua.Fault
---@param source string
function typescript.raise(fault, source)
  failure.raise(tostring(fault) .. excerpt(fault, source), fault.hint)
end

--- Translates a file; raises a failure for what is no TypeScript.
---@param path string
---@param name? string    for messages
---@return ts2lua.Translation
function typescript.translate(path, name)
  add_path()
  sources.note(path)
  local file = io.open(path, "rb")
  if not file then failure.raise("no such file: " .. path) end
  local source = file:read "*a"
  file:close()
  local translation, fault = require("ts2lua.translator").translate(source, name or path)
  if not translation then typescript.raise(fault, source) end
  return translation
end

--- Loads a party written in TypeScript; returns its class.
---@param path string
---@param name string
---@param directory? string    the project's, where tsconfig.json is looked for
---@return table class
function typescript.load(path, name, directory)
  add_path()
  return require("ts2lua.host").load(path, name, directory)
end

return typescript
