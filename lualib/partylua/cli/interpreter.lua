--- interpreter: runs scripts as the stand-alone Lua interpreter does, so that tools written for
--- `lua` work: `busted --lua=partylua`, wrappers made by LuaRocks, `#!` lines.
---
---   partylua [-e CODE | -l MODULE | -v | -E]… [--] [FILE | -] [args …]

local failure = require "partylua.config.failure"
local trace = require "partylua.cli.trace"

local interpreter = {}

local USAGE = "the options before a script are -e CODE, -l MODULE, -v, -E, - and --"

---@class partylua.cli.Invocation
---@field steps { kind: "e"|"l"|"v", value?: string }[]    in the order given
---@field script? integer       where in the arguments the script is; "-" is standard input
---@field ignore_environment boolean

--- One option at `i`; returns where the next argument is.
local function take_option(argv, i, invocation)
  local letter, value = argv[i]:match "^%-(%a)(.*)$"
  if letter == "E" and value == "" then
    invocation.ignore_environment = true
    return i + 1
  end
  if letter == "v" and value == "" then
    table.insert(invocation.steps, { kind = "v" })
    return i + 1
  end
  if letter ~= "e" and letter ~= "l" then
    failure.raise(("unknown option '%s'"):format(argv[i]), USAGE)
  end
  local after = i + 1
  if value == "" then value, after = argv[i + 1], i + 2 end
  if not value then failure.raise(("option '-%s' needs an argument"):format(letter), USAGE) end
  table.insert(invocation.steps, { kind = letter, value = value })
  return after
end

---@param argv string[]
---@return partylua.cli.Invocation
local function parse(argv)
  local invocation = { steps = {}, ignore_environment = false }
  local i = 1
  while argv[i] and argv[i]:sub(1, 1) == "-" and argv[i] ~= "-" do
    if argv[i] == "--" then
      i = i + 1
      break
    end
    i = take_option(argv, i, invocation)
  end
  if argv[i] then invocation.script = i end
  return invocation
end

--- The table `arg`: the script at 0, its arguments after it, program and options before it.
local function arg_table(argv, script)
  local shift = script or #argv + 1
  local arg = { [-shift] = require("partylua.native").executable }
  for i, value in ipairs(argv) do arg[i - shift] = value end
  return arg
end

local function run_code(code, name)
  local chunk, why = loadstring(code, name)
  if not chunk then failure.raise(why) end
  return trace.call(chunk)
end

local function run_file(path)
  local chunk, why = loadfile(path)
  if not chunk then failure.raise((why:gsub("^cannot open ", "cannot open the script "))) end
  return chunk
end

local STEPS = {
  e = function(code) run_code(code, "=(command line)") end,
  l = function(module) trace.call(require, module) end,
  v = function() io.stdout:write(require("partylua.cli.version").line(), "\n") end,
}

--- LUA_INIT: a text to run, or with "@" a file, before anything else.
local function run_init()
  local init = os.getenv "LUA_INIT"
  if not init then return end
  local path = init:match "^@(.+)$"
  if path then trace.call(run_file(path)) else run_code(init, "=LUA_INIT") end
end

--- Somebody who runs a room as a script sees nothing happen, and should learn why.
local function warn_of_room(path, value)
  if type(value) ~= "table" or not path then return end
  for key, member in pairs(value) do
    if type(key) == "string" and key:find "^on%u" and type(member) == "function" then
      local message = "partylua: %s returned a room and ended; to serve it: partylua serve %s\n"
      io.stderr:write(message:format(path, path))
      return
    end
  end
end

--- Runs what the arguments name.
---@param argv string[]
---@return integer exit_code
function interpreter.run(argv)
  require("partylua.native").loaded()
  local invocation = parse(argv)
  local script = invocation.script
  _G.arg = arg_table(argv, script)
  if not invocation.ignore_environment then run_init() end
  for _, step in ipairs(invocation.steps) do STEPS[step.kind](step.value) end
  if not script then return 0 end
  local path = argv[script] ~= "-" and argv[script] or nil
  local result = trace.call(run_file(path), unpack(argv, script + 1))
  warn_of_room(path, result)
  return 0
end

return interpreter
