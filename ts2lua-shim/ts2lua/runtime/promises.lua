--- promises: Promise.
---
--- Slots: 1 the state, 2 the value, 3 the reactions that wait or false, 4 whether its fate is
--- sealed, 5 whether somebody handles its rejection. All are filled from the beginning, so that
--- writing to them is a plain assignment.

local class = require "ts2lua.runtime.class"
local convert = require "ts2lua.runtime.convert"
local errors = require "ts2lua.runtime.errors"
local iterate = require "ts2lua.runtime.iterate"
local microtasks = require "ts2lua.runtime.microtasks"
local raise = require "ts2lua.runtime.raise"
local shape = require "ts2lua.runtime.shape"

local getmetatable, pcall, rawset, setmetatable, type =
  getmetatable, pcall, rawset, setmetatable, type
local add_microtask = microtasks.add

local promises = {}

local PENDING, FULFILLED, REJECTED = 0, 1, 2
promises.FULFILLED, promises.REJECTED = FULFILLED, REJECTED

local resolve, settle

local function construct(self, executor)
  if type(executor) ~= "function" then
    raise.type_error(("Promise resolver %s is not a function")
      :format(convert.describe(executor)))
  end
  rawset(self, 1, PENDING)
  for slot = 2, 5 do rawset(self, slot, false) end
  local is_decided = false
  local function once(decide)
    return function(_, value)
      if is_decided then return end
      is_decided = true
      decide(self, value)
    end
  end
  local reject = once(function(promise, value) settle(promise, REJECTED, value) end)
  local fulfil = once(function(promise, value) resolve(promise, value) end)
  local ok, problem = pcall(executor, nil, fulfil, reject)
  if not ok then reject(nil, errors.caught(problem)) end
end

promises.Promise = class.builtin("Promise", nil, construct, { is_promise = true, tag = "Promise" })
local Promise = promises.Promise
local prototype = Promise.prototype
local PLAIN = getmetatable(Promise).instance

local function is_promise(value)
  return type(value) == "table" and getmetatable(value).is_promise == true
end
promises.is = is_promise

--- A promise that nothing has happened to.
function promises.new()
  return setmetatable({ PENDING, false, false, false, false }, PLAIN)
end
local new = promises.new

--- Rejections that nobody handles yet; the host asks for them when microtasks are done.
local unhandled = {}

