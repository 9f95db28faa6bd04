--- json_string: a text as JSON.

local utf16 = require "ts2lua.runtime.utf16"
local utf8 = require "ts2lua.utf8"

local byte, find, format, gsub = string.byte, string.find, string.format, string.gsub

--- As long as this is looked at byte by byte: LuaJIT compiles that, and no pattern.
local SHORT = 48

local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(c)
  return ESCAPED[c] or format("\\u%04x", byte(c))
end

local function escape_surrogate(three)
  return format("\\u%04x", (utf8.decode(three, 1)))
end

--- Does a text stand in JSON as it is? 237 begins what may be half of a surrogate pair.
local function is_plain(text)
  if #text > SHORT then return not find(text, '[%z\1-\31"\\\237]') end
  for i = 1, #text do
    local b = byte(text, i)
    if b < 32 or b == 34 or b == 92 or b == 237 then return false end
  end
  return true
end

---@param text string
---@return string    with its quotes
local function json_string(text)
  if is_plain(text) then return '"' .. text .. '"' end
  if find(text, "\237[\160-\191]") then
    text = gsub(gsub(utf16.mend(text), '[%z\1-\31"\\]', escape), "\237[\160-\191][\128-\191]",
      escape_surrogate)
    return '"' .. text .. '"'
  end
  return '"' .. gsub(text, '[%z\1-\31"\\]', escape) .. '"'
end

return json_string
