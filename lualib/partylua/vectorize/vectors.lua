--- vectors: lists of vectors and of ids, checked before anything of them is used.

local limits = require "partylua.vectorize.limits"
local metadata = require "partylua.vectorize.metadata"
local native = require "partylua.native"
local values = require "partylua.vectorize.values"

local vectors = {}

local NAME_BYTES_MAX = 64

--- A text that strangers may choose, short enough for a message.
local function shown(text)
  return #text <= NAME_BYTES_MAX and text or text:sub(1, NAME_BYTES_MAX) .. "…"
end

local function check_name(text, what, level)
  if type(text) ~= "string" then
    error(("%s must be a string, got %s"):format(what, type(text)), level + 1)
  end
  if #text > NAME_BYTES_MAX then
    error(("%s is longer than %d bytes: '%s'"):format(what, NAME_BYTES_MAX, shown(text)), level + 1)
  end
  if text == "" then error(what .. " is empty", level + 1) end
  if not native.utf8_valid(text) then error(what .. " is not valid UTF-8", level + 1) end
end

--- Raises unless it is the name of a namespace.
---@param text any
---@param level integer    whom an error blames, as in error()
function vectors.check_namespace(text, level)
  check_name(text, "a namespace", level + 1)
end

--- Raises unless it is the id of a vector.
---@param text any
---@param level integer
function vectors.check_id(text, level)
  check_name(text, "an id", level + 1)
end

local function check_list(list, what, level)
  if type(list) ~= "table" then
    error(("a list of %s expected, got %s"):format(what, type(list)), level + 1)
  end
  if #list == 0 and next(list) ~= nil then
    error(("a list of %s expected, got a table without items"):format(what), level + 1)
  end
  if #list > limits.batch then
    error(("%d %s are too many for one call, which takes %d"):format(#list, what, limits.batch),
      level + 1)
  end
end

--- A flat list of what the native side takes: id, namespace, values, metadata, fields.
---@param list partylua.Vector[]
---@param level integer
---@return (string|false)[]
function vectors.pack(list, level)
  check_list(list, "vectors", level + 1)
  local out = {}
  for i = 1, #list do
    local vector, at = list[i], #out
    if type(vector) ~= "table" then
      error(("vector %d must be a table such as { id = …, values = … }, got %s")
        :format(i, type(vector)), level + 1)
    end
    check_name(vector.id, ("the id of vector %d"):format(i), level + 1)
    local what = ("the vector '%s'"):format(vector.id)
    local space, kept = vector.namespace, vector.metadata
    if space ~= nil then check_name(space, "the namespace of " .. what, level + 1) end
    out[at + 1] = vector.id
    out[at + 2] = space or false
    out[at + 3] = values.pack(vector.values, what, level + 1)
    out[at + 4], out[at + 5] = false, false
    if kept ~= nil then
      out[at + 4], out[at + 5] = metadata.pack(kept, limits.metadata_bytes, what, level + 1)
    end
  end
  return out
end

--- The same for ids, each of them once.
---@param list string[]
---@param level integer
---@return string[]
function vectors.ids(list, level)
  check_list(list, "ids", level + 1)
  local out, seen = {}, {}
  for i = 1, #list do
    local id = list[i]
    check_name(id, ("id %d"):format(i), level + 1)
    if not seen[id] then out[#out + 1] = id end
    seen[id] = true
  end
  return out
end

return vectors
