--- statics: hooks of the class that are put on a room's object, where nobody calls them.
---
--- What a constructor will do is seen in its source: `self.onFetch = …` in one of the class's
--- functions.

local fs = require "partylua.fs"
local server = require "partylua.server"
local source = require "partylua.config.source"

local statics = {}

local is_static = {}
for _, name in ipairs(server.static_hooks) do is_static[name] = true end

--- Reports such a hook, whose name is at `at`.
---@param file partylua.config.Source
---@param party string
---@param name string
---@param at integer
---@param report fun(found: partylua.Failure)
function statics.warn(file, party, name, at, report)
  local text = server.misplaced_text(party, name)
  local found = file:failure(at, at + #name - 1, text, nil, "P018")
  found.is_warning = true
  report(found)
end

--- The bytes of a function in its file.
local function range_of(file, info)
  local from = file:line_start(info.linedefined)
  return from, file:line_start(info.lastlinedefined + 1) - 1
end

local function is_in_comment(text, at)
  local line = text:sub(1, at - 1):match "[^\n]*$"
  return line:find("--", 1, true) ~= nil
end

local function look(file, party, from, to, report)
  local text = file.text:sub(1, to)
  for at, name in text:gmatch "%f[%w_]self%s*%.%s*()(on%u%w+)%s*=%f[^=]" do
    if at >= from and is_static[name] and not is_in_comment(text, at) then
      statics.warn(file, party, name, at, report)
    end
  end
end

local function file_of(info)
  local path = info.what == "Lua" and info.source:match "^@(.*)$"
  local text = path and fs.is_file(path) and fs.read(path)
  return text and source.of(text, path)
end

--- Looks at the functions of a class.
---@param party string
---@param class table
---@param report fun(found: partylua.Failure)
function statics.look(party, class, report)
  for _, fn in pairs(class) do
    local info = type(fn) == "function" and debug.getinfo(fn, "S")
    local file = info and file_of(info)
    if file then
      local from, to = range_of(file, info)
      look(file, party, from, to, report)
    end
  end
end

return statics
