--- validate: holds a parsed file against its schema and points at the first wrong field.

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
  what()
  path[#path] = nil
end

function Check:fail(spot, path, message, meant)
  local name = path_text(path)
  self.source:fail(spot.at, spot.stop, name == "" and message or name .. " " .. message, meant)
end

function Check:kind(node, rule, path)
  if includes(rule.kinds, node.kind) then return end
  local begin = #path == 0 and "the file must hold" or "must be"
  self:fail(node, path, ("%s %s, not %s"):format(begin, nouns(rule.kinds), NOUNS[node.kind]))
end

function Check:entry(entry, rule, path)
  if rule.refused then self.source:fail(entry.at, entry.stop, rule.refused) end
  if rule.unused then self.unused[#self.unused + 1] = path_text(path) end
  self:node(entry.node, rule, path)
end

function Check:known_fields(node, rule, path)
  for _, entry in ipairs(node.entries) do
    local field = rule.fields[entry.key]
    if not field then
      local where = #path > 0 and " in " .. path_text(path) or ""
      local message = ('unknown key "%s"%s'):format(entry.key, where)
      self.source:fail(entry.at, entry.stop, message,
        hint.did_you_mean(entry.key, sorted_keys(rule.fields)))
    end
    within(path, entry.key, function() self:entry(entry, field, path) end)
  end
end

function Check:map(node, rule, path)
  for _, entry in ipairs(node.entries) do
    within(path, entry.key, function()
      if rule.check_key then
        local wrong, meant = rule.check_key(entry.key)
        if wrong then self:fail(entry, path, wrong, meant) end
      end
      self:node(entry.node, rule.values, path)
    end)
  end
end

function Check:node(node, rule, path)
  self:kind(node, rule, path)
  if rule.check and node.value ~= nil then
    local wrong, meant, from, to = rule.check(node.value)
    if wrong then
      local at, stop = self.source:part(node, from, to)
      self:fail({ at = at, stop = stop }, path, wrong, meant)
    end
  end
  if node.kind == "object" and rule.fields then self:known_fields(node, rule, path) end
  if node.kind == "object" and rule.values then self:map(node, rule, path) end
  if node.kind == "list" and rule.items then
    for i, item in ipairs(node.items) do
      within(path, i, function() self:node(item, rule.items, path) end)
    end
  end
end

local validate = { path_text = path_text }

--- Raises a failure that points at the first wrong field. Returns the names of the fields that
--- are accepted and do nothing here.
---@param source partylua.config.Source
---@param root partylua.config.Node
---@param schema partylua.config.Rule
---@return string[] unused
function validate.document(source, root, schema)
  local check = setmetatable({ source = source, unused = {} }, Check)
  check:node(root, schema, {})
  return check.unused
end

return validate
