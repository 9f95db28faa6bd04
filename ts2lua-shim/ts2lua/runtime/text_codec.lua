--- text_codec: TextEncoder and TextDecoder.

local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local percent = require "partylua.percent"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local uri = require "ts2lua.runtime.uri"
local utf16 = require "ts2lua.runtime.utf16"
local utf8 = require "ts2lua.utf8"

local well_formed = utf16.well_formed

local text_codec = {}

local TextEncoder = class.builtin("TextEncoder")
text_codec.TextEncoder = TextEncoder
rawset(TextEncoder.prototype, "encoding", "utf-8")

function TextEncoder.prototype.encode(_, text)
  return binary.uint8(text == nil and "" or well_formed(convert.to_text(text)))
end

function TextEncoder.prototype.encodeInto(_, text, target)
  local bytes = well_formed(convert.to_text(text))
  local count = math.min(#bytes, target.length)
  while count > 0 and utf8.find_fault(bytes:sub(1, count)) do count = count - 1 end
  target:set(binary.uint8(bytes:sub(1, count)))
  return shape.record({ "read", "written" }, { utf16.length(bytes:sub(1, count)), count })
end

local LABELS = { ["utf-8"] = "utf-8", utf8 = "utf-8", latin1 = "windows-1252",
  ascii = "windows-1252", ["iso-8859-1"] = "windows-1252", ["us-ascii"] = "windows-1252" }

local TextDecoder = class.builtin("TextDecoder", nil, function(self, label, options)
  label = label == nil and "utf-8" or convert.to_text(label):lower()
  if not LABELS[label] then
    raise.range_error(('The "%s" encoding is not supported'):format(label))
  end
  options = type(options) == "table" and options or {}
  rawset(self, "encoding", LABELS[label])
  rawset(self, "fatal", convert.truthy(options.fatal))
  rawset(self, "ignoreBOM", convert.truthy(options.ignoreBOM))
  rawset(self, 1, "")
end)
text_codec.TextDecoder = TextDecoder

--- How many bytes at the end of a piece begin a character that the next piece goes on with.
local function unfinished(bytes)
  for count = 1, math.min(3, #bytes) do
    local lead = bytes:byte(-count)
    if lead >= 0xC0 then
      local length = lead < 0xE0 and 2 or lead < 0xF0 and 3 or 4
      return length > count and count or 0
    end
    if lead < 0x80 then return 0 end
  end
  return 0
end

local function decode_utf8(self, bytes, is_streaming)
  bytes = self[1] .. bytes
  rawset(self, 1, "")
  if is_streaming then
    local rest = unfinished(bytes)
    rawset(self, 1, rest > 0 and bytes:sub(-rest) or "")
    bytes = bytes:sub(1, #bytes - rest)
  end
  if self.fatal and utf8.find_fault(bytes) then
    raise.type_error "The encoded data was not valid for encoding utf-8"
  end
  if not self.ignoreBOM and bytes:sub(1, 3) == "\239\187\191" then bytes = bytes:sub(4) end
  return percent.scrub_utf8(bytes)
end

function TextDecoder.prototype.decode(self, data, options)
  local bytes = ""
  if data ~= nil then
    if not binary.is(data) then
      raise.type_error 'The "list" argument must be an instance of ArrayBuffer or ArrayBufferView.'
    end
    bytes = binary.to_string(data)
  end
  if self.encoding ~= "utf-8" then return uri.from_bytes(bytes) end
  return decode_utf8(self, bytes, type(options) == "table" and convert.truthy(options.stream))
end

return text_codec
