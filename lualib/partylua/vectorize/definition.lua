--- definition: what an index is: its name, its dimensions, its metric. For the configuration and
--- for the command line, which both make indexes.

local hint = require "partylua.hint"
local presets = require "partylua.vectorize.presets"

local definition = {}

definition.METRICS = { "cosine", "euclidean", "dot-product" }

local NAME_BYTES_MAX, DESCRIPTION_BYTES_MAX = 64, 1024
local DIMENSIONS_MOST = 16384 -- as in runtime/store/vectors.h

--- What is wrong with the name of an index, or nil.
---@param name string
---@return string? message    behind the name: "is empty"
function definition.name_fault(name)
  if name == "" then return "is empty" end
  if #name > NAME_BYTES_MAX then
    return ("is longer than %d bytes"):format(NAME_BYTES_MAX)
  end
  if name:find "[^%w_-]" then return "may only have the characters a-z, A-Z, 0-9, _ and -" end
end

--- What is wrong with a number of dimensions, or nil.
---@param dimensions any
---@param most? integer
---@return string? message
function definition.dimensions_fault(dimensions, most)
  most = most or DIMENSIONS_MOST
  local is_right = type(dimensions) == "number" and dimensions >= 1 and dimensions <= most
    and dimensions % 1 == 0
  if not is_right then return ("must be a whole number, from 1 to %d"):format(most) end
end

local function choice_fault(value, choices)
  for _, choice in ipairs(choices) do
    if choice == value then return nil end
  end
  return ("must be one of %s"):format(table.concat(choices, ", ")),
    hint.did_you_mean(tostring(value), choices)
end

--- What is wrong with a metric, or nil; and perhaps a hint.
---@param metric any
function definition.metric_fault(metric)
  return choice_fault(metric, definition.METRICS)
end

--- The names of presets, sorted.
---@return string[]
function definition.preset_names()
  local names = {}
  for name in pairs(presets) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- What is wrong with a preset, or nil; and perhaps a hint.
---@param preset any
function definition.preset_fault(preset)
  return choice_fault(preset, definition.preset_names())
end

--- What is wrong with a description, or nil.
---@param text string
function definition.description_fault(text)
  if #text > DESCRIPTION_BYTES_MAX then
    return ("is longer than %d bytes"):format(DESCRIPTION_BYTES_MAX)
  end
  if text:find "%z" then return "has a NUL" end
end

---@class partylua.vectorize.Shape
---@field dimensions? integer
---@field metric? string
---@field preset? string
---@field description? string

--- The dimensions and the metric that were given, or that a preset stands for. Nil and what is
--- wrong when they do not fit together; nil alone when nothing was given.
---@param given partylua.vectorize.Shape
---@return partylua.vectorize.Shape? shape
---@return string? message
function definition.shape(given)
  if given.preset then
    if given.dimensions or given.metric then
      return nil, "a preset stands for dimensions and metric, so they are not given beside it"
    end
    local preset = presets[given.preset]
    return {
      dimensions = preset.dimensions, metric = preset.metric, preset = given.preset,
      description = given.description,
    }
  end
  if not given.dimensions and not given.metric then return nil end
  if not given.metric then return nil, "dimensions need a metric beside them" end
  if not given.dimensions then return nil, "a metric needs dimensions beside it" end
  return {
    dimensions = given.dimensions, metric = given.metric, description = given.description,
  }
end

return definition
