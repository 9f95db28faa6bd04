--- sparse: arrays with holes.
---
--- An element that is undefined and a hole both have nothing in the table. In most arrays every
--- such element is undefined. One that gets a hole gets the metatable below, whose methods pass
--- holes over, and a set of the indices that are undefined.

local convert = require "ts2lua.runtime.convert"
local iterate = require "ts2lua.runtime.iterate"
local raise = require "ts2lua.runtime.raise"

local array, is_array, prototype = iterate.array, iterate.is_array, iterate.array_prototype
local getmetatable, rawget, rawset, setmetatable = getmetatable, rawget, rawset, setmetatable
local truthy = convert.truthy

local sparse = {}

--- Where an array with holes keeps the set of what is undefined.
local UNDEFINED = {}

local methods = setmetatable({}, { __index = prototype })
local Sparse = { __index = methods, prototype = prototype, is_array = true, is_sparse = true }

--- Is there an element, be it undefined?
---@param list table    an array with holes
---@param i integer
function sparse.has(list, i)
  if rawget(list, i) ~= nil then return true end
  local undefined = rawget(list, UNDEFINED)
  return undefined ~= nil and undefined[i] == true
end
local has = sparse.has

--- Notes that an element is undefined.
function sparse.mark(list, i)
  local undefined = rawget(list, UNDEFINED)
  if not undefined then
    undefined = {}
    rawset(list, UNDEFINED, undefined)
  end
  undefined[i] = true
end
local mark = sparse.mark

--- Prepares an array for holes; classes that extend Array have none, nor has what is frozen.
function sparse.open(list)
  if getmetatable(list) ~= iterate.Array then return end
  for i = 0, list.length - 1 do
    if list[i] == nil then mark(list, i) end
  end
  setmetatable(list, Sparse)
end

--- An array of nothing but holes.
function sparse.of_length(length)
  return setmetatable({ length = length }, length > 0 and Sparse or iterate.Array)
end

--- A literal with holes at these indices.
function sparse.literal(list, holes)
  sparse.open(array(list))
  for i = 1, #holes do rawget(list, UNDEFINED)[holes[i]] = nil end
  return list
end

--- Makes a hole.
function sparse.delete(list, i)
  sparse.open(list)
  local undefined = rawget(list, UNDEFINED)
  if undefined then undefined[i] = nil end
  rawset(list, i, nil)
end

--- Forgets what is undefined from `length` on.
function sparse.cut(list, length)
  -- Fields may be cleared while one goes over them.
  for i in next, rawget(list, UNDEFINED) or {} do
    if i >= length then rawget(list, UNDEFINED)[i] = nil end
  end
end

--- The names of the elements that are there, and how many.
function sparse.keys(list)
  local keys, count = {}, 0
  for i = 0, list.length - 1 do
    if has(list, i) then
      count = count + 1
      keys[count] = ("%d"):format(i)
    end
  end
  return keys, count
end

-- Methods that pass holes over.

local function check(fn)
  if type(fn) == "function" or type(fn) == "table" and getmetatable(fn).__call then return end
  raise.type_error(convert.describe(fn) .. " is not a function")
end

function methods.forEach(self, fn, this)
  check(fn)
  for i = 0, self.length - 1 do
    if has(self, i) then fn(this, self[i], i, self) end
  end
end

function methods.map(self, fn, this)
  check(fn)
  local mapped = sparse.of_length(self.length)
  for i = 0, self.length - 1 do
    if has(self, i) then
      local value = fn(this, self[i], i, self)
      rawset(mapped, i, value)
      if value == nil then mark(mapped, i) end
    end
  end
  return mapped
end

--- Calls `take(value, i)` for each element until it answers true; returns whether one did.
local function any(self, fn, this, take)
  check(fn)
  for i = 0, self.length - 1 do
    if has(self, i) then
      local value = self[i]
      if take(value, truthy(fn(this, value, i, self))) then return true end
    end
  end
  return false
end

function methods.filter(self, fn, this)
  local list, count = {}, 0
  any(self, fn, this, function(value, fits)
    if fits then list[count], count = value, count + 1 end
  end)
  list.length = count
  return array(list)
end

function methods.some(self, fn, this)
  return any(self, fn, this, function(_, fits) return fits end)
