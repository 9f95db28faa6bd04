--- vectorize: the indexes that rooms search, by the names that the configuration gives them:
--- `context.vectorize.NAME`.

local Index = require "partylua.vectorize.index"
local hint = require "partylua.hint"
local limits = require "partylua.vectorize.limits"
local native = require "partylua.native"

---@class partylua.config.VectorIndex
---@field name string    in the data folder
---@field shape? partylua.vectorize.Shape    to make it of, when it is not there

local vectorize = {}

local function sorted_names(indexes)
  local names = {}
  for name in pairs(indexes) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- A name that is not bound is a mistake, which would else show itself as an index of nil.
local function refuse(indexes, name)
  local names = sorted_names(indexes)
  local meant = hint.did_you_mean(tostring(name), names)
  error(('"vectorize" of the configuration has no "%s": it has %s%s'):format(tostring(name),
    table.concat(names, ", "), meant and "; " .. meant or ""), 2)
end

--- What `context.vectorize` is; nil when nothing is bound.
---@param bindings? table<string, partylua.config.VectorIndex>
---@param bounds table<string, integer>    limits of the server
---@return table<string, partylua.VectorIndex>?
function vectorize.bind(bindings, bounds)
  if not bindings or next(bindings) == nil then return nil end
  limits.configure(bounds)
  local indexes = {}
  for name, binding in pairs(bindings) do
    indexes[name] = Index(binding.name, binding.shape)
  end
  return setmetatable(indexes, { __index = refuse })
end

--- Makes those that are to be made, and says which are missing, once the server runs.
---@param indexes? table<string, partylua.VectorIndex>
function vectorize.check(indexes)
  if not indexes then return end
  native.spawn(function()
    for _, name in ipairs(sorted_names(indexes)) do
      local ok, why = pcall(indexes[name].describe, indexes[name])
      if not ok then
        native.log("warn", "app", ("context.vectorize.%s cannot be used: %s"):format(name, why))
      end
    end
  end)
end

return vectorize
