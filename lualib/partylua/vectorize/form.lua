--- form: paths, values and numbers as the native side reads them (runtime/vector/filter.h).

local ffi = require "ffi"
local cjson = require "cjson"

local form = {}

local null = cjson.null
local double = ffi.new "double[1]"

--- A whole number as two bytes, most significant first.
---@param number integer    below 65536
---@return string
function form.count(number)
  return string.char(math.floor(number / 256), number % 256)
end

---@param path string    such as "author.name"
---@return string
function form.path(path)
  return form.count(#path) .. path
end

local function length(number)
  local bytes = {}
  for i = 4, 1, -1 do
    bytes[i] = number % 256
    number = math.floor(number / 256)
  end
  return string.char(unpack(bytes))
end

--- A value that a filter can compare; nil for one of another kind.
---@param value any
---@return string?
function form.value(value)
  local kind = type(value)
  if value == null then return "z" end
  if kind == "boolean" then return value and "t" or "f" end
  if kind == "string" then return "s" .. length(#value) .. value end
  if kind ~= "number" then return nil end
  double[0] = value + 0 -- 0, never -0
  return "n" .. ffi.string(double, 8)
end

--- A list, which equals nothing.
form.LIST = "l"

return form
