--- coroutines: async functions and generators.
---
--- Each runs in a coroutine, which yields what it waits for (AWAIT) or gives out (GIVE).

local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local microtasks = require "ts2lua.runtime.microtasks"
local promises = require "ts2lua.runtime.promises"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"
local symbol = require "ts2lua.runtime.symbol"

local create, resume, status, yield = coroutine.create, coroutine.resume, coroutine.status,
  coroutine.yield
local add_microtask, of, react = microtasks.add, promises.of, promises.react
local result = iterate.result
local type = type
local FULFILLED, REJECTED = promises.FULFILLED, promises.REJECTED

local coroutines = {}

local AWAIT, GIVE, DONE = {}, {}, {}
--- How a generator is gone on with.
local NEXT, THROW, RETURN = 1, 2, 3

-- Async functions.

--- Coroutines whose function has ended, to be used again: making one costs more than all else.
local idle, idle_count = {}, 0
local IDLE_MAX = 64

--- The body of such a coroutine: one function after the other.
local function worker(fn, ...)
  return worker(yield(DONE, (fn(...))))
end

local step

local function go_on_with(state, outcome, thread, promise)
  return step(thread, promise, state, outcome)
end

--- Runs a coroutine until it waits or ends.
function step(thread, promise, ...)
  local ok, signal, value = resume(thread, ...)
  if signal == AWAIT then
    if type(value) ~= "table" then
      return add_microtask(go_on_with, FULFILLED, value, thread, promise)
    end
    return react(of(value), go_on_with, thread, promise)
  end
  if not ok then return promises.settle(promise, REJECTED, errors.caught(signal)) end
  if idle_count < IDLE_MAX then
    idle_count = idle_count + 1
    idle[idle_count] = thread
  end
  return promises.resolve(promise, value)
end

local function take_idle()
  if idle_count == 0 then return create(worker) end
  local thread = idle[idle_count]
  idle[idle_count] = nil
  idle_count = idle_count - 1
  return thread
end

--- `async function`
function coroutines.async(fn)
  return function(...)
    local promise = promises.new()
    step(take_idle(), promise, fn, ...)
    return promise
  end
end

--- `await value`, in the coroutine of an async function.
function coroutines.await(value)
  local state, outcome = yield(AWAIT, value)
  if state == REJECTED then errors.throw(outcome) end
  return outcome
end

-- Generators. Slots: 1 the coroutine, 2 the arguments, 3 whether it runs, 4 whether it has ended.

local generator_prototype = setmetatable({}, { __index = iterate.iterator_prototype })
local Generator = { __index = generator_prototype, prototype = generator_prototype }

--- A thrown RETURN passes through every finally of the generator.
local Returned = {}

local function go_on(generator, how, value)
  if generator[3] then raise.type_error "Generator is already running" end
  if generator[4] then
    if how == THROW then errors.throw(value) end
    return result(how == RETURN and value or nil, true)
  end
  local arguments = generator[2]
  if arguments and how ~= NEXT then
    generator[4] = true
    return go_on(generator, how, value)
  end
  generator[3] = true
  local ok, signal, given
  if arguments then
    generator[2] = nil
    ok, signal, given = resume(generator[1], unpack(arguments, 1, arguments.count))
  else
    ok, signal, given = resume(generator[1], how, value)
  end
  generator[3] = false
  if ok and status(generator[1]) ~= "dead" then return result(given, false) end
  generator[4] = true
  if ok then return result(signal, true) end
  if type(signal) == "table" and getmetatable(signal) == Returned then
    return result(signal.value, true)
  end
  error(signal, 0)
end

function generator_prototype.next(self, value) return go_on(self, NEXT, value) end
generator_prototype["return"] = function(self, value) return go_on(self, RETURN, value) end
generator_prototype.throw = function(self, value) return go_on(self, THROW, value) end
generator_prototype[symbol.iterator] = function(self) return self end

--- `function*`
function coroutines.generator(fn)
  return function(...)
    return setmetatable({ create(fn), { count = select("#", ...), ... }, false, false }, Generator)
  end
end

--- What a generator finds when it is gone on with.
local function received(how, value)
  if how == THROW then errors.throw(value) end
  if how == RETURN then error(setmetatable({ value = value }, Returned), 0) end
  return value
end

