--- annotations: what the LuaCATS comments of a file declare: classes with their fields, and
--- functions with their parameters.
---
---     annotations.read { "lualib/partylua/types/room.lua" }["partylua.Room"].functions.broadcast
---
--- Only what is declared in the way of this library is understood: a `---@class` stands above the
--- `local Name` of its table, and functions are written `function Name:method(...)`. One without
--- fields may go on with a class of another file.

local annotations = {}

---@class spec.Function
---@field is_method boolean    declared with a colon
---@field parameters string[]    names in the code, "..." for the rest
---@field documented { name: string, type: string }[]    of the ---@param lines
---@field has_words boolean    something is said beside tags
---@field place string

---@class spec.Class
---@field parent? string
---@field fields table<string, string>    type by name, `name?` for an optional one
---@field functions table<string, spec.Function>
---@field place string

--- "name?  type    words" or "name type" into name and type; words stand behind four spaces.
local function split(text)
  local name, rest = text:match "^(%S+)%s+(.*)$"
  if not name then return text, "" end
  return name, rest:match "^(.-)%s%s%s%s" or rest
end

local function parameter_names(text)
  local names = {}
  for name in text:gmatch "[%w_.]+" do names[#names + 1] = name end
  return names
end

--- The state between two lines of code: the comment that stands above.
local function new_comment()
  return { params = {}, fields = {} }
end

local function read_tag(comment, tag, text)
  if tag == "class" then
    local words = text:gsub("^%(%w+%)%s*", "")
    comment.class, comment.parent = words:match "^[%w_.]+", words:match "^[%w_.]+%s*:%s*([%w_.]+)"
  elseif tag == "field" and not text:find "^private " and not text:find "^protected " then
    local name, kind = split(text)
    comment.fields[name] = kind
  elseif tag == "param" then
    local name, kind = split(text)
    table.insert(comment.params, { name = name, type = kind })
  elseif tag == "private" or tag == "protected" then
    comment.is_hidden = true
  end
end

local function add_class(classes, comment, place)
  local known = classes[comment.class]
  if known and not next(comment.fields) then return known end
  if known and not next(known.fields) then
    known.fields = comment.fields
    return known
  end
  assert(not known, place .. ": " .. comment.class .. " is declared twice")
  local class = { parent = comment.parent, fields = comment.fields, functions = {}, place = place }
  classes[comment.class] = class
  return class
end

local function add_function(class, comment, line, place)
  local separator, name, parameters = line:match "^function [%w_]+([.:])([%w_]+)%((.-)%)"
  assert(not class.functions[name], place .. ": " .. name .. " is declared twice")
  class.functions[name] = {
    is_method = separator == ":", parameters = parameter_names(parameters),
    documented = comment.params, has_words = comment.has_words, place = place,
    is_hidden = comment.is_hidden,
  }
end

--- Reads one file into `classes`.
local function read_file(path, classes)
  local tables, comment, number = {}, new_comment(), 0
  local function close_class(line)
    if not comment.class then return end
    local class = add_class(classes, comment, ("%s:%d"):format(path, number))
    local variable = line:match "^local ([%w_]+)%s*="
    if variable then tables[variable] = class end
  end
  for line in io.lines(path) do
    number = number + 1
    local tag, text = line:match "^%-%-%-@(%l+)%s*(.*)$"
    if tag then
      if tag == "class" then close_class "" end
      if tag == "class" and comment.class then comment = new_comment() end
      read_tag(comment, tag, text)
    elseif line:find "^%-%-%-" then
      comment.has_words = comment.has_words or line:find "^%-%-%- ?%S" ~= nil
    else
      close_class(line)
      local class = tables[line:match "^function ([%w_]+)[.:]"]
      if class then add_function(class, comment, line, ("%s:%d"):format(path, number)) end
      comment = new_comment()
    end
  end
  close_class "" -- the last lines of a file may declare one
end

--- The classes that files declare, by name.
---@param paths string[]
---@return table<string, spec.Class>
function annotations.read(paths)
  local classes = {}
  for _, path in ipairs(paths) do read_file(path, classes) end
  return classes
end

return annotations
