--- library: the globals of the language and of the platform, and where each is kept.

local globals = require "ts2lua.runtime.globals"
local later = require "ts2lua.runtime.later"
local shape = require "ts2lua.runtime.shape"

--- Names by the module that has them under the same name.
local NAMES = {
  arrays = "Array",
  bigints = "BigInt",
  binary = [[ArrayBuffer Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array
    Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array]],
  collections = "Map Set WeakMap WeakRef WeakSet",
  dates = "Date",
  errors = [[Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError
    DOMException]],
  events = "AbortController AbortSignal CustomEvent Event EventTarget",
  form_data = "Blob File FormData",
  functions = "Function",
  http_headers = "Headers",
  mathematics = "Math",
  numbers = "Boolean Number isFinite isNaN parseFloat parseInt",
  objects = "Object",
  promises = "Promise",
  regular_expressions = "RegExp",
  requests = "Request",
  responses = "Response",
  streams = "ReadableStream TransformStream WritableStream",
  strings = "String",
  subtle = "CryptoKey",
  symbol = "Symbol",
  text_codec = "TextDecoder TextEncoder",
  uri = [[atob btoa decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape]],
  urls = "URL URLSearchParams",
}

for module, names in pairs(NAMES) do
  local source = later(module)
  for name in names:gmatch "%S+" do
    globals.add_later(name, function() return source[name] end)
  end
end

for name, module in pairs { console = "console", crypto = "crypto", performance = "performance",
  Reflect = "reflect", Intl = "intl" } do
  globals.add_later(name, function() return require("ts2lua.runtime." .. module).object end)
end

globals.add_later("DataView", function() return require "ts2lua.runtime.data_view" end)

globals.add_later("structuredClone", function()
  local clone = require "ts2lua.runtime.structured_clone"
  return function(_, value) return clone(value) end
end)

globals.add_later("JSON", function()
  local parse, stringify = require "ts2lua.runtime.json_parse", require "ts2lua.runtime.json_text"
  local JSON = shape.object()
  rawset(JSON, "parse", function(_, text, reviver) return parse(text, reviver) end)
  rawset(JSON, "stringify", function(_, ...) return stringify(...) end)
  return JSON
end)

globals.add_later("process", function() return shape.record({ "env" }, { shape.object() }) end)