end

function methods.every(self, fn, this)
  return not any(self, fn, this, function(_, fits) return not fits end)
end

--- The elements that are there, as an array, and their indices.
local function dense(self)
  local list, indices, count = {}, {}, 0
  for i = 0, self.length - 1 do
    if has(self, i) then list[count], indices[count], count = self[i], i, count + 1 end
  end
  list.length = count
  return array(list), indices
end

for _, name in ipairs { "reduce", "reduceRight" } do
  methods[name] = function(self, fn, ...)
    check(fn)
    local list, indices = dense(self)
    return prototype[name](list, function(_, result, value, i)
      return fn(nil, result, value, indices[i], self)
    end, ...)
  end
end

for _, name in ipairs { "indexOf", "lastIndexOf" } do
  methods[name] = function(self, value, ...)
    if value ~= nil then return prototype[name](self, value, ...) end
    local list, indices = dense(self)
    return indices[prototype[name](list, nil)] or -1
  end
end

function methods.flatMap(self, fn, this)
  return prototype.flat(methods.map(self, fn, this))
end

-- Methods that move elements. Meanwhile what is undefined is UNDEFINED, and a hole is nothing.

local function reveal(self)
  for i in next, rawget(self, UNDEFINED) or {} do
    if rawget(self, i) == nil then rawset(self, i, UNDEFINED) end
  end
end

local function settle(list)
  local undefined, has_hole = {}, false
  for i = 0, list.length - 1 do
    local value = rawget(list, i)
    if value == UNDEFINED then
      rawset(list, i, nil)
      undefined[i] = true
    elseif value == nil then
      has_hole = true
    end
  end
  rawset(list, UNDEFINED, has_hole and undefined or nil)
  return setmetatable(list, has_hole and Sparse or iterate.Array)
end

--- Wraps a method; its arguments from `first` on are new elements.
local function moving(name, first)
  methods[name] = function(self, ...)
    local count, arguments = select("#", ...), { ... }
    for i = first, count do
      if arguments[i] == nil then arguments[i] = UNDEFINED end
    end
    reveal(self)
    local ok, result = pcall(prototype[name], self, unpack(arguments, 1, count))
    settle(self)
    if not ok then error(result, 0) end
    if result == UNDEFINED then return nil end
    return is_array(result) and result ~= self and settle(result) or result
  end
end

for _, name in ipairs { "slice", "reverse", "shift", "copyWithin" } do moving(name, math.huge) end
for name, first in pairs { unshift = 1, splice = 3 } do moving(name, first) end

function methods.push(self, ...)
  local length = self.length
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    rawset(self, length, value)
    if value == nil then mark(self, length) end
    length = length + 1
  end
  rawset(self, "length", length)
  return length
end

function methods.pop(self)
  local length = self.length
  if length == 0 then return nil end
  local last = self[length - 1]
  sparse.delete(self, length - 1)
  rawset(self, "length", length - 1)
  return last
end

function methods.fill(self, ...)
  local count, arguments = select("#", ...), { ... }
  if arguments[1] == nil then arguments[1] = UNDEFINED end
  prototype.fill(self, unpack(arguments, 1, math.max(count, 1)))
  reveal(self)
  return settle(self)
end

function methods.sort(self, compare)
  local list = prototype.sort(dense(self), compare)
  for i = 0, self.length - 1 do
    local value = list[i]
    if value == nil and i < list.length then value = UNDEFINED end
    rawset(self, i, value)
  end
  return settle(self)
end

local function append(list, value)
  if value == nil then value = UNDEFINED end
  rawset(list, list.length, value)
  rawset(list, "length", list.length + 1)
end

local function append_all(list, other)
  local can_miss = getmetatable(other).is_sparse
  for i = 0, other.length - 1 do
    if can_miss and not has(other, i) then
      rawset(list, "length", list.length + 1)
    else
      append(list, other[i])
    end
  end
end

function methods.concat(self, ...)
  local list = array { length = 0 }
  append_all(list, self)
  for i = 1, select("#", ...) do
    local other = select(i, ...)
    if is_array(other) then append_all(list, other) else append(list, other) end
  end
  return settle(list)
end
sparse.concat = methods.concat

return sparse
