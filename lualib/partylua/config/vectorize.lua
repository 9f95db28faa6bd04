--- vectorize: the indexes that the configuration binds: a name in `context.vectorize` for the name
--- of an index, perhaps with what to make it of.

local definition = require "partylua.vectorize.definition"

local vectorize = {}

--- Raises for a field that is wrong, at its place.
local function check(file, path, key, fault, hint)
  if not fault then return end
  local full = { unpack(path) }
  full[#full + 1] = key
  error(file:failure(full, fault, hint), 0)
end

local function read_shape(file, path, given, most)
  if given.dimensions ~= nil then
    check(file, path, "dimensions", definition.dimensions_fault(given.dimensions, most),
      given.dimensions > most and "limits.vectorize-dimensions allows more" or nil)
  end
  if given.metric then check(file, path, "metric", definition.metric_fault(given.metric)) end
  if given.preset then check(file, path, "preset", definition.preset_fault(given.preset)) end
  if given.description then
    check(file, path, "description", definition.description_fault(given.description))
  end
  local shape, message = definition.shape(given)
  if message then error(file:failure(path, "does not fit together: " .. message), 0) end
  return shape
end

--- The bindings of a file by their names; nil when it has none.
---@param file partylua.config.File
---@param dimensions_most integer    of indexes that are made
---@return table<string, partylua.config.VectorIndex>?
function vectorize.read(file, dimensions_most)
  local given = file:value { "vectorize" }
  if given == nil then return nil end
  local bindings = {}
  for binding, value in pairs(given) do
    local path = { "vectorize", binding }
    local is_name = type(value) == "string"
    local name = is_name and value or value.index_name
    if not name then error(file:failure(path, 'has no "index_name"'), 0) end
    local fault = definition.name_fault(name)
    if fault then
      error(file:failure(is_name and path or { "vectorize", binding, "index_name" }, fault), 0)
    end
    local shape
    if not is_name then shape = read_shape(file, path, value, dimensions_most) end
    bindings[binding] = { name = name, shape = shape }
  end
  return bindings
end

return vectorize
