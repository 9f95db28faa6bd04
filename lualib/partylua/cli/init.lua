--- cli: what the program does with its arguments.
---
---   partylua COMMAND …           a command of ours: one file each in this folder
---   partylua FILE.lua args …     the file, as the stand-alone Lua interpreter would run it
---   partylua -e CODE …           the same
---
--- Messages of ours are one line or two on standard error, with a hint where there is one, and
--- the exit code is 1. A trace appears only for errors of the user's own script.

local commands = require "partylua.cli.commands"
local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local hint = require "partylua.hint"
local lazy = require "partylua.lazy"

local interpreter = lazy "partylua.cli.interpreter" ---@module "partylua.cli.interpreter"

local SHORTCUTS = { ["--version"] = "version", ["--help"] = "help", ["-h"] = "help" }

--- Neither command nor file.
local function unknown(word)
  if word:find("/", 1, true) or word:find "%.%w+$" then
    failure.raise("no such file: " .. word, hint.did_you_mean(word, commands.names))
  end
  local left_out = commands.left_out[word]
  if left_out then failure.raise(("there is no command '%s'"):format(word), left_out) end
  failure.raise(("unknown command '%s'"):format(word),
    hint.did_you_mean(word, commands.names) or "'partylua help' lists the commands")
end

local function dispatch(argv)
  local first = argv[1]
  if first == nil then return commands.run("help", {}) end
  local name = SHORTCUTS[first] or first
  if commands.has(name) then return commands.run(name, { unpack(argv, 2) }) end
  if first:sub(1, 1) == "-" then return interpreter.run(argv) end
  if fs.is_file(first) then return interpreter.run(argv) end
  if fs.is_folder(first) then
    failure.raise(first .. " is a folder", "name a Lua file, or 'partylua serve' and one")
  end
  return unknown(first)
end

--- Keeps what is meant for the user; anything else is a fault of ours and gets a traceback.
local function on_error(err)
  if failure.is(err) then return err end
  return failure.new("internal error: " .. debug.traceback(tostring(err), 2))
end

--- Runs the program.
---@param argv string[]    the arguments after the program's name
---@return integer exit_code
local function run(argv)
  local ok, result = xpcall(function() return dispatch(argv) end, on_error)
  if ok then return result or 0 end
  -- LuaJIT skips the handler when memory is short.
  if not failure.is(result) then result = failure.new(tostring(result)) end
  if result.message ~= "" then io.stderr:write("partylua: ", result.message, "\n") end
  if result.hint then io.stderr:write("  hint: ", result.hint, "\n") end
  return 1
end

return run
