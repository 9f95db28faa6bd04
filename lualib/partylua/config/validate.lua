--- validate: holds a parsed file against its schema and points at wrong fields.
---
--- A field that is wrong is reported and taken out of the tree, so that whoever goes on after
--- that finds only what is right.

local hint = require "partylua.hint"

local NOUNS = {
  string = "a string", number = "a number", boolean = "true or false", null = "null",
  list = "a list", object = "an object",
}

local Check = {}
Check.__index = Check

--- A field as one would write it in code: crons."every-hour", tailConsumers[2].
---@param path (string|integer)[]
---@return string
local function path_text(path)
  local parts = {}
  for i, step in ipairs(path) do
    if type(step) == "number" then
      parts[i] = ("[%d]"):format(step)
    else
      local word = step:find "^[%a_$][%w_$]*$" and step or ('"%s"'):format(step)
      parts[i] = i == 1 and word or "." .. word
    end
  end
  return table.concat(parts)
end

local function nouns(kinds)
  local list = {}
  for i, kind in ipairs(kinds) do list[i] = NOUNS[kind] end
  if #list == 1 then return list[1] end
  return table.concat(list, ", ", 1, #list - 1) .. " or " .. list[#list]
end

local function includes(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Does `what` with one more step on the path.
local function within(path, step, what)
  path[#path + 1] = step
  local result = what()
  path[#path] = nil
  return result
end

--- Reports what is wrong with the bytes of `spot`; false, as they are not to be used.
function Check:fail(spot, path, message, meant, code)
  local name = path_text(path)
  if name ~= "" then message = name .. " " .. message end
  self.report(self.source:failure(spot.at, spot.stop, message, meant, code))
  self.refused[path[1] or ""] = true
  return false
end

function Check:kind(node, rule, path)
  if includes(rule.kinds, node.kind) then return true end
  local begin = #path == 0 and "the file must hold" or "must be"
  local message = ("%s %s, not %s"):format(begin, nouns(rule.kinds), NOUNS[node.kind])
  return self:fail(node, path, message, nil, "P004")
end

function Check:unknown(entry, rule, path)
  local where = #path > 0 and " in " .. path_text(path) or ""
  local message = ('unknown key "%s"%s'):format(entry.key, where)
  return self:fail(entry, {}, message, hint.did_you_mean(entry.key, sorted_keys(rule.fields)),
    "P003")
end

function Check:entry(entry, rule, path)
  local field = rule.fields[entry.key]
  if not field then return self:unknown(entry, rule, path) end
  return within(path, entry.key, function()
    if field.refused then return self:fail(entry, {}, field.refused, nil, "P006") end
    if field.unused then
      table.insert(self.unused, { name = path_text(path), at = entry.at, stop = entry.stop })
    end
    return self:node(entry.node, field, path)
  end)
end

function Check:map_entry(entry, rule, path)
  return within(path, entry.key, function()
    if rule.check_key then
      local wrong, meant = rule.check_key(entry.key)
      if wrong then return self:fail(entry, path, wrong, meant, "P005") end
    end
    return self:node(entry.node, rule.values, path)
  end)
end

--- Keeps those entries of an object that `is_right` finds so.
local function keep_entries(node, is_right)
  local kept = {}
  for _, entry in ipairs(node.entries) do
    if is_right(entry) then kept[#kept + 1] = entry else node.fields[entry.key] = nil end
  end
  node.entries = kept
end

function Check:members(node, rule, path)
  if node.kind == "object" and rule.fields then
    keep_entries(node, function(entry) return self:entry(entry, rule, path) end)
  end
  if node.kind == "object" and rule.values then
    keep_entries(node, function(entry) return self:map_entry(entry, rule, path) end)
  end
  if node.kind == "list" and rule.items then
    local kept = {}
    for i, item in ipairs(node.items) do
      if within(path, i, function() return self:node(item, rule.items, path) end) then
        kept[#kept + 1] = item
      end
    end
    node.items = kept
  end
end

--- The first field that an object needs and was not written.
local function missing_field(node, rule)
  for _, key in ipairs(node.kind == "object" and rule.required or {}) do
    if not node.fields[key] then return key end
  end
end

--- Checks a node; false when it must not be used.
function Check:node(node, rule, path)
  if not self:kind(node, rule, path) then return false end
  if rule.check and node.value ~= nil then
    local wrong, meant, from, to = rule.check(node.value)
    if wrong then
      local at, stop = self.source:part(node, from, to)
      return self:fail({ at = at, stop = stop }, path, wrong, meant, rule.code or "P005")
    end
  end
  local missing = missing_field(node, rule)
  self:members(node, rule, path)
  if not missing then return true end
  return self:fail(node, path, ('has no "%s"'):format(missing), nil, rule.required_code or "P005")
end

---@class partylua.config.Unused
---@field name string
---@field at integer
---@field stop integer

---@class partylua.config.Judgement
---@field unused partylua.config.Unused[]    fields that are accepted and do nothing here
---@field refused table<string, true>    top-level keys with something wrong in them

local validate = { path_text = path_text }

--- Reports what is wrong.
---@param source partylua.config.Source
---@param root partylua.config.Node
---@param schema partylua.config.Rule
---@param report fun(found: partylua.Failure)
---@return partylua.config.Judgement
function validate.document(source, root, schema, report)
  local check = setmetatable({ source = source, unused = {}, refused = {}, report = report },
    Check)
  if not check:node(root, schema, {}) then
    root.kind, root.entries, root.fields = "object", {}, {}
  end
  return { unused = check.unused, refused = check.refused }
end

return validate
