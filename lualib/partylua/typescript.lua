--- typescript: finds the part of this software that takes TypeScript, which is loaded only when
--- there is some.

local failure = require "partylua.config.failure"
local native = require "partylua.native"
local source = require "partylua.config.source"

local typescript = {}

--- Makes its modules findable. In the build tree it stands beside this library; installed, within
--- it.
function typescript.prepare()
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

--- A fault of the translator as a failure for the person at the command line.
---@param fault ts2lua.Fault
---@param text string    the source
---@return partylua.Failure
function typescript.failure(fault, text)
  local file = source.of(text, fault.file)
  local at = file:line_start(fault.line) + fault.column - 1
  local is_known = fault.message:find "not supported" ~= nil
  return file:failure(at, at, fault.message, fault.hint, is_known and "P041" or "P040")
end

--- Raises such a failure.
---@param fault ts2lua.Fault
---@param text string
function typescript.raise(fault, text)
  error(typescript.failure(fault, text), 0)
end

--- Translates a file; raises a failure for what is no TypeScript.
---@param path string
---@param name? string    for messages
---@return ts2lua.Translation
function typescript.translate(path, name)
  typescript.prepare()
  local file = io.open(path, "rb")
  if not file then failure.raise("no such file: " .. path) end
  local text = file:read "*a"
  file:close()
  local translation, fault = require("ts2lua.translator").translate(text, name or path)
  if not translation then typescript.raise(fault, text) end
  return translation
end

--- Loads a party written in TypeScript; returns its class.
---@param path string
---@param name string
---@param directory? string    the project's, where tsconfig.json is looked for
---@return table class
function typescript.load(path, name, directory)
  typescript.prepare()
  return require("ts2lua.host").load(path, name, directory)
end

return typescript
