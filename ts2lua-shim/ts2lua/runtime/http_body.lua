--- http_body: what Request and Response have in common. Slot 1 holds partylua's own object.

local class = require "ts2lua.runtime.class"
local errors = require "ts2lua.runtime.errors"
local json_parse = require "ts2lua.runtime.json_parse"
local later = require "ts2lua.runtime.later"
local native_binary = require "partylua.binary"
local null = require "ts2lua.runtime.null"
local percent = require "partylua.percent"
local raise = require "ts2lua.runtime.raise"
local tasks = require "ts2lua.runtime.tasks"
local utf16 = require "ts2lua.runtime.utf16"
local to_text = require("ts2lua.runtime.convert").to_text

local binary, form_data, streams = later "binary", later "form_data", later "streams"
local forked = later "forked"

local http_body = {}

--- What partylua takes as a body, of what a program gives.
---@param body any
---@return nil|string|table|function
function http_body.to_native(body)
  if body == nil or body == null then return nil end
  if type(body) == "table" and binary.is(body) then return native_binary(binary.to_string(body)) end
  if type(body) == "table" then
    local metatable = getmetatable(body)
    if metatable.is_search_params or metatable.is_form_data then return body[1] end
    if metatable.is_stream then return streams.chunks(body) end
    if metatable.is_blob then return native_binary(body[1]) end
  end
  return utf16.well_formed(to_text(body))
end

--- Reads from the native body; what it raises is the program's error, or what the signal was
--- aborted for.
local function guarded(self, fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result end
  local signal = self[6]
  if signal and signal.aborted then errors.throw(signal.reason) end
  return raise.type_error((tostring(result):gsub("^[^:\n]*:%d+: ", "")))
end

--- A promise for the bytes of a body, passed through `convert`. Only what comes in pieces waits.
local function read(self, convert)
  local native = self[1]
  if native.bodyUsed then
    return tasks.run(function()
      raise.type_error "Body is unusable: Body has already been read"
    end, false)
  end
  local can_wait = native.source ~= nil and type(native.source) ~= "string"
  return tasks.run(function()
    return convert(guarded(self, native.bytes, native))
  end, can_wait)
end

local function text_of(bytes)
  if bytes:sub(1, 3) == "\239\187\191" then bytes = bytes:sub(4) end
  return percent.scrub_utf8(bytes)
end

--- A copy of the native object with the same content. Content in chunks is read when one of the
--- two is: nothing may wait here.
function http_body.clone(self)
  local native = self[1]
  if native.bodyUsed then raise.type_error "Body is unusable: Body has already been read" end
  local source = native.source
  if source == nil or type(source) == "string" then return native:clone() end
  local check = type(source) == "table" and source.check_gathered
    and function(count) source:check_gathered(count) end or nil
  local mine, other = forked.pair(native:chunks(), check)
  native.source = ""
  local copy = native:clone()
  native.source, copy.source = mine, other
  return copy
end

--- Gives a class the methods that read a body.
function http_body.install(target)
  local prototype = target.prototype

  function prototype.text(self) return read(self, text_of) end
  function prototype.json(self)
    return read(self, function(bytes) return json_parse(text_of(bytes)) end)
  end
  function prototype.arrayBuffer(self) return read(self, binary.buffer) end
  function prototype.bytes(self) return read(self, binary.uint8) end
  function prototype.blob(self)
    return read(self, function(bytes)
      return form_data.new_blob(bytes, self[1].headers:get "content-type" or "")
    end)
  end
  function prototype.formData(self)
    return read(self, function(bytes)
      return form_data.parse(bytes, self[1].headers:get "content-type")
    end)
  end

  class.accessor(target, false, "bodyUsed", "get", function(self) return self[1].bodyUsed end)
  class.accessor(target, false, "body", "get", function(self)
    if self[2] then return self[2] end
    local native = self[1]
    if native.source == nil then return null end
    local stream = streams.of_chunks(function()
      local next_chunk = native:chunks()
      return function() return guarded(self, next_chunk) end
    end)
    rawset(self, 2, stream)
    return stream
  end)
end

return http_body
