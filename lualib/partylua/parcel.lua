--- parcel: plain tables as bytes, on their way from one Lua state of this process to another.

local value = require "partylua.value"

local parcel = {}

--- Nobody but this program packs anything, so it may be of any size.
local ANY_SIZE = 2 ^ 40

---@param plain table
---@return string bytes
function parcel.pack(plain)
  local bytes, fault = value.encode(plain, ANY_SIZE, "parcel")
  return bytes or error(fault.text)
end

---@param bytes string    of pack
---@return table plain
function parcel.unpack(bytes)
  return value.decode(bytes)
end

--- Settings without their functions.
---@param settings partylua.Settings
---@return string bytes
function parcel.pack_settings(settings)
  local plain = {}
  for name, setting in pairs(settings) do
    if type(setting) ~= "function" then plain[name] = setting end
  end
  return parcel.pack(plain)
end

return parcel
