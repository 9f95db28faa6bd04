--- runtime: what translated programs call, and the globals they find.

local arrays = require "ts2lua.runtime.arrays"
local bigints = require "ts2lua.runtime.bigints"
local binary = require "ts2lua.runtime.binary"
local class = require "ts2lua.runtime.class"
local collections = require "ts2lua.runtime.collections"
local console = require "ts2lua.runtime.console"
local convert = require "ts2lua.runtime.convert"
local coroutines = require "ts2lua.runtime.coroutines"
local crypto = require "ts2lua.runtime.crypto"
local data_view = require "ts2lua.runtime.data_view"
local dates = require "ts2lua.runtime.dates"
local errors = require "ts2lua.runtime.errors"
local events = require "ts2lua.runtime.events"
local exports = require "ts2lua.runtime.exports"
local form_data = require "ts2lua.runtime.form_data"
local functions = require "ts2lua.runtime.functions"
local globals = require "ts2lua.runtime.globals"
local http_headers = require "ts2lua.runtime.http_headers"
local iterate = require "ts2lua.runtime.iterate"
local json_parse = require "ts2lua.runtime.json_parse"
local json_text = require "ts2lua.runtime.json_text"
local mathematics = require "ts2lua.runtime.mathematics"
local null = require "ts2lua.runtime.null"
local numbers = require "ts2lua.runtime.numbers"
local objects = require "ts2lua.runtime.objects"
local operators = require "ts2lua.runtime.operators"
local promises = require "ts2lua.runtime.promises"
local property = require "ts2lua.runtime.property"
local regular_expressions = require "ts2lua.runtime.regular_expressions"
local requests = require "ts2lua.runtime.requests"
local responses = require "ts2lua.runtime.responses"
local shape = require "ts2lua.runtime.shape"
local streams = require "ts2lua.runtime.streams"
local strings = require "ts2lua.runtime.strings"
local structured_clone = require "ts2lua.runtime.structured_clone"
local symbol = require "ts2lua.runtime.symbol"
local text_codec = require "ts2lua.runtime.text_codec"
local timers = require "ts2lua.runtime.timers"
local uri = require "ts2lua.runtime.uri"
local urls = require "ts2lua.runtime.urls"

require "ts2lua.runtime.array_search"

local JSON = shape.object()
rawset(JSON, "parse", function(_, text, reviver) return json_parse(text, reviver) end)
rawset(JSON, "stringify", function(_, ...) return json_text(...) end)

globals.add {
  Array = arrays.Array, BigInt = bigints.BigInt, Boolean = numbers.Boolean, Error = errors.Error,
  TypeError = errors.TypeError, RangeError = errors.RangeError, SyntaxError = errors.SyntaxError,
  ReferenceError = errors.ReferenceError, EvalError = errors.EvalError, URIError = errors.URIError,
  AggregateError = errors.AggregateError, DOMException = errors.DOMException,
  Date = dates.Date, RegExp = regular_expressions.RegExp,
  Function = functions.Function, JSON = JSON, Map = collections.Map, Math = mathematics.Math,
  Number = numbers.Number, Object = objects.Object, Promise = promises.Promise,
  Set = collections.Set, String = strings.String, Symbol = symbol.Symbol,
  WeakMap = collections.WeakMap, WeakRef = collections.WeakRef, WeakSet = collections.WeakSet,
  console = console.object, isFinite = numbers.isFinite, isNaN = numbers.isNaN,
  parseFloat = numbers.parseFloat, parseInt = numbers.parseInt,
  structuredClone = function(_, value) return structured_clone(value) end,
}
globals.add(timers.globals)

