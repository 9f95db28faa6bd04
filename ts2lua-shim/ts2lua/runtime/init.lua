--- runtime: what translated programs call, and the globals they find.

local bigints = require "ts2lua.runtime.bigints"
local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local coroutines = require "ts2lua.runtime.coroutines"
local errors = require "ts2lua.runtime.errors"
local exports = require "ts2lua.runtime.exports"
local globals = require "ts2lua.runtime.globals"
local iterate = require "ts2lua.runtime.iterate"
local null = require "ts2lua.runtime.null"
local objects = require "ts2lua.runtime.objects"
local operators = require "ts2lua.runtime.operators"
local promises = require "ts2lua.runtime.promises"
local property = require "ts2lua.runtime.property"
local shape = require "ts2lua.runtime.shape"
local strings = require "ts2lua.runtime.strings"
local timers = require "ts2lua.runtime.timers"

require "ts2lua.runtime.array_search"
require "ts2lua.runtime.arrays"
require "ts2lua.runtime.functions"
require "ts2lua.runtime.library"
require "ts2lua.runtime.numbers"

globals.add(timers.globals)

--- `import(name)`
local function import(require_module, name)
  local ok, module = pcall(require_module, convert.to_text(name))
  if ok then return promises.of(module) end
  return promises.rejected(errors.caught(module))
end

local runtime = {
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
  set_super = class.set_super,
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
  instance_of = operators.instance_of, zone = operators.zone,
  uninitialised = operators.uninitialised, initialised = operators.initialised,
  math_floor = math.floor, math_ceil = math.ceil, math_abs = math.abs, math_sqrt = math.sqrt,
  math_sin = math.sin, math_cos = math.cos,
  throw = errors.throw, rethrow = errors.rethrow, caught = errors.caught,
  async = coroutines.async, await = coroutines.await, generator = coroutines.generator,
  yield = coroutines.yield, yield_all = coroutines.yield_all,
  async_generator = coroutines.async_generator, yield_async = coroutines.yield_async,
  yield_all_async = coroutines.yield_all_async, iterate_async = coroutines.iterate_async,
  template_strings = strings.template_strings,
  import = import, import_meta = shape.object,
  mark_live = exports.mark_live, pass_on = exports.pass_on, pass_all = exports.pass_all,
}

--- Helpers of modules that are read when a program has them.
local LATER = {
  random = function() return require("ts2lua.runtime.mathematics").random end,
  sparse = function() return require("ts2lua.runtime.sparse").literal end,
  regular_expression = function()
    return require("ts2lua.runtime.regular_expressions").literal
  end,
}

return setmetatable(runtime, {
  __index = function(self, name)
    local value = LATER[name] and LATER[name]()
    rawset(self, name, value)
    return value
  end,
})
