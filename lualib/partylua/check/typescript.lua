--- typescript: looks at a party's TypeScript, and at all it imports, before anything of it runs.

local fs = require "partylua.fs"
local server = require "partylua.server"
local source = require "partylua.config.source"
local statics = require "partylua.check.statics"
local typescript = require "partylua.typescript"

local Look = {}
Look.__index = Look

-- Of a program's own folder; more is a mistake of ours or a program beyond all measure.
local FILES_MAX = 10000

local function import_hint(name)
  if name:find "^node:" then return "Node's own modules are not there; partylua runs no Node" end
  if name:find "^%.%.?/" then return "the file is looked for beside the one that imports it" end
  return "packages are found in node_modules: 'npm install " .. name .. "'"
end

--- A failure that points at the name of a module.
local function missing(file, dependency)
  local name = dependency.source
  local at, stop = file.text:find(name, dependency.start, true)
  return file:failure(at or dependency.start, stop, ("cannot find the module '%s'"):format(name),
    import_hint(name), "P042")
end

--- Follows what a file imports, and reports what is not there.
function Look:imports(file, path, translation)
  for _, dependency in ipairs(translation.dependencies) do
    local found = require("ts2lua.host.paths").resolve(dependency.source, path)
    if found then
      self.queue[#self.queue + 1] = found
    else
      self:report(missing(file, dependency))
    end
  end
end

function Look:report(found)
  self.is_clean = false
  self.tell(found)
end

--- Translates one file; its tree when that went well.
function Look:file(path)
  local name = fs.display(path, self.directory)
  local text = fs.read(path)
  if not text or path:find "%.json$" then return nil end
  local file = source.of(text, name)
  local translation, fault = require("ts2lua.translator").translate(text, name)
  if not translation then return self:report(typescript.failure(fault, text)) end
  self:imports(file, path, translation)
  return file, require("ts2lua.parser").parse(text, name)
end

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

local is_static = {}
for _, name in ipairs(server.static_hooks) do is_static[name] = true end

--- The place of a member's name: modifiers stand before it.
local function place_of(file, member)
  local at = file.text:find(member.key, member.start, true) or member.start
  return at, at + #member.key - 1
end

local function look_at_members(file, party, holder, tell)
  local is_class = holder.type == "Class"
  for _, member in ipairs(holder.members or holder.properties or {}) do
    local name = not member.computed and not member.is_private and member.key
    local value = member.value
    local is_function = member.type == "Method" or value and value.type == "Function"
    if type(name) == "string" and is_function then
      local at, stop = place_of(file, member)
      local meant = server.meant_hook(name)
      if meant and name ~= "unstable_onFetch" then
        tell(file:failure(at, stop, ("party %s: '%s' is not a hook"):format(party, name), meant,
          "P012"))
      elseif is_class and is_static[name] and not member.is_static then
        statics.warn(file, party, name, at, tell)
      end
    end
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

local function look_at_export(self, file, program, party)
  local holder = exported(program.body)
  if holder then
    look_at_members(file, party, holder, self.tell)
    self.names = declared_names(holder)
    return
  end
  for _, node in ipairs(program.body) do
    if node.type == "ExportNames" or node.type == "ExportAll" then return end
  end
  self:report(file:failure(1, 1, ("%s must export the party's class as its default")
    :format(file.name), "end the file with 'export default class …'", "P017"))
end

local checks = {}

--- Looks at a party's file and what it imports.
---@param party string
---@param path string
---@param directory string    what names in messages are relative to
---@param report fun(found: partylua.Failure)
---@return boolean is_clean    it can be loaded
---@return table<string, true>? names    that its class has of its own; nil when that is unclear
function checks.look(party, path, directory, report)
  typescript.prepare()
  local self = setmetatable({ queue = { path }, directory = directory, is_clean = true,
    tell = report }, Look)
  local seen, at = {}, 1
  while self.queue[at] and at <= FILES_MAX do
    local each = self.queue[at]
    if not seen[each] then
      seen[each] = true
      local file, program = self:file(each)
      if program and at == 1 then look_at_export(self, file, program, party) end
    end
    at = at + 1
  end
  return self.is_clean, self.names
end

return checks
