--- Encode: Lua values to JSON text. Everyday values are written by the native module, where there
--- is one, and all others by `writer`.

local lazy = require "partylua.lazy"

local writer = lazy "partylua.json.writer" ---@module "partylua.json.writer"

local has_native, native = pcall(require, "partylua.native") -- not under a plain LuaJIT
local json_text = has_native and native.json_text

local encode = {}

--- The JSON text of a value: true and the text, or false and which part of it has none.
---@param value any
---@return boolean ok
---@return string text_or_message
function encode.try(value)
  local quick = json_text and json_text(value)
  if quick then return true, quick end
  return writer.try(value)
end

return encode
