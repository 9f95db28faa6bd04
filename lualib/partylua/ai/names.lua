--- names: which models code may run, and what the provider calls them.
---
--- Without "models" in the configuration any name goes to the provider as it is. With it, only
--- what it lists can be run: by the name code uses, or by the provider's own.

local names = {}

---@class partylua.ai.Model
---@field model string    as the provider knows it
---@field task? string    what it is for, where its inputs do not tell

---@alias partylua.ai.Models table<string, string|partylua.ai.Model>

local function entry_of(value, model)
  if type(value) == "string" then return { model = value } end
  return { model = value.model or model, task = value.task }
end

--- The names that can be run, sorted.
---@param models partylua.ai.Models
---@return string[]
function names.list(models)
  local list = {}
  for name in pairs(models) do list[#list + 1] = name end
  table.sort(list)
  return list
end

--- The model of a name; nil when it is not among those of the configuration. By the provider's own
--- name it has no task where one of its entries has none.
---@param models? partylua.ai.Models
---@param name string
---@return partylua.ai.Model?
function names.find(models, name)
  if not models then return { model = name } end
  if models[name] then return entry_of(models[name], name) end
  local found
  for _, known in ipairs(names.list(models)) do
    local entry = entry_of(models[known], known)
    if entry.model == name and (not found or not entry.task) then found = entry end
  end
  return found
end

--- The names that code has for a model of the provider, sorted.
---@param models? partylua.ai.Models
---@param id string
---@return string[]
function names.aliases(models, id)
  local list = {}
  for _, name in ipairs(names.list(models or {})) do
    if entry_of(models[name], name).model == id then list[#list + 1] = name end
  end
  return list
end

return names
