--- query: the options of a query, as the native side takes them.

local filter = require "partylua.vectorize.filter"
local hint = require "partylua.hint"
local limits = require "partylua.vectorize.limits"
local vectors = require "partylua.vectorize.vectors"

---@class partylua.QueryOptions
---@field topK? integer    so many matches at most; 5 if left out
---@field namespace? string    only vectors of this one
---@field filter? table<string, any>    only vectors whose metadata has this
---@field returnValues? boolean
---@field returnMetadata? boolean|"none"|"indexed"|"all"    false if left out

local query = {}

local OPTIONS = { "topK", "namespace", "filter", "returnValues", "returnMetadata" }
local METADATA = {
  [true] = "all", [false] = "none", all = "all", indexed = "indexed", none = "none",
}
local TOP_K = 5

local function check_names(options, level)
  for name in pairs(options) do
    local is_known = false
    for _, option in ipairs(OPTIONS) do is_known = is_known or option == name end
    if not is_known then
      local meant = hint.did_you_mean(tostring(name), OPTIONS)
      error(("a query has no option '%s'%s"):format(tostring(name), meant and "; " .. meant or ""),
        level + 1)
    end
  end
end

local function check_count(count, is_full, level)
  local most = is_full and limits.full_top_k or limits.top_k
  local is_right = type(count) == "number" and count >= 1 and count % 1 == 0
  if not is_right then
    error("topK must be a whole number from 1, got " .. tostring(count), level + 1)
  end
  if count > most then
    error(("topK is at most %d%s, and %d was given")
      :format(most, is_full and " with values or metadata" or "", count), level + 1)
  end
end

--- What the native side takes of them. Raises for what does not fit.
---@param options? partylua.QueryOptions
---@param level integer    whom an error blames, as in error()
---@return table
function query.pack(options, level)
  options = options or {}
  if type(options) ~= "table" then
    error("the options of a query must be a table, got " .. type(options), level + 1)
  end
  check_names(options, level + 1)
  local wanted, with_values = options.returnMetadata, options.returnValues
  local kind = METADATA[wanted == nil and "none" or wanted]
  if not kind then
    error('returnMetadata must be a boolean, "none", "indexed" or "all"', level + 1)
  end
  if with_values ~= nil and type(with_values) ~= "boolean" then
    error("returnValues must be a boolean, got " .. type(with_values), level + 1)
  end
  local count = options.topK == nil and TOP_K or options.topK
  check_count(count, with_values or kind == "all", level + 1)
  if options.namespace ~= nil then vectors.check_namespace(options.namespace, level + 1) end
  return {
    count = count,
    space = options.namespace,
    filter = options.filter ~= nil and filter.pack(options.filter, level + 1) or nil,
    wants_values = with_values,
    wants_metadata = kind ~= "none",
  }
end

return query
