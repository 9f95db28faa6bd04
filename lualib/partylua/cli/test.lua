--- test: `partylua test [paths]` runs specs with busted, in this program.

local failure = require "partylua.config.failure"
local fs = require "partylua.fs"
local mode = require "partylua.testing.mode"
local native = require "partylua.native"
local parser = require "partylua.cli.parser"
local trace = require "partylua.cli.trace"

local test = { summary = "run specs with busted" }

local function make_parser()
  local made = parser.new("test", "Run specs with busted, in this program.")
  made:usage "Usage: partylua test [--real] [path …] [-- busted options …]"
  made:epilog("Without a path: what .busted says, or the folder spec. What stands behind -- is\n"
    .. "given to busted: partylua test -- --filter 'turns strangers away' --output TAP")
  made:argument("paths", "spec files, or folders of them"):args "*"
  made:flag("--real", "over sockets of this machine, and a store that waits for its disk")
  made:flag("-h --help", "show this")
  return made
end

function test.help()
  return make_parser():get_help()
end

--- The arguments before the first "--", and those behind it.
local function split(args)
  local ours, theirs = {}, nil
  for _, arg in ipairs(args) do
    if theirs then
      theirs[#theirs + 1] = arg
    elseif arg == "--" then
      theirs = {}
    else
      ours[#ours + 1] = arg
    end
  end
  return ours, theirs or {}
end

local function load_runner()
  local ok, runner = pcall(require, "busted.runner")
  if ok then return runner end
  if not tostring(runner):find("module 'busted.runner' not found", 1, true) then
    failure.raise(tostring(runner))
  end
  return failure.raise("busted is not installed",
    "sudo apt install lua-busted, or luarocks --lua-version=5.1 install busted")
end

local function check_paths(paths, theirs)
  for _, path in ipairs(paths) do
    if not fs.exists(path) then failure.raise("no such file or folder: " .. path) end
    -- busted passes over what it has no loader for, as if all of it had succeeded
    if #theirs == 0 and fs.is_file(path) and not path:find "%.lua$" then
      failure.raise(path .. " is no Lua file")
    end
  end
  if #paths > 0 or #theirs > 0 or fs.is_file ".busted" or fs.is_folder "spec" then return end
  failure.raise("there are no specs here: no folder 'spec', and no .busted that says where",
    "write spec/app_spec.lua, or name a file")
end

---@param args string[]
---@return integer exit_code
function test.run(args)
  local ours, theirs = split(args)
  local given = parser.parse(make_parser(), "test", ours)
  if not given then return 0 end
  check_paths(given.paths, theirs)
  native.loaded()
  mode.is_real = mode.is_real or given.real == true
  local runner = load_runner()
  -- Another interpreter, which .busted may name, would not be this program.
  _G.arg = { [0] = "partylua test", "--ignore-lua" }
  for _, list in ipairs { theirs, given.paths } do
    for _, each in ipairs(list) do table.insert(_G.arg, each) end
  end
  -- busted calls itself what the chunk is called that calls it
  local call = assert(loadstring("(...) { standalone = false }", "@partylua test"))
  trace.call(call, runner)
  return 0
end

return test