--- `yield value`
function coroutines.yield(value)
  return received(yield(GIVE, value))
end

--- Goes on with the inner iterator as the outer generator was.
local function pass_on(iterator, how, value)
  if how == THROW then
    if type(iterator.throw) == "function" then return iterator:throw(value) end
    iterate.close(iterator)
    raise.type_error "The iterator does not provide a 'throw' method"
  end
  if how == RETURN then
    iterate.close(iterator)
    error(setmetatable({ value = value }, Returned), 0)
  end
  return iterator:next(value)
end

local function iterator_of(value)
  local method = type(value) == "table" and value[symbol.iterator]
  if type(value) == "string" then return iterate.elements(value):values() end
  if type(method) ~= "function" then raise.type_error "this is not iterable" end
  return method(value)
end

--- `yield* iterable`
function coroutines.yield_all(value)
  local iterator = iterator_of(value)
  local answer = iterator:next()
  while not answer.done do
    answer = pass_on(iterator, yield(GIVE, answer.value))
  end
  return answer.value
end

--- Lets a `catch` of a generator see what was thrown, and nothing of a `return`.
local plain_caught = errors.caught
function errors.caught(problem)
  if type(problem) == "table" and getmetatable(problem) == Returned then error(problem, 0) end
  return plain_caught(problem)
end

-- Async generators.

local function run(thread, promise, finish, ...)
  local ok, signal, value = resume(thread, ...)
  if not ok then
    finish()
    if type(signal) == "table" and getmetatable(signal) == Returned then
      return promises.resolve(promise, result(signal.value, true))
    end
    return promises.settle(promise, REJECTED, plain_caught(signal))
  end
  if status(thread) == "dead" then
    finish()
    return promises.settle(promise, FULFILLED, result(signal, true))
  end
  if signal == AWAIT then
    return promises.react(promises.of(value), function(state, outcome)
      run(thread, promise, finish, state, outcome)
    end)
  end
  promises.settle(promise, FULFILLED, result(value, false))
end

--- Requests come one after the other: the next one runs when the promise before it is settled.
local function enqueue(state, how, value)
  local promise = promises.new()
  local function start()
    if state.is_done then
      if how == THROW then return promises.settle(promise, REJECTED, value) end
      return promises.settle(promise, FULFILLED, result(how == RETURN and value or nil, true))
    end
    local function finish() state.is_done = true end
    if state.arguments then
      local arguments = state.arguments
      state.arguments = nil
      if how ~= NEXT then
        finish()
        return start()
      end
      return run(state.thread, promise, finish, unpack(arguments, 1, arguments.count))
    end
    run(state.thread, promise, finish, how, value)
  end
  local before = state.last
  state.last = promise
  if before and before[1] == 0 then promises.react(before, start) else start() end
  return promise
end

--- `async function*`
function coroutines.async_generator(fn)
  return function(...)
    local state = { thread = create(fn), arguments = { count = select("#", ...), ... } }
    local generator = shape.object()
    rawset(generator, "next", function(_, value) return enqueue(state, NEXT, value) end)
    rawset(generator, "return", function(_, value) return enqueue(state, RETURN, value) end)
    rawset(generator, "throw", function(_, value) return enqueue(state, THROW, value) end)
    rawset(generator, symbol.async_iterator, function(self) return self end)
    return generator
  end
end

--- `yield value` of an async generator, which awaits the value first.
function coroutines.yield_async(value)
  return received(yield(GIVE, coroutines.await(value)))
end

--- `yield* iterable` of an async generator.
function coroutines.yield_all_async(value)
  for _, each in coroutines.iterate_async(value) do coroutines.yield_async(each) end
end

local function next_awaited(iterator, i)
  local answer = coroutines.await(iterator:next())
  if type(answer) ~= "table" then raise.type_error "Iterator result is not an object" end
  if answer.done then return nil end
  return i + 1, answer.value
end

--- Lua's `for` over what `for await` walks.
function coroutines.iterate_async(value)
  local method = type(value) == "table" and value[symbol.async_iterator]
  if type(method) == "function" then return next_awaited, method(value), 0 end
  local next_one, state, start = iterate.iterate(value)
  return function(_, i)
    local after, element = next_one(state, i)
    if after == nil then return nil end
    return after, coroutines.await(element)
  end, state, start
end

return coroutines