--- Takes the rejections that are still nobody's.
---@return any[] values
function promises.take_unhandled()
  if #unhandled == 0 then return unhandled end
  local list = {}
  for _, promise in ipairs(unhandled) do
    if not promise[5] then list[#list + 1] = promise[2] end
  end
  unhandled = {}
  return list
end

--- Gives a promise its final state. Reactions run as microtasks.
function settle(promise, state, value)
  if promise[1] ~= PENDING then return end
  local reactions = promise[3]
  promise[1], promise[2], promise[3], promise[4] = state, value, false, true
  if reactions then
    for i = 1, reactions.count, 3 do
      add_microtask(reactions[i], state, value, reactions[i + 1], reactions[i + 2])
    end
  end
  if state == REJECTED and not promise[5] then unhandled[#unhandled + 1] = promise end
end
promises.settle = settle

--- Calls `reaction(state, value, a, b)` once the promise is settled, as a microtask.
local function react(promise, reaction, a, b)
  promise[5] = true
  local state = promise[1]
  if state ~= PENDING then
    add_microtask(reaction, state, promise[2], a, b)
    return
  end
  local reactions = promise[3]
  if not reactions then
    promise[3] = { reaction, a or false, b or false, count = 3 }
    return
  end
  local count = reactions.count
  reactions[count + 1] = reaction
  reactions[count + 2], reactions[count + 3] = a or false, b or false
  reactions.count = count + 3
end
promises.react = react

local function settle_as(state, value, promise) settle(promise, state, value) end

local function follow(promise, other) react(other, settle_as, promise) end

--- Lets something that has a `then` decide.
local function adopt(promise, thenable, method)
  local is_decided = false
  local function once(decide)
    return function(_, value)
      if is_decided then return end
      is_decided = true
      decide(value)
    end
  end
  local reject = once(function(value) settle(promise, REJECTED, value) end)
  local ok, problem = pcall(method, thenable, once(function(value)
    promise[4] = false
    resolve(promise, value)
  end), reject)
  if not ok then reject(nil, errors.caught(problem)) end
end

--- Fulfils a promise with a value, or lets it follow another.
function resolve(promise, value)
  if promise[4] then return end
  promise[4] = true
  if type(value) ~= "table" then return settle(promise, FULFILLED, value) end
  if value == promise then
    return settle(promise, REJECTED,
      raise.make("TypeError", "Chaining cycle detected for promise #<Promise>"))
  end
  if is_promise(value) then return add_microtask(follow, promise, value) end
  local ok, method = pcall(function() return value["then"] end)
  if not ok then return settle(promise, REJECTED, errors.caught(method)) end
  if type(method) == "function" then return add_microtask(adopt, promise, value, method) end
  settle(promise, FULFILLED, value)
end
promises.resolve = resolve

--- A promise of a value: itself when it is one.
function promises.of(value)
  if is_promise(value) then return value end
  local promise = new()
  resolve(promise, value)
  return promise
end
local of = promises.of

function promises.rejected(value)
  local promise = new()
  settle(promise, REJECTED, value)
  return promise
end

prototype["then"] = function(self, on_fulfilled, on_rejected)
  local promise = new()
  react(self, function(state, value)
    local handler = on_rejected
    if state == FULFILLED then handler = on_fulfilled end
    if type(handler) ~= "function" then
      if state == FULFILLED then return resolve(promise, value) end
      return settle(promise, REJECTED, value)
    end
    local ok, result = pcall(handler, nil, value)
    if ok then return resolve(promise, result) end
    settle(promise, REJECTED, errors.caught(result))
  end)
  return promise
end

prototype.catch = function(self, on_rejected)
  return self["then"](self, nil, on_rejected)
end

prototype.finally = function(self, fn)
  if type(fn) ~= "function" then return self["then"](self, fn, fn) end
  local function after(continue)
    return function(_, value)
      local promise = of((fn(nil)))
      return promise["then"](promise, function() return continue(value) end)
    end
  end
  return self["then"](self, after(function(value) return value end),
    after(function(value) errors.throw(value) end))
end

-- Promise itself.

rawset(Promise, "resolve", function(_, value) return of(value) end)
rawset(Promise, "reject", function(_, value) return promises.rejected(value) end)

rawset(Promise, "withResolvers", function()
  local promise = new()
  return shape.record({ "promise", "resolve", "reject" }, { promise,
    function(_, value) resolve(promise, value) end,
    function(_, value) settle(promise, REJECTED, value) end })
end)

--- A promise for many: `take(results, i, state, value)` stores one outcome or ends it all by
--- returning a state and a value.
local function together(values, take, finish)
  local promise = new()
  local ok, problem = pcall(function()
    local list = iterate.elements(values)
    local count = list.length
    local results, left = { length = count }, count
    for i = 0, count - 1 do
      react(of(list[i]), function(state, value)
        local end_state, end_value = take(results, i, state, value)
        if end_state then return settle(promise, end_state, end_value) end
        left = left - 1
        if left == 0 then finish(promise, iterate.array(results)) end
      end)
    end
    if count == 0 then finish(promise, iterate.array(results)) end
  end)
  if not ok then settle(promise, REJECTED, errors.caught(problem)) end
  return promise
end

local function fulfil(promise, results) resolve(promise, results) end

rawset(Promise, "all", function(_, values)
  return together(values, function(results, i, state, value)
    if state == REJECTED then return REJECTED, value end
    results[i] = value
  end, fulfil)
end)

rawset(Promise, "allSettled", function(_, values)
  return together(values, function(results, i, state, value)
    if state == FULFILLED then
      results[i] = shape.record({ "status", "value" }, { "fulfilled", value })
    else
      results[i] = shape.record({ "status", "reason" }, { "rejected", value })
    end
  end, fulfil)
end)

rawset(Promise, "any", function(_, values)
  return together(values, function(results, i, state, value)
    if state == FULFILLED then return FULFILLED, value end
    results[i] = value
  end, function(promise, results)
    settle(promise, REJECTED, class.new(errors.AggregateError, results,
      "All promises were rejected"))
  end)
end)

rawset(Promise, "race", function(_, values)
  local promise = new()
  for _, value in iterate.iterate(values) do
    react(of(value), function(state, result) settle(promise, state, result) end)
  end
  return promise
end)

return promises
