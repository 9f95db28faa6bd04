--- uri: encodeURIComponent and its like, and base64 of texts.

local base64 = require "ts2lua.runtime.base64"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local utf16 = require "ts2lua.runtime.utf16"
local utf8 = require "ts2lua.utf8"

local byte, char, find, format, gsub = string.byte, string.char, string.find, string.format,
  string.gsub

local uri = {}

local function malformed()
  error(class.new(errors.URIError, "URI malformed"), 0)
end

local function encode(text, set)
  text = utf16.mend(convert.to_text(text))
  if find(text, "\237[\160-\191]") then malformed() end
  return (gsub(text, set, function(c) return format("%%%02X", byte(c)) end))
end

function uri.encodeURIComponent(_, text) return encode(text, "[^%w%-_.!~*'()]") end
function uri.encodeURI(_, text) return encode(text, "[^%w%-_.!~*'();/?:@&=+$,#]") end

local function decode(text, keep)
  text = convert.to_text(text)
  if find(text, "%%%X") or find(text, "%%%x?$") or find(text, "%%%x%X") then malformed() end
  local plain = gsub(text, "%%(%x%x)", function(digits)
    local c = char(tonumber(digits, 16))
    if keep and find(c, keep) then return nil end
    return c
  end)
  if utf8.find_fault(plain) then malformed() end
  return plain
end

function uri.decodeURIComponent(_, text) return decode(text) end
function uri.decodeURI(_, text) return decode(text, "[;/?:@&=+$,#]") end

--- Units up to 255 as "%E9", others as "%u65E5".
local function escape_character(character)
  local parts = {}
  for unit = 0, utf16.length(character) - 1 do
    local code = utf16.code(character, unit)
    parts[#parts + 1] = format(code < 256 and "%%%02X" or "%%u%04X", code)
  end
  return table.concat(parts)
end

function uri.escape(_, text)
  local escaped = gsub(convert.to_text(text), "[^%w@*_+%-./\128-\255]", escape_character)
  return (gsub(escaped, "[\194-\244][\128-\191]+", escape_character))
end

function uri.unescape(_, text)
  local function character(digits) return utf8.encode(tonumber(digits, 16)) end
  local plain = gsub(convert.to_text(text), "%%(u?)(%x%x)(%x?%x?)", function(wide, two, more)
    if wide == "" then return character(two) .. more end
    return #more == 2 and character(two .. more) or nil
  end)
  return utf16.mend(plain)
end

local function invalid(message)
  error(class.new(errors.DOMException, message, "InvalidCharacterError"), 0)
end

--- The bytes of a text whose characters are bytes.
function uri.to_bytes(text)
  return (gsub(text, "[\194-\244][\128-\191]+", function(character)
    local point = utf8.decode(character, 1)
    if point > 255 then invalid "Invalid character" end
    return char(point)
  end))
end

--- A text with a character for each byte.
function uri.from_bytes(bytes)
  return (gsub(bytes, "[\128-\255]", function(c) return utf8.encode(byte(c)) end))
end

function uri.btoa(_, text) return base64.encode(uri.to_bytes(convert.to_text(text))) end

function uri.atob(_, text)
  local bytes = base64.decode(convert.to_text(text))
  if not bytes then invalid "The string to be decoded is not correctly encoded." end
  return uri.from_bytes(bytes)
end

return uri