--- What browsers and PartyKit's platform have beyond the language.
globals.add {
  AbortController = events.AbortController, AbortSignal = events.AbortSignal,
  ArrayBuffer = binary.ArrayBuffer, Blob = form_data.Blob, CustomEvent = events.CustomEvent,
  DataView = data_view, Event = events.Event, EventTarget = events.EventTarget,
  File = form_data.File, FormData = form_data.FormData, Headers = http_headers.Headers,
  ReadableStream = streams.ReadableStream, Request = requests.Request,
  Response = responses.Response, TransformStream = streams.TransformStream,
  WritableStream = streams.WritableStream, TextDecoder = text_codec.TextDecoder,
  TextEncoder = text_codec.TextEncoder, URL = urls.URL, URLSearchParams = urls.URLSearchParams,
  crypto = crypto.object, process = shape.record({ "env" }, { shape.object() }),
  atob = uri.atob, btoa = uri.btoa, decodeURI = uri.decodeURI,
  decodeURIComponent = uri.decodeURIComponent, encodeURI = uri.encodeURI,
  encodeURIComponent = uri.encodeURIComponent, escape = uri.escape, unescape = uri.unescape,
}
for _, name in ipairs { "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
  "Int32Array", "Uint32Array", "Float32Array", "Float64Array" } do
  globals.add { [name] = binary[name] }
end

--- `import(name)`
local function import(require_module, name)
  local ok, module = pcall(require_module, convert.to_text(name))
  if ok then return promises.of(module) end
  return promises.rejected(errors.caught(module))
end

return {
  G = globals.G, null = null, bigint = bigints.parse,
  type = type, pcall = pcall, set_shape = setmetatable,
  shape = shape.literal, object = shape.object, define_accessor = shape.define_accessor,
  array = iterate.array, pack = iterate.pack, elements = iterate.elements,
  iterate = iterate.iterate, spread = iterate.spread, joined = iterate.joined,
  close_iterator = iterate.close, keys_in = objects.keys_in, enum_member = objects.enum_member,
  get = property.get, set = property.set, define = property.define, length = property.length,
  set_length = property.set_length, call_method = property.call_method,
  delete = property.delete, has_own = property.has_own, has_property = property.has_property,
  assign = property.assign, rest = property.rest, check_object = property.check_object,
  class = class.class, new = class.new, construct_parent = class.construct_parent,
  set_constructor = class.set_constructor, set_method = class.set_method,
  class_accessor = class.accessor, add_hooks = class.add_hooks, get_super = class.get_super,
  truthy = convert.truthy, or_nil = convert.or_nil, to_key = convert.to_key,
  to_text = convert.to_text, concatenated = convert.concatenated, to_number = convert.to_number,
  add = operators.add, subtract = operators.subtract, multiply = operators.multiply,
  divide = operators.divide, remainder = operators.remainder, power = operators.power,
  to_numeric = operators.to_numeric,
  negate = operators.negate, increment = operators.increment, decrement = operators.decrement,
  bit_and = operators.bit_and, bit_or = operators.bit_or, bit_xor = operators.bit_xor,
  bit_not = operators.bit_not, shift_left = operators.shift_left,
  shift_right = operators.shift_right, shift_right_unsigned = operators.shift_right_unsigned,
  less = operators.less, less_equal = operators.less_equal, greater = operators.greater,
  greater_equal = operators.greater_equal, loosely_equal = operators.loosely_equal,
  typeof = operators.typeof, typeof_global = globals.typeof, minus_zero = operators.minus_zero,
  instance_of = operators.instance_of,
  math_floor = math.floor, math_ceil = math.ceil, math_abs = math.abs, math_sqrt = math.sqrt,
  math_sin = math.sin, math_cos = math.cos,
  random = function() return mathematics.random() end,
  throw = errors.throw, rethrow = errors.rethrow, caught = errors.caught,
  async = coroutines.async, await = coroutines.await, generator = coroutines.generator,
  yield = coroutines.yield, yield_all = coroutines.yield_all,
  async_generator = coroutines.async_generator, yield_async = coroutines.yield_async,
  yield_all_async = coroutines.yield_all_async, iterate_async = coroutines.iterate_async,
  regular_expression = regular_expressions.literal,
  template_strings = strings.template_strings,
  import = import, import_meta = shape.object,
  mark_live = exports.mark_live, pass_on = exports.pass_on, pass_all = exports.pass_all,
}
