--- typescript: looks at a party's TypeScript, and at all it imports, before anything of it runs.

local fs = require "partylua.fs"
local server = require "partylua.server"
local source = require "partylua.config.source"
local statics = require "partylua.check.statics"
local typescript = require "partylua.typescript"

local checks = {}

local is_static = {}
for _, name in ipairs(server.static_hooks) do is_static[name] = true end

--- The class or object that a program exports as its default: written there, or by name.
local function exported(body)
  local value
  for _, node in ipairs(body) do
    if node.type == "ExportDefault" then value = node.declaration or node.expression end
  end
  if not value or value.type ~= "Identifier" then return value end
  for _, node in ipairs(body) do
    local declared = node.declaration or node
    if declared.type == "Class" and declared.name == value.name then return declared end
    for _, each in ipairs(declared.type == "Variables" and declared.declarations or {}) do
      if each.target.name == value.name then return each.value end
    end
  end
end

--- The place of a member's name: modifiers stand before it.
local function place_of(file, member)
  local at = file.text:find(member.key, member.start, true) or member.start
  return at, at + #member.key - 1
end

local function look_at_member(file, party, member, is_class, report)
  local name = not member.computed and not member.is_private and member.key
  local is_function = member.type == "Method" or member.value and member.value.type == "Function"
  if type(name) ~= "string" or not is_function then return end
  local at, stop = place_of(file, member)
  local meant = name ~= "unstable_onFetch" and server.meant_hook(name)
  if meant then
    report(file:failure(at, stop, ("party %s: '%s' is not a hook"):format(party, name), meant,
      "P012"))
  elseif is_class and is_static[name] and not member.is_static then
    statics.warn(file, party, name, at, report)
  end
end

--- The names that a program gives a class itself; nil when it has others from a parent.
local function declared_names(holder)
  if holder.parent then return nil end
  local names = { constructor = holder.constructor }
  for _, member in ipairs(holder.members or holder.properties or {}) do
    if type(member.key) == "string" then names[member.key] = true end
  end
  return names
end

--- Looks at the hooks of a program's class or object; a program that is no tree has been reported.
local function look_at_hooks(party, path, name, report)
  local text = fs.read(path)
  local file = source.of(text, name)
  local ok, program = pcall(require("ts2lua.parser").parse, text, name)
  local holder = ok and exported(program.body)
  if not holder then return nil end
  for _, member in ipairs(holder.members or holder.properties or {}) do
    look_at_member(file, party, member, holder.type == "Class", report)
  end
  return declared_names(holder)
end

--- Looks at a party's file and what it imports.
---@param party string
---@param path string
---@param settings partylua.Settings
---@param report fun(found: partylua.Failure)
---@return boolean is_clean    it can be loaded
---@return table<string, true>? names    that its class has of its own; nil when that is unclear
function checks.look(party, path, settings, report)
  local found = typescript.check(path, settings.directory, settings.define)
  for _, each in ipairs(found) do report(each.failure) end
  local names = look_at_hooks(party, path, fs.display(path, settings.directory), report)
  return #found == 0, names
end

return checks
