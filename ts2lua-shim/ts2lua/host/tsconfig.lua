--- tsconfig: what tsconfig.json says about the names of modules.

local fs = require "partylua.fs"
local json = require "partylua.json"

local tsconfig = {}

--- JSON with comments and commas at the ends of lists, as plain JSON.
local function strip(text)
  local parts, i = {}, 1
  while i <= #text do
    local string_end = text:match('^"[^"\\]*()', i)
    if string_end then
      while text:sub(string_end, string_end) == "\\" do
        string_end = text:match('^\\.[^"\\]*()', string_end) or #text + 1
      end
      parts[#parts + 1] = text:sub(i, string_end)
      i = string_end + 1
    else
      local after = text:match("^//[^\n]*()", i) or text:match("^/%*.-%*/()", i)
      if after then
        i = after
      else
        parts[#parts + 1] = text:sub(i, i)
        i = i + 1
      end
    end
  end
  return (table.concat(parts):gsub(",(%s*[%]}])", "%1"))
end

--- The value of a JSON file; nil when there is none or it cannot be read.
---@param path string
---@return table?
function tsconfig.read(path)
  if not fs.is_file(path) then return nil end
  local text = fs.read(path)
  local ok, value = pcall(json.decode, strip(text or ""))
  return ok and type(value) == "table" and value or nil
end

local function aliases_of(options, base)
  local list = {}
  for name, targets in pairs(type(options.paths) == "table" and options.paths or {}) do
    local alias = { name = name:gsub("%*$", ""), is_prefix = name:sub(-1) == "*", targets = {} }
    for _, target in ipairs(targets) do
      table.insert(alias.targets, fs.join(base, (target:gsub("%*$", ""))))
    end
    list[#list + 1] = alias
  end
  -- The longest name counts first.
  table.sort(list, function(a, b)
    if #a.name ~= #b.name then return #a.name > #b.name end
    return a.name < b.name
  end)
  return list
end

--- Settings of a file over those of the file that it extends.
local function settings(path, depth)
  local value = tsconfig.read(path)
  if not value or depth > 10 then return nil end
  local folder = fs.parent(path)
  local inherited
  if type(value.extends) == "string" and value.extends:find "^%.%.?/" then
    local parent = fs.join(folder, value.extends)
    inherited = settings(fs.is_file(parent) and parent or parent .. ".json", depth + 1)
  end
  local options = type(value.compilerOptions) == "table" and value.compilerOptions or {}
  local base = type(options.baseUrl) == "string" and fs.join(folder, options.baseUrl)
    or inherited and inherited.base
  local aliases = options.paths and aliases_of(options, base or folder)
    or inherited and inherited.aliases or {}
  return { base = base, aliases = aliases }
end

local known = {}

--- The settings of the nearest tsconfig.json or jsconfig.json; nil without one.
---@param folder string
---@return { base?: string, aliases: table[] }?
function tsconfig.find(folder)
  if known[folder] == nil then
    local path = fs.find_upward({ "tsconfig.json", "jsconfig.json" }, folder)
    known[folder] = path and settings(path, 0) or false
  end
  return known[folder] or nil
end

return tsconfig
